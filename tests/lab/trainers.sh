#!/bin/sh
# Goal: trainers' loaders as they are (WebDataset, Hugging Face datasets, boto3, s3fs; from PyPI) read every sample of a real
# dataset, in order, as another reader of the format opens it; lose a tenth of their speed at most beside plaintext shards over
# HTTP; and raise an error for every kind of damage.
# usage: sh tests/lab/trainers.sh [read|damage|speed ...]      default: all. STAGER_LAB_VENV: where the Python packages are; where
# torch is among them PyTorch's DataLoader with workers reads, too.
. "$(dirname "$0")/lib.sh"
[ $# -gt 0 ] || set -- read damage speed
wanted=$*
want() { case " $wanted " in *" $1 "*) return 0 ;; esac; return 1; }
cd "$work" || exit 1
lab=$STAGER_TESTS/lab
tool=$STAGER_BUILD/../../tests/node_tool
venv=${STAGER_LAB_VENV:-${TMPDIR:-/tmp}/stager-lab-venv-$(id -u)}
if [ ! -x "$venv/bin/python" ] || ! "$venv/bin/python" -c 'import webdataset, datasets, boto3, s3fs' 2>/dev/null; then
	/usr/bin/python3 -m venv "$venv" && "$venv/bin/pip" install -q webdataset datasets "s3fs>=2024.2" boto3 >pip.log 2>&1 || {
		tail -n 3 pip.log
		echo "skipped: WebDataset, datasets, boto3 and s3fs cannot be had from PyPI"
		exit 77
	}
fi
# Debian's modules must not stand in for them.
loader() { PYTHONDONTWRITEBYTECODE=1 HF_HOME=$work/hf HF_HUB_OFFLINE=1 "$venv/bin/python" "$lab/loaders.py" "$@"; }
"$venv/bin/pip" list 2>/dev/null | grep -iE '^(webdataset|datasets|boto3|s3fs|torch) ' | tr -s ' ' | paste -sd, | sed 's/^/loaders: /'

pytorch=
if "$venv/bin/python" -c 'import torch' 2>/dev/null; then
	pytorch=1
else
	echo "skipped: PyTorch's DataLoader, for want of torch ($venv/bin/pip install torch)"
fi

make_house "$work/house" || exit 1
stager-node keygen --out job.key --pub job.pub || exit 1
stager-node keygen --out other.key --pub other.pub || exit 1

# ---- a real dataset: DICOM files under their own names, under UIDs, and without an extension ----

/usr/bin/python3 - dicom <<'END' || { echo "skipped: no python3-pydicom"; exit 77; }
import os, pydicom, shutil, sys
data, to = os.path.join(os.path.dirname(pydicom.__file__), "data", "test_files"), sys.argv[1]
for visit in "1", "2", "3":
    for kind in "plain", "uid", "bare":
        os.makedirs(os.path.join(to, visit, kind))
    for n, name in enumerate(sorted(f for f in os.listdir(data) if f.endswith(".dcm"))):
        path = os.path.join(data, name)
        shutil.copy(path, os.path.join(to, visit, "plain", name))
        shutil.copy(path, os.path.join(to, visit, "uid", "1.2.826.0.1.3680043.8.498.%d.%d" % (n, 10 ** 12 + n)))
        shutil.copy(path, os.path.join(to, visit, "bare", "IM%06d" % n))
END
policy "  - {match: '**', format: dicom, burned_in: keep, subject: PatientID}" 1MiB >dicom.yaml
pushed dicom dicom dicom.yaml || exit 1
set=house/vault/$version/abroad
shards=$(find "$set" -name 'shard-*.body' | wc -l)
asked request.json "$version" job.pub --slots "$shards" --redemptions 400 || exit 1

# The reference: bodies opened by a reader that is not ours, with headers that a test tool gives away.
mkdir foreign
"$tool" --house 'stager release' --pin house/house.json --request request.json --job-key job.key --out foreign --restart 1 || exit 1
for header in foreign/shard-*.header; do
	shard=$(basename "$header" .header)
	cat "$header" "$set/$shard.body" >one.c4gh
	/usr/bin/python3 "$STAGER_TESTS/peer_c4gh.py" open one.c4gh --key foreign/reader.key --sums "$set/$shard.sums" >"foreign/$shard.tar" ||
		exit 1
	loader tar "foreign/$shard.tar" | grep -v '^end'
done >wanted
count=$(wc -l <wanted)
echo "end $count" >>wanted
rm -f one.c4gh
[ "$shards" -ge 5 ] && [ "$count" -ge 60 ] && pass "$count members in $shards shards" || fail "$count members in $shards shards"

