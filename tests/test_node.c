/* The node's conversation: what the house says flipped, swapped, forged, cut and repeated. */
#include <signal.h>
#include <sys/wait.h>

#include "node_house.h"

static int
talk_now(void)
{
	struct node_release r;
	int rc = hold_talk(&h.challenge_line, &h.answer_line, &want_all, &r);

	if (rc == 0)
		node_release_free(&r);
	return rc;
}

static void
test_good(void)
{
	struct node_want want = {.kind = NODE_WANT_INDEX};
	struct node_release r;
	struct secret *key;

	all_good();
	CHECK_OK(hold_talk(&h.challenge_line, &h.answer_line, &want_all, &r));
	CHECK(r.first == 0 && r.end == h.rows - 1 && r.table->count == h.rows);
	for (uint64_t row = 0; row < r.end; row++) {
		key = node_data_key(&r, row, &e);
		CHECK(key != NULL && memcmp(key->bytes, h.data_key[row]->bytes, 32) == 0);
		secret_free(key);
	}
	CHECK(node_data_key(&r, h.rows - 1, &e) == NULL && e.code == ERR_USAGE);
	node_release_free(&r);

	make_answer(h.rows - 1, h.rows);
	CHECK_OK(hold_talk(&h.challenge_line, &h.answer_line, &want, &r));
	CHECK(r.first == h.rows - 1 && r.end == h.rows);
	node_release_free(&r);

	want = (struct node_want){NODE_WANT_RANGE, 1, 3};
	make_answer(1, 3);
	CHECK_OK(hold_talk(&h.challenge_line, &h.answer_line, &want, &r));
	node_release_free(&r);
	/* The index is no shard, and past the end there is nothing. */
	want.end = h.rows;
	CHECK_ERR(hold_talk(&h.challenge_line, &h.answer_line, &want, &r), ERR_USAGE);
	want = (struct node_want){NODE_WANT_RANGE, 2, 2};
	CHECK_ERR(hold_talk(&h.challenge_line, &h.answer_line, &want, &r), ERR_USAGE);
	/* Headers for other rows than those asked for. */
	want = (struct node_want){NODE_WANT_RANGE, 0, 2};
	CHECK_ERR(hold_talk(&h.challenge_line, &h.answer_line, &want, &r), ERR_FORGED);
}

static void
test_forged_challenges(void)
{
	struct secret *other = secret_random(32, &e);
	struct buf envelope, request, table;
	struct request r = h.node.request;

	all_good();
	buf_init(&envelope, 1u << 20);
	buf_init(&request, 65536);
	buf_init(&table, 65536);
	/* Signed by somebody else, or as something else. */
	must(dsse_sign(other, DSSE_MANIFEST, h.manifest.data, h.manifest.len, &envelope, &e));
	make_challenge(&envelope, &h.request_text, &h.table);
	CHECK_ERR(talk_now(), ERR_FORGED);
	buf_clear(&envelope);
	must(dsse_sign(h.sign, DSSE_REPORT, h.manifest.data, h.manifest.len, &envelope, &e));
	make_challenge(&envelope, &h.request_text, &h.table);
	CHECK_ERR(talk_now(), ERR_FORGED);
	/* The house's own, but of another version. */
	buf_clear(&envelope);
	h.manifest.data[h.manifest.len - 10] ^= 1;
	must(dsse_sign(h.sign, DSSE_MANIFEST, h.manifest.data, h.manifest.len, &envelope, &e));
	h.manifest.data[h.manifest.len - 10] ^= 1;
	make_challenge(&envelope, &h.request_text, &h.table);
	CHECK_ERR(talk_now(), ERR_FORGED);
	CHECK(strstr(e.text, "request names") != NULL);
	/* Another request. */
	r.slots = 1;
	must(request_encode(&r, &request, &e));
	make_challenge(&h.envelope, &request, &h.table);
	CHECK_ERR(talk_now(), ERR_FORGED);
	CHECK(strstr(e.text, "another one") != NULL);
	/* Another table, good in itself. */
	h.line[0].commitment[0] ^= 1;
	for (size_t i = 0; i < h.rows; i++)
		must(table_encode_line(&h.line[i], &table, &e));
	h.line[0].commitment[0] ^= 1;
	make_challenge(&h.envelope, &h.request_text, &table);
	CHECK_ERR(talk_now(), ERR_FORGED);
	CHECK(strstr(e.text, "shard table") != NULL);
	/* A house of another name under the same key. */
	make_challenge(&h.envelope, &h.request_text, &h.table);
	h.node.card.house[6] = 'b';
	CHECK_ERR(talk_now(), ERR_FORGED);
	h.node.card.house[6] = 'a';
	CHECK_OK(talk_now());
	secret_free(other);
	buf_free(&envelope);
	buf_free(&request);
	buf_free(&table);
}

/* An answer with this one thing wrong, signed all the same. */
#define TWISTED(what)                              \
	do {                                       \
		memset(&twist, 0, sizeof(twist));  \
		twist.what;                        \
		make_answer(0, h.rows - 1);        \
		CHECK_ERR(talk_now(), ERR_FORGED); \
	} while (0)

