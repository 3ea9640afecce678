/* stager-key as a program: started by exec, one purpose each, over its control socket. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

#include "image.h"
#include "key_house.h"

struct program {
	pid_t pid;
	int control, out;
};

/* Start it with the root secret on 4, the journal on 5 (-1: none), and stdout in a pipe. extra: more arguments. */
static struct program
start(const char *purpose, const void *root, size_t root_len, int journal, const char *extra)
{
	struct program p = {.pid = -1, .control = -1, .out = -1};
	int pair[2], out[2], file;
	char path[4096];

	(void)snprintf(path, sizeof(path), "%s/stager-key", getenv("STAGER_BUILD"));
	must(wire_pair(pair, &e));
	must(pipe2(out, O_CLOEXEC));
	must(file = memfd_create("root", MFD_CLOEXEC));
	if (pwrite(file, root, root_len, 0) != (ssize_t)root_len)
		abort();
	if ((p.pid = fork()) == 0) {
		int quiet = open("/dev/null", O_RDWR), from[3];

		/* Up and out of the way, then down to where they belong. */
		from[0] = fcntl(pair[1], F_DUPFD, 64);
		from[1] = fcntl(file, F_DUPFD, 64);
		from[2] = journal == -1 ? -1 : fcntl(journal, F_DUPFD, 64);
		if (dup2(quiet, 0) == -1 || dup2(out[1], 1) == -1 || dup2(from[0], 3) == -1 ||
		    dup2(from[1], 4) == -1)
			_exit(99);
		if (from[2] == -1 ? close(5) == -1 && errno != EBADF : dup2(from[2], 5) == -1)
			_exit(99);
		if (getenv("STAGER_TEST_LOUD") == NULL)
			(void)dup2(quiet, 2);
		(void)execl(
		    path, "stager-key", purpose, extra != NULL ? "--prove" : NULL, extra, (char *)NULL);
		_exit(99);
	}
	p.control = pair[0];
	p.out = out[0];
	(void)close(pair[1]);
	(void)close(out[1]);
	(void)close(file);
	return p;
}