restart=100
next() { restart=$((restart + 1)); }
# options FROM: $opts, of every command of the node; a release of its own
options() {
	next
	opts="--house 'stager release' --pin $work/house/house.json --request $work/request.json --job-key $work/${key:-job.key} --from $1 --restart $restart --wait 0"
}
pipe_url() { # FROM: $url
	options "$1"
	url="pipe:stager-node cat $opts"
}
# in_job FROM COMMAND...: beside a gateway
in_job() {
	from=$1
	shift
	options "$from"
	eval "stager-node run $opts --memory 256M -- \"\$@\""
}
# pipe_urls FROM [OPTIONS]: $pipes, one for each shard, to be evaluated. A slot each: workers open them in no certain order, and a lower
# restart count of a slot is an old one.
pipe_urls() {
	pipes=
	n=0
	while [ $n -lt "$shards" ]; do
		options "$1"
		pipes="$pipes \"pipe:stager-node cat $opts --slot $n ${2:-} $n\""
		n=$((n + 1))
	done
}
urls() { # on one line: of all shards, for a shell inside the job
	n=0
	while [ $n -lt "$shards" ]; do
		printf '%s ' "$1$(printf 'shard-%05d.tar' $n)"
		n=$((n + 1))
	done
}
equal() { # WHAT FILE
	if cmp -s "$2" wanted; then pass "$1"; else
		diff "$2" wanted >diff.out
		fail "$1" diff.out err
	fi
}

if want read; then
	pipe_url house/vault
	loader webdataset "$url" >got 2>err
	equal "WebDataset by pipe:stager-node cat" got
	cat >in.sh <<'END'
url=$STAGER_URL/$STAGER_VERSION/
http=
for n in $NAMES; do http="$http $url$n"; done
# shellcheck disable=SC2086
{
	$LOADER webdataset $http >got.webdataset 2>err.webdataset
	$LOADER datasets $http >got.datasets 2>err.datasets
	[ -z "$PYTORCH" ] || $LOADER torch $http >got.torch 2>err.torch
	$LOADER boto3 >got.boto3 2>err.boto3
	$LOADER s3fs >got.s3fs 2>err.s3fs
	$LOADER members >got.members 2>err.members
	$LOADER webdataset $http >got.again 2>err.again
	curl -q -s -o /dev/null -w '%{http_code}' "$url$n" >got.anonymous
	curl -s -o /dev/null -w '%{http_code}' "$url"nothing >got.nothing
}
END
	LOADER="$venv/bin/python $lab/loaders.py" NAMES=$(urls '') HF_HOME=$work/hf HF_HUB_OFFLINE=1 PYTHONDONTWRITEBYTECODE=1
	PYTORCH=$pytorch
	export LOADER NAMES PYTORCH HF_HOME HF_HUB_OFFLINE PYTHONDONTWRITEBYTECODE
	ok "a job beside a gateway" in_job house/vault sh in.sh
	for kind in webdataset datasets boto3 s3fs again; do
		cp err.$kind err
		equal "by the gateway: $kind" got.$kind
	done
	sort wanted >wanted.sorted
	if [ -n "$pytorch" ]; then
		pipe_urls house/vault
		eval "loader torch $pipes" >got.pipes 2>err.pipes
		for kind in torch pipes; do
			sort got.$kind | cmp -s - wanted.sorted && pass "DataLoader with workers, $kind: every sample" ||
				fail "DataLoader with workers, $kind: every sample" err.$kind
		done
	fi
	sort got.members >got.sorted
	cmp -s got.sorted wanted.sorted && pass "by the gateway: every member by its name" ||
		fail "by the gateway: every member by its name" err.members
	same "by the gateway: nobody without the password" "$(cat got.anonymous)" 403
	same "by the gateway: nothing that is not there" "$(cat got.nothing)" 404
	stager request show "$(cat request.json.id)" --json >uses.json
	same "its receipt is here" "$(json uses.json "[x['result'] for x in j['uses'] if x['type'] == 'receipt' and x['restart'] == $restart]")" "['done']"
fi

# ---- damage: an error, and of what came before only what is right ----