static void
test_forged_answers(void)
{
	struct secret *other = secret_random(32, &e);

	all_good();
	CHECK_OK(talk_now());
	TWISTED(sign = other);
	TWISTED(log = other);
	TWISTED(origin = "stager/house-b");
	TWISTED(other_t = true);
	TWISTED(other_manifest = true);
	TWISTED(flip_after = true);
	TWISTED(swap = true);
	CHECK(strstr(e.text, "commits to") != NULL);
	TWISTED(missing = true);
	TWISTED(range = true);
	TWISTED(index = true);
	TWISTED(other_writer = true);
	TWISTED(extra = true);
	secret_free(other);
}

/* Flip bytes of what it says: never is anything else believed than what it said. */
static void
flip_line(struct buf *line, size_t step)
{
	struct node_release r;
	size_t refused = 0, tried = 0;

	for (size_t at = 0; at < line->len; at += step) {
		line->data[at] ^= 1;
		tried++;
		e.code = ERR_NONE;
		if (hold_talk(&h.challenge_line, &h.answer_line, &want_all, &r) == -1) {
			CHECK(e.code == ERR_FORGED || (e.code == ERR_REMOTE && at == line->len - 1));
			refused++;
		} else {
			/* The MAC is the house's own affair; a key id is a hint. */
			CHECK(memcmp(r.statement, h.node.request.manifest, DIGEST_LEN) == 0);
			CHECK(r.headers.len == h.headers.len &&
			      memcmp(r.headers.data, h.headers.data, h.headers.len) == 0);
			node_release_free(&r);
		}
		line->data[at] ^= 1;
	}
	CHECK(refused * 20 > tried * 17);
}

static void
test_flips(void)
{
	all_good();
	flip_line(&h.answer_line, 5);
	flip_line(&h.challenge_line, 7);
	CHECK_OK(talk_now());
}

/* A line that is none of the two. */
static int
say_instead(const char *text)
{
	struct buf line;
	struct node_release r;
	int rc;

	buf_init(&line, 65536);
	must(buf_put_str(&line, text, &e));
	rc = hold_talk(&line, &h.answer_line, &want_all, &r);
	buf_free(&line);
	return rc;
}

static void
test_errors(void)
{
	struct node_release r;
	struct buf two;

	all_good();
	CHECK_ERR(say_instead("{\"type\":\"error\",\"status\":3,\"text\":\"no \\u001b[2J\"}\n"), ERR_REFUSED);
	CHECK(strcmp(e.text, "the house says: no \\x1b[2J") == 0);
	CHECK_ERR(say_instead("{\"type\":\"error\",\"status\":6,\"text\":\"wait\"}\n"), ERR_WAIT);
	CHECK_ERR(say_instead("{\"type\":\"error\",\"status\":0,\"text\":\"\"}\n"), ERR_FORGED);
	CHECK_ERR(say_instead("{\"type\":\"error\",\"status\":3}\n"), ERR_FORGED);
	CHECK_ERR(say_instead("{\"type\":\"answer\"}\n"), ERR_FORGED);
	CHECK_ERR(say_instead("{\"type\":\"challenge\"}\n"), ERR_FORGED);
	CHECK_ERR(say_instead("[]\n"), ERR_FORGED);
	CHECK_ERR(say_instead("Welcome to house.example!\n"), ERR_FORGED);
	CHECK_ERR(say_instead("\n"), ERR_FORGED);
	/* It hangs up: at once, in a line, after the challenge. */
	CHECK_ERR(hold_talk(NULL, NULL, &want_all, &r), ERR_REMOTE);
	buf_init(&two, 1u << 20);
	must(buf_put(&two, h.challenge_line.data, h.challenge_line.len - 1, &e));
	CHECK_ERR(hold_talk(&two, NULL, &want_all, &r), ERR_REMOTE);
	CHECK_ERR(hold_talk(&h.challenge_line, NULL, &want_all, &r), ERR_REMOTE);
	/* Two lines where one is due. */
	must(buf_put_u8(&two, '\n', &e));
	must(buf_put(&two, h.answer_line.data, h.answer_line.len, &e));
	CHECK_ERR(hold_talk(&two, NULL, &want_all, &r), ERR_FORGED);
	CHECK(strstr(e.text, "more than") != NULL);
	buf_free(&two);
	/* The same challenge twice. */
	CHECK_ERR(hold_talk(&h.challenge_line, &h.challenge_line, &want_all, &r), ERR_FORGED);
}

/* A house that keeps silent, and one that never ends its line: the wait is for the whole line. */
static void
test_silence(void)
{
	const struct node_want want = {.kind = NODE_WANT_ALL};
	struct node_release r;
	int pair[2], piece = 0;
	pid_t pid;

	h.node.wait_ms = 100;
	must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair));
	CHECK_ERR(node_ask(&h.node, pair[1], pair[1], h.own, h.own_public, &want, &r, &e), ERR_REMOTE);
	CHECK(strstr(e.text, "no word") != NULL);
	must(pid = fork());
	if (pid == 0) {
		while (write(pair[0], "{", 1) == 1 && piece++ < 200)
			(void)usleep(10000);
		_exit(0);
	}
	CHECK_ERR(node_ask(&h.node, pair[1], pair[1], h.own, h.own_public, &want, &r, &e), ERR_REMOTE);
	CHECK(strstr(e.text, "no word") != NULL);
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, NULL, 0);
	(void)close(pair[0]);
	(void)close(pair[1]);
	h.node.wait_ms = 0;
}

int
main(void)
{
	setup();
	test_good();
	test_forged_challenges();
	test_forged_answers();
	test_flips();
	test_errors();
	test_silence();
	teardown();
	return check_done();
}