/* Close the socket; the exit status, or 128 + the signal. */
static int
end(struct program *p)
{
	int status = -1;

	io_close(&p->control);
	io_close(&p->out);
	if (waitpid(p->pid, &status, 0) != p->pid)
		return -1;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static void
send_json(struct program *p, enum wire_type type, struct json *body)
{
	CHECK_OK(wire_send(p->control, type, body, NULL, 0, &e));
	json_free(body);
}

static struct json *
load_message(const struct json *blobs, const char *name)
{
	struct json *j = json_object();

	json_set_string(j, "house", HOUSE);
	json_set(j, "blob", json_copy(json_get(blobs, name)));
	return j;
}

static const uint8_t root[ROOT_LEN] = "a root secret that is for a test";

static struct json *
init(void)
{
	struct program p = start("init", root, sizeof(root), -1, NULL);
	struct json *j = json_object(), *blobs;
	struct house_card card;
	struct buf text;

	json_set_string(j, "house", HOUSE);
	send_json(&p, WIRE_KEY_INIT, j);
	blobs = wire_expect(p.control, WIRE_KEY_BLOBS, NULL, 0, &e);
	must_have(blobs);
	CHECK(end(&p) == 0);
	buf_init(&text, 4096);
	get_base64(blobs, "card", &text);
	CHECK_OK(house_card_decode(text.data, text.len, &card, &e));
	CHECK(strcmp(card.house, HOUSE) == 0);
	buf_free(&text);
	return blobs;
}

/* Exit status of one that gets this message first. */
static int
first_message(const char *purpose, enum wire_type type, struct json *body)
{
	struct program p = start(purpose, root, sizeof(root), -1, NULL);
	int status;

	if (body != NULL)
		send_json(&p, type, body);
	/* Wait for its end by reading: it says nothing. */
	if (body != NULL && wire_expect(p.control, WIRE_OK, NULL, 0, &e) != NULL)
		CHECK(false);
	status = end(&p);
	return status;
}

static void
test_start(const struct json *blobs)
{
	struct json *wrong;
	struct program p;

	CHECK(first_message("sign", WIRE_END, NULL) == 0);
	CHECK(first_message("open", WIRE_CHALLENGE, json_object()) == 3);
	CHECK(first_message("init", WIRE_KEY_LOAD, load_message(blobs, "open")) == 3);
	CHECK(first_message("sign", WIRE_KEY_SIGN, json_object()) == 3);
	/* Another purpose's keys; another house's name; another root. */
	CHECK(first_message("sign", WIRE_KEY_LOAD, load_message(blobs, "ingest")) == 4);
	wrong = load_message(blobs, "sign");
	json_set_string(wrong, "house", "house-b");
	CHECK(first_message("sign", WIRE_KEY_LOAD, wrong) == 4);
	p = start("sign", "another root secret, of 32 bytes", 32, -1, NULL);
	send_json(&p, WIRE_KEY_LOAD, load_message(blobs, "sign"));
	CHECK(wire_expect(p.control, WIRE_OK, NULL, 0, &e) == NULL);
	CHECK(end(&p) == 4);
	/* A root secret that is too short or too long; no purpose, an unknown one. */
	p = start("sign", root, 31, -1, NULL);
	CHECK(end(&p) == 3);
	p = start("sign", "0123456789abcdef0123456789abcdef", 33, -1, NULL);
	CHECK(end(&p) == 3);
	p = start(NULL, root, 32, -1, NULL);
	CHECK(end(&p) == 2);
	p = start("kek", root, 32, -1, NULL);
	CHECK(end(&p) == 2);
	/* ingest holds its key, and does nothing yet. */
	p = start("ingest", root, 32, -1, NULL);
	send_json(&p, WIRE_KEY_LOAD, load_message(blobs, "ingest"));
	CHECK(end(&p) == 0);
}

static void
test_pseudonym(struct test_house *h, const struct json *blobs)
{
	struct program p = start("pseudonym", root, sizeof(root), -1, NULL);
	struct json *j = json_object(), *ok;
	struct digest_part parts[] = {{"umc", 3}, {"ct-2027", 7}, {"research", 8}, {"12", 2}};
	struct secret *master = open_blob(h, "pseudonym", KEY_PSEUDONYM), *want;
	uint8_t got[33];
	int fds[2];

	must(pipe2(fds, O_CLOEXEC));
	send_json(&p, WIRE_KEY_LOAD, load_message(blobs, "pseudonym"));
	json_set_string(j, "holder", "umc");
	json_set_string(j, "project", "ct-2027");
	json_set_string(j, "domain", "research");
	json_set_int(j, "generation", 12);
	CHECK_OK(wire_send(p.control, WIRE_KEY_SUBKEY, j, &fds[1], 1, &e));
	CHECK((ok = wire_expect(p.control, WIRE_OK, NULL, 0, &e)) != NULL);
	json_free(ok);
	CHECK(read(fds[0], got, sizeof(got)) == 32);
	must_have(want = digest_subkey(master, "stager pseudonym v1", parts, 4, &e));
	CHECK(memcmp(got, want->bytes, 32) == 0);
	/* Without a descriptor, or with one too many, it is over. */
	CHECK_OK(wire_send(p.control, WIRE_KEY_SUBKEY, j, NULL, 0, &e));
	CHECK(wire_expect(p.control, WIRE_OK, NULL, 0, &e) == NULL);
	CHECK(end(&p) == 3);
	(void)close(fds[0]);
	(void)close(fds[1]);
	json_free(j);
	secret_free(want);
	secret_free(master);
}

/* Ask a fresh instance to sign: 0 with the envelope in out, or its exit status. */
static int
ask_sign(const struct json *blobs, const char *type, const struct buf *payload, struct buf *out)
{
	struct program p = start("sign", root, sizeof(root), -1, NULL);
	struct json *j = json_object(), *reply;

	send_json(&p, WIRE_KEY_LOAD, load_message(blobs, "sign"));
	json_set_string(j, "type", type);
	set_base64(j, "payload", payload);
	send_json(&p, WIRE_KEY_SIGN, j);
	if ((reply = wire_expect(p.control, WIRE_KEY_SIGNED, NULL, 0, &e)) != NULL)
		get_base64(reply, "envelope", out);
	json_free(reply);
	return end(&p);
}

static void
test_sign(struct test_house *h, const struct json *blobs)
{
	static struct answer a = {.checkpoint = "stager/" HOUSE "\n", .end = 1};
	struct buf payload, envelope;
	uint8_t key[SIGN_PUBLIC_LEN];
	struct dsse *d = NULL;

	buf_init(&payload, MANIFEST_MAX);
	buf_init(&envelope, 2 * MANIFEST_MAX);
	must(sign_public(h->sign, key, &e));
	CHECK_OK(manifest_encode(&h->manifest, &payload, &e));
	CHECK(ask_sign(blobs, DSSE_MANIFEST, &payload, &envelope) == 0);
	CHECK((d = dsse_decode(envelope.data, envelope.len, "envelope", &e)) != NULL);
	CHECK_OK(dsse_check(d, DSSE_MANIFEST, key, "envelope", &e));
	dsse_free(d);
	/* A manifest as an answer or a request; of another house; of no good form. */
	CHECK(ask_sign(blobs, DSSE_ANSWER, &payload, &envelope) == 3);
	CHECK(ask_sign(blobs, DSSE_REQUEST, &payload, &envelope) == 3);
	payload.data[payload.len - 1] = ' ';
	CHECK(ask_sign(blobs, DSSE_MANIFEST, &payload, &envelope) == 3);
	buf_clear(&payload);
	(void)snprintf(h->manifest.house, sizeof(h->manifest.house), "house-b");
	CHECK_OK(manifest_encode(&h->manifest, &payload, &e));
	CHECK(ask_sign(blobs, DSSE_MANIFEST, &payload, &envelope) == 3);
	buf_clear(&payload);
	CHECK_OK(answer_encode(&a, &payload, &e));
	CHECK(ask_sign(blobs, DSSE_ANSWER, &payload, &envelope) == 0);
	CHECK((d = dsse_decode(envelope.data, envelope.len, "envelope", &e)) != NULL);
	CHECK_OK(dsse_check(d, DSSE_ANSWER, key, "envelope", &e));
	dsse_free(d);
	buf_free(&payload);
	buf_free(&envelope);
}

static void
test_open(const struct json *blobs)
{
	int journal = memfd_create("journal", MFD_CLOEXEC);
	struct json *body = json_object(), *reply;
	struct program p;

	must(journal);
	json_set_string(body, "dataset", DATASET);
	json_set_hex(body, "request", root, 32);
	json_set(body, "register", json_copy(json_get(blobs, "register")));
	/* Without a journal: KEKs and challenges, but no register. */
	p = start("open", root, sizeof(root), -1, NULL);
	send_json(&p, WIRE_KEY_LOAD, load_message(blobs, "open"));
	send_json(&p, WIRE_KEK_NEW, json_copy(body));
	CHECK((reply = wire_expect(p.control, WIRE_KEK_BLOB, NULL, 0, &e)) != NULL);
	json_free(reply);
	send_json(&p, WIRE_CHALLENGE, json_copy(body));
	CHECK((reply = wire_expect(p.control, WIRE_CHALLENGE_IS, NULL, 0, &e)) != NULL);
	json_free(reply);
	send_json(&p, WIRE_REGISTER, json_copy(body));
	CHECK(wire_expect(p.control, WIRE_OK, NULL, 0, &e) == NULL);
	CHECK(end(&p) == 3);
	/* With one, it loads; a case with nothing in it is refused; a cut record is taken away within the sandbox. */
	CHECK(write(journal, "half a record", 13) == 13);
	p = start("open", root, sizeof(root), journal, NULL);
	send_json(&p, WIRE_KEY_LOAD, load_message(blobs, "open"));
	send_json(&p, WIRE_REGISTER, json_copy(body));
	send_json(&p, WIRE_CHALLENGE, json_copy(body));
	CHECK((reply = wire_expect(p.control, WIRE_CHALLENGE_IS, NULL, 0, &e)) != NULL);
	json_free(reply);
	CHECK(lseek(journal, 0, SEEK_END) == 0);
	send_json(&p, WIRE_RELEASE, json_object());
	CHECK(wire_expect(p.control, WIRE_RELEASED, NULL, 0, &e) == NULL);
	CHECK(end(&p) == 3);
	json_free(body);
	(void)close(journal);
}

#ifndef STAGER_SANITIZED
/* Let it end by itself, and look into its memory before that goes: no key of those in list. */
static void
end_without_keys(struct program *p, const char *purpose, struct secret *const *list, size_t count)
{
	int status = -1;

	if (!image_watch(p->pid)) {
		CHECK(end(p) == 0);
		return;
	}
	io_close(&p->control);
	io_close(&p->out);
	CHECK(image_stop_at_exit(p->pid));
	for (size_t i = 0; i < count; i++)
		CHECK(image_without_key(p->pid, list[i]->bytes, purpose));
	CHECK(image_count(p->pid, "a purpose is wanted", 19, "control") > 0);
	image_release(p->pid);
	CHECK(waitpid(p->pid, &status, 0) == p->pid && status == 0);
}

static struct secret *
part_of(const struct secret *s, size_t at)
{
	struct secret *part = secret_new(32, &e);

	must_have(part);
	memcpy(part->bytes, s->bytes + at, 32);
	return part;
}

/* A subkey of stager-key pseudonym, out of the pipe that it writes it into. */
static struct secret *
ask_subkey(struct program *p)
{
	struct json *j = json_object(), *ok;
	struct secret *subkey;
	int fds[2];

	must(pipe2(fds, O_CLOEXEC));
	json_set_string(j, "holder", "umc");
	json_set_string(j, "project", "ct-2027");
	json_set_string(j, "domain", "research");
	json_set_int(j, "generation", 12);
	CHECK_OK(wire_send(p->control, WIRE_KEY_SUBKEY, j, &fds[1], 1, &e));
	json_free(j);
	must_have(ok = wire_expect(p->control, WIRE_OK, NULL, 0, &e));
	json_free(ok);
	(void)close(fds[1]);
	must_have(subkey = secret_read(fds[0], 32, "subkey", &e));
	(void)close(fds[0]);
	return subkey;
}

/* Each purpose after its work: neither the root, nor its keys, nor those that it made or took in. */
static void
test_image(struct test_house *h, const struct json *blobs)
{
	static const char *const names[] = {"open", "ingest", "sign", "pseudonym", "log"};
	static const enum key_purpose purposes[] = {KEY_OPEN, KEY_INGEST, KEY_SIGN, KEY_PSEUDONYM, KEY_LOG};
	struct secret *list[16], *subkey, *shared, *writer_secret, *data_key, *kek;
	uint8_t writer[X25519_LEN], header[HEADER_LEN], commitment[COMMITMENT_LEN], vault[X25519_LEN];
	struct json *body, *reply, *made;
	struct buf bytes;
	struct program p;
	size_t count = 0;

	buf_init(&bytes, MANIFEST_MAX);
	list[count++] = secret_copy(h->root, &e);
	for (size_t i = 0; i < 5; i++) {
		must_have(subkey = keystore_subkey(h->root, purposes[i], HOUSE, &e));
		list[count++] = subkey;
		subkey = open_blob(h, names[i], purposes[i]);
		for (size_t at = 0; at < (i == 0 ? 96u : 32u); at += 32)
			list[count++] = part_of(subkey, at);
		secret_free(subkey);
	}
	CHECK(count == 13);

	/* init: what it made it says in blobs alone, which the root opens. */
	p = start("init", root, sizeof(root), -1, NULL);
	body = json_object();
	json_set_string(body, "house", HOUSE);
	send_json(&p, WIRE_KEY_INIT, body);
	must_have(made = wire_expect(p.control, WIRE_KEY_BLOBS, NULL, 0, &e));
	body = h->blobs;
	h->blobs = made;
	subkey = open_blob(h, "open", KEY_OPEN);
	h->blobs = body;
	data_key = list[12];
	list[12] = part_of(subkey, 0);
	end_without_keys(&p, "init", list, 13);
	secret_free(list[12]);
	list[12] = data_key;
	secret_free(subkey);
	json_free(made);

	p = start("sign", root, sizeof(root), -1, NULL);
	send_json(&p, WIRE_KEY_LOAD, load_message(blobs, "sign"));
	(void)snprintf(h->manifest.house, sizeof(h->manifest.house), HOUSE);
	must(manifest_encode(&h->manifest, &bytes, &e));
	body = json_object();
	json_set_string(body, "type", DSSE_MANIFEST);
	set_base64(body, "payload", &bytes);
	send_json(&p, WIRE_KEY_SIGN, body);
	CHECK((reply = wire_expect(p.control, WIRE_KEY_SIGNED, NULL, 0, &e)) != NULL);
	json_free(reply);
	end_without_keys(&p, "sign", list, count);

	/* pseudonym: a subkey given away; also what it is made of for a value. */
	p = start("pseudonym", root, sizeof(root), -1, NULL);
	send_json(&p, WIRE_KEY_LOAD, load_message(blobs, "pseudonym"));
	list[count] = ask_subkey(&p);
	end_without_keys(&p, "pseudonym", list, count + 1);
	secret_free(list[count]);

	/* open: a KEK made, a data key taken in. */
	p = start("open", root, sizeof(root), -1, NULL);
	send_json(&p, WIRE_KEY_LOAD, load_message(blobs, "open"));
	body = json_object();
	json_set_string(body, "dataset", DATASET);
	send_json(&p, WIRE_KEK_NEW, body);
	must_have(reply = wire_expect(p.control, WIRE_KEK_BLOB, NULL, 0, &e));
	buf_clear(&bytes);
	get_base64(reply, "blob", &bytes);
	must_have(subkey = keystore_subkey(list[3], KEY_KEK, HOUSE, &e)); /* list[3]: the KEK sealing key */
	kek = keystore_open(subkey, KEY_KEK, DATASET, bytes.data, bytes.len, NULL, &e);
	secret_free(subkey);
	must_have(kek);
	json_free(reply);
	must(header_public(list[2], vault, &e));
	must_have(writer_secret = header_keypair(writer, &e));
	must_have(shared = header_shared_writer(writer_secret, vault, &e));
	must_have(data_key = secret_random(32, &e));
	must(header_make(shared, writer, data_key, header, &e));
	header_commitment(data_key, commitment);
	body = json_object();
	json_set_string(body, "shard", VERSION "/abroad/shard-00000");
	json_set_hex(body, "commitment", commitment, 32);
	json_set_hex(body, "header", header, HEADER_LEN);
	send_json(&p, WIRE_KEY_INTAKE, body);
	must_have(reply = wire_expect(p.control, WIRE_KEY_WRAPPED, NULL, 0, &e));
	json_free(reply);
	list[count++] = kek;
	list[count++] = data_key;
	list[count++] = shared;
	end_without_keys(&p, "open", list, count);
	while (count > 0)
		secret_free(list[--count]);
	secret_free(writer_secret);
	buf_free(&bytes);
}

/* From inside: what each purpose may not do, and the control that may. */
static void
test_confined(void)
{
	static const char *const purposes[] = {"init", "open", "ingest", "sign", "pseudonym"};
	static const char *const killed[] = {"socket", "exec", "ptrace", "mount", "fork", "limit", "raise"};
	char line[128];
	struct program p;

	for (size_t i = 0; i < 5; i++) {
		for (size_t k = 0; k < sizeof(killed) / sizeof(killed[0]); k++) {
			p = start(purposes[i], root, sizeof(root), -1, killed[k]);
			CHECK(end(&p) == 128 + SIGSYS);
		}
		for (size_t k = 0; k < 3; k++) {
			const char *what = k == 0 ? "open" : k == 1 ? "create" : "read";
			ssize_t n;

			p = start(purposes[i], root, sizeof(root), -1, what);
			n = read(p.out, line, sizeof(line) - 1);
			line[n > 0 ? n : 0] = '\0';
			CHECK(strstr(line, k < 2 ? "refused: EACCES" : "ALLOWED") != NULL);
			CHECK(end(&p) == (k < 2 ? 0 : 1));
		}
	}
}
#endif

int
main(void)
{
	struct test_house h;
	struct json *blobs;

	if (getenv("STAGER_BUILD") == NULL) {
		printf("skipped: STAGER_BUILD does not say where stager-key stands\n");
		return 77;
	}
	(void)signal(SIGPIPE, SIG_IGN);
	(void)unsetenv("MALLOC_PERTURB_"); /* meson's: it would wipe what stager-key frees */
	must(secret_start(&e));
	house_make(&h);
	blobs = init();
	json_free(h.blobs);
	h.blobs = json_copy(blobs);
	secret_free(h.root);
	must_have(h.root = secret_new(ROOT_LEN, &e));
	memcpy(h.root->bytes, root, ROOT_LEN);
	secret_free(h.sign);
	h.sign = open_blob(&h, "sign", KEY_SIGN);
	test_start(blobs);
	test_pseudonym(&h, blobs);
	test_sign(&h, blobs);
	test_open(blobs);
#ifndef STAGER_SANITIZED
	test_confined();
	test_image(&h, blobs);
#endif
	json_free(blobs);
	house_free(&h);
	return check_done();
}