# broke WHAT STATUS: the loader said 9, and what it gave is a true beginning of the members
broke() {
	if [ "$2" = 9 ] && ! grep -q '^end' got && /usr/bin/python3 -c 'import sys
got, wanted = open("got").read(), open("wanted").read()
sys.exit(not wanted.startswith(got))'; then
		pass "$1: $(wc -l <got) of $count samples, then $(head -n 1 err | cut -c1-60)"
	else
		fail "$1: status $2, $(wc -l <got) of $count samples" err
	fi
}
# workers_broke WHAT STATUS: the same where workers take turns: what came is of the members, none twice
workers_broke() {
	sort got >got.sorted
	if [ "$2" = 9 ] && ! grep -q '^end' got && [ -z "$(uniq -d got.sorted)" ] && [ -z "$(sort -u wanted | comm -23 got.sorted -)" ]; then
		pass "$1: $(wc -l <got) of $count samples, then $(head -n 1 err | cut -c1-60)"
	else
		fail "$1: status $2, $(wc -l <got) of $count samples" err
	fi
}
# hurt WHAT COMMAND: a copy in $work/copy, hurt; by pipe and by gateway
hurt() {
	rm -rf copy
	mkdir copy
	cp -r "house/vault/$version" copy/
	body=copy/$version/abroad/shard-00002.body
	eval "$2"
	pipe_url copy
	loader webdataset "$url" >got 2>err
	broke "pipe: $1" $?
	in_job copy sh -c "$LOADER webdataset $(urls "\$STAGER_URL/\$STAGER_VERSION/") >got 2>err; echo \$? >status" >run.out 2>run.err
	# A gateway that finds it at its start never starts the loader.
	[ -e status ] || { cp run.err err; : >got; echo 9 >status; }
	broke "gateway: $1" "$(cat status)"
	rm -f status
	[ -n "$pytorch" ] || return 0
	pipe_urls copy
	eval "loader torch $pipes" >got 2>err
	workers_broke "pipe, workers: $1" $?
	in_job copy sh -c "$LOADER torch $(urls "\$STAGER_URL/\$STAGER_VERSION/") >got 2>err; echo \$? >status" >run.out 2>run.err
	[ -e status ] || { cp run.err err; : >got; echo 9 >status; }
	workers_broke "gateway, workers: $1" "$(cat status)"
	rm -f status
}
if want damage; then
	LOADER="$venv/bin/python $lab/loaders.py"
	# Where the members of shard 2 begin in its plaintext.
	/usr/bin/python3 -c 'import sys, tarfile
with tarfile.open("foreign/shard-00002.tar") as tar:
    print(*[m.offset for m in tar.getmembers()])' >offsets
	middle=$(awk '{print $(int(NF / 2) + 1)}' offsets)
	sealed() { echo $(($1 / 65536 * 65564 + $1 % 65536 + 12)); } # where a byte of plaintext lies in the body
	hurt "one bit flipped" 'printf "\001" | dd of=$body bs=1 seek=$(sealed $((middle + 700))) conv=notrunc 2>/dev/null'
	hurt "cut at a member's boundary" 'truncate -s $(sealed $middle) $body'
	hurt "cut in a header" 'truncate -s $(sealed $((middle + 100))) $body'
	hurt "cut between two segments" 'truncate -s $((65564 * 2)) $body'
	hurt "two shards swapped" 'mv $body x && mv copy/$version/abroad/shard-00003.body $body && mv x copy/$version/abroad/shard-00003.body'
	hurt "a shard gone" 'rm $body'
	hurt "its sums gone" 'rm copy/$version/abroad/shard-00002.sums'

	# The endpoint goes while it is read: a web server that is killed in the middle.
	if command -v nginx >/dev/null; then
		mkdir -p web
		cat >web/nginx.conf <<END
user root; daemon off; worker_processes 1; pid $work/web/pid; error_log $work/web/log;
events {}
http { access_log off; client_body_temp_path $work/web/t; proxy_temp_path $work/web/t; fastcgi_temp_path $work/web/t;
  uwsgi_temp_path $work/web/t; scgi_temp_path $work/web/t;
  server { listen 127.0.0.1:18490; root $work/house/vault; limit_rate 200k; } }
END
		for kind in webdataset ${pytorch:+torch}; do
			nginx -e "$work/web/log" -c "$work/web/nginx.conf" &
			nginx=$!
			sleep 1
			{ sleep 6; kill $nginx; } &
			if [ $kind = torch ]; then
				pipe_urls http://127.0.0.1:18490/ "--plain-http --streams 1 --tries 2"
				eval "loader torch $pipes" >got 2>err
				workers_broke "pipe, workers: the endpoint goes" $?
			else
				pipe_url http://127.0.0.1:18490/
				loader webdataset "$url --plain-http --streams 1 --tries 2" >got 2>err
				broke "pipe: the endpoint goes" $?
			fi
			wait $nginx 2>/dev/null
		done
	fi
	# The gateway goes while it is read.
	in_job house/vault sh -c "for n in \$(seq 50); do $LOADER webdataset $(urls "\$STAGER_URL/\$STAGER_VERSION/") >got 2>err || exit 9; done" \
		>run.out 2>run.err &
	job=$!
	next # as the job's own shell did
	sleep 4
	gateway=$(pgrep -f "stager-node gateway.*--restart $restart " | head -n 1)
	kill -KILL "$gateway"
	wait $job
	same "the gateway is killed: run fails, and says so" "$(($? != 0)) $(grep -c 'the gateway has ended' run.err)" "1 1"

	key=other.key
	pipe_url house/vault
	loader webdataset "$url" >got 2>err
	broke "pipe: another job's key" $?
	if [ -n "$pytorch" ]; then
		pipe_urls house/vault
		eval "loader torch $pipes" >got 2>err
		workers_broke "pipe, workers: another job's key" $?
	fi
	expect_status 3 "gateway: another job's key" in_job house/vault true
	key=job.key
	asked short.json "$version" job.pub --until $(($(date +%s) + 3)) --redemptions 2 || exit 1
	sleep 4
	pipe_url house/vault
	loader webdataset "$(echo "$url" | sed 's:/request.json:/short.json:')" >got 2>err
	broke "pipe: after the window" $?
	if [ -n "$pytorch" ]; then
		pipe_urls house/vault
		eval "loader torch $(echo "$pipes" | sed 's:/request.json:/short.json:g')" >got 2>err
		workers_broke "pipe, workers: after the window" $?
	fi
fi

# ---- speed: the same loader on plaintext shards over HTTP ----

if want speed; then
	if ! command -v nginx >/dev/null; then
		echo "skipped: speed, no nginx"
	else
		mkdir big
		/usr/bin/python3 -c 'import os
for n in range(128):
    with open("big/%03d.bin" % n, "wb") as f:
        f.write(os.urandom(4 << 20))'
		policy "  - {match: '**', format: opaque, ext: bin}" 64MiB >big.yaml
		pushed big big big.yaml || exit 1
		rm -rf big
		asked request.json "$version" job.pub --redemptions 20 || exit 1
		shards=$(find "house/vault/$version/abroad" -name 'shard-*.body' | wc -l)
		mkdir -p plain web/t
		n=0
		while [ $n -lt "$shards" ]; do
			options house/vault
			eval "stager-node cat $opts $n" >"plain/$(printf 'shard-%05d.tar' $n)" || exit 1
			n=$((n + 1))
		done
		cat >web/speed.conf <<END
user root; daemon off; worker_processes 1; pid $work/web/pid2; error_log $work/web/log;
events {}
http { access_log off; sendfile on; client_body_temp_path $work/web/t; proxy_temp_path $work/web/t; fastcgi_temp_path $work/web/t;
  uwsgi_temp_path $work/web/t; scgi_temp_path $work/web/t;
  server { listen 127.0.0.1:18491; root $work/plain; } }
END
		nginx -e "$work/web/log" -c "$work/web/speed.conf" &
		nginx=$!
		sleep 1
		cat >speed.py <<'END'
"""The two in turn, so that both meet the same neighbours; medians and their ratio."""
import os, statistics, subprocess, sys
urls = {"nginx": "http://127.0.0.1:18491/", "gateway": "%s/%s/" % (os.environ["STAGER_URL"], os.environ["STAGER_VERSION"])}
seconds = {"nginx": [], "gateway": []}
for turn in range(8):
    for kind in urls:
        got = subprocess.run(os.environ["LOADER"].split() + ["time", "webdataset"] + [urls[kind] + n for n in os.environ["NAMES"].split()],
                             stdout=subprocess.PIPE, check=True).stdout.split()
        if turn > 0: # the first fills caches
            seconds[kind].append((float(got[1]), float(got[2]), int(got[0])))
print("| WebDataset over HTTP | seconds | MB/s | its own processor, s |")
print("|---|---|---|---|")
median = {}
for kind in urls:
    median[kind] = statistics.median(s[0] for s in seconds[kind])
    print("| %s | %.2f | %.0f | %.2f |" % (kind, median[kind], seconds[kind][0][2] / median[kind] / 1e6, statistics.median(s[1] for s in seconds[kind])))
ratio = median["gateway"] / median["nginx"]
print("gateway / nginx: %.3f" % ratio)
sys.exit(ratio > 1.10)
END
		NAMES=$(urls '') LOADER="$venv/bin/python $lab/loaders.py"
		export NAMES LOADER
		options house/vault
		eval "stager-node run $opts --memory 1G -- /usr/bin/python3 speed.py" >out 2>err &&
			pass "at most a tenth slower than plaintext shards from nginx" ||
			fail "at most a tenth slower than plaintext shards from nginx" out err
		cat out
		kill $nginx
		wait $nginx 2>/dev/null
	fi
fi
finish
