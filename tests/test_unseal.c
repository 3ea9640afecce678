/* A sealed source through stager-key ingest and stager-open, as their supervisor starts them; and what they leave in their memory. */
#include "image.h"
#include "stager/crypt4gh.h"
#include "stager/json.h"
#include "stager/keystore.h"
#include "stager/release.h"
#include "stager/wire.h"
#include "vectors.h"

#include <signal.h>
#include <sodium.h>
#include <sys/mman.h>

static struct err e;

#define HOUSE "house-a"
#define LEN 200000

static const uint8_t root[ROOT_LEN] = "a root secret that is for a test";
static struct json *blobs;
static struct house_card card;
static uint8_t plain[LEN];

struct program {
	pid_t pid;
	int control, said;
};

/* fd4: what it gets as descriptor 4; -1: nothing. */
static struct program
start(const char *name, const char *purpose, int fd4)
{
	struct program p = {.pid = -1};
	char path[4096];
	int pair[2], said[2];

	(void)snprintf(path, sizeof(path), "%s/%s", getenv("STAGER_BUILD"), name);
	CHECK_OK(wire_pair(pair, &e));
	if (pipe2(said, O_CLOEXEC) == -1 || (p.pid = fork()) == -1)
		abort();
	if (p.pid == 0) {
		int high[] = {fcntl(pair[1], F_DUPFD, 20), fd4 == -1 ? -1 : fcntl(fd4, F_DUPFD, 20)};

		if (dup2(said[1], 2) == -1 || dup2(high[0], 3) == -1 || (fd4 != -1 && dup2(high[1], 4) == -1))
			_exit(99);
		(void)execl(path, name, purpose, (char *)NULL);
		_exit(99);
	}
	(void)close(pair[1]);
	(void)close(said[1]);
	p.control = pair[0];
	p.said = said[0];
	return p;
}

/* It ends by itself, having said this, with this status. */
static void
ends(struct program *p, int status, const char *words)
{
	char text[600] = "";
	ssize_t n;
	int got = -1;

	io_close(&p->control);
	n = io_read(p->said, text, sizeof(text) - 1, "complaint", &e);
	text[n < 0 ? 0 : n] = '\0';
	io_close(&p->said);
	CHECK(waitpid(p->pid, &got, 0) == p->pid && WIFEXITED(got) && WEXITSTATUS(got) == status);
	CHECK(strstr(text, words) != NULL && (status != 0 || text[0] == '\0'));
	if (strstr(text, words) == NULL)
		fprintf(stderr, "wanted '%s', got '%s'\n", words, text);
}

static int
file_of(const void *data, size_t len)
{
	int fd = memfd_create("unseal", MFD_CLOEXEC);

	if (fd == -1 || io_write(fd, data, len, "file", &e) == -1 || lseek(fd, 0, SEEK_SET) == -1)
		abort();
	return fd;
}

static struct program
start_key(const char *purpose)
{
	int fd = file_of(root, sizeof(root));
	struct program p = start("stager-key", purpose, fd);

	(void)close(fd);
	return p;
}

static void
say(struct program *p, enum wire_type type, struct json *j, const int *fds, size_t count)
{
	CHECK_OK(wire_send(p->control, type, j, fds, count, &e));
	json_free(j);
}

static struct program
start_ingest(void)
{
	struct program p = start_key("ingest");
	struct json *j = json_object();

	json_set_string(j, "house", HOUSE);
	json_set(j, "blob", json_copy(json_get(blobs, "ingest")));
	say(&p, WIRE_KEY_LOAD, j, NULL, 0);
	return p;
}

static void
make_house(void)
{
	struct program p = start_key("init");
	struct json *j = json_object();
	struct buf text;

	json_set_string(j, "house", HOUSE);
	say(&p, WIRE_KEY_INIT, j, NULL, 0);
	if ((blobs = wire_expect(p.control, WIRE_KEY_BLOBS, NULL, 0, &e)) == NULL)
		abort();
	buf_init(&text, 4096);
	CHECK_OK(json_need_base64(blobs, "card", &text, "card", &e));
	CHECK_OK(house_card_decode(text.data, text.len, &card, &e));
	buf_free(&text);
	ends(&p, 0, "");
}

static struct secret *
ingest_secret(void)
{
	struct secret *r = secret_of(root, sizeof(root)), *subkey = keystore_subkey(r, KEY_INGEST, HOUSE, &e),
		      *s;
	struct buf blob;

	buf_init(&blob, 8192);
	CHECK_OK(json_need_base64(blobs, "ingest", &blob, "blob", &e));
	s = keystore_open(subkey, KEY_INGEST, HOUSE, blob.data, blob.len, NULL, &e);
	CHECK(s != NULL);
	buf_free(&blob);
	secret_free(subkey);
	secret_free(r);
	return s;
}

/* A header for this reader, and a body in our order, or with one nonce over and over. */
static void
seal(const uint8_t *reader, bool repeat, struct secret *key, struct buf *header, struct buf *body)
{
	uint8_t writer[X25519_LEN];
	struct secret *writer_secret = header_keypair(writer, &e),
		      *shared = header_shared_writer(writer_secret, reader, &e);
	struct c4gh *c = c4gh_new(key, true, &e);
	uint8_t head[HEADER_LEN], *to;

	buf_init(header, HEADER_LEN);
	buf_init(body, 1 << 20);
	CHECK_OK(header_make(shared, writer, key, head, &e));
	CHECK_OK(buf_put(header, head, sizeof(head), &e));
	for (size_t at = 0; at < LEN; at += C4GH_PLAIN_MAX) {
		size_t n = LEN - at < C4GH_PLAIN_MAX ? LEN - at : (size_t)C4GH_PLAIN_MAX;

		CHECK((to = buf_reserve(body, n + 28, &e)) != NULL);
		CHECK_OK(c4gh_seal(c, repeat ? 0 : at / C4GH_PLAIN_MAX,
		    at + n == LEN || (repeat && n < C4GH_PLAIN_MAX), plain + at, n, to, &e));
		body->len += n + 28;
	}
	c4gh_free(c);
	secret_free(shared);
	secret_free(writer_secret);
}

static void
ask_key(struct program *key, const struct buf *header, const int *pipe_fd)
{
	struct json *j = json_object();
	struct buf text;

	buf_init(&text, 1 << 25);
	CHECK_OK(base64_encode(header->data, header->len, &text, &e));
	json_set(j, "header", json_string_len((const char *)text.data, text.len));
	say(key, WIRE_KEY_UNSEAL, j, pipe_fd, pipe_fd == NULL ? 0 : 1);
	buf_free(&text);
}

struct ends {
	int file, keys[2], out[2];
};

/* UNSEAL to stager-open, KEY_UNSEAL to stager-key. */
static struct ends
hand_in(
    struct program *key, struct program *open, const struct buf *header, const struct buf *body, int64_t says)
{
	struct ends x = {.file = file_of(body->data, body->len)};
	struct json *j = json_object();

	if (pipe2(x.keys, O_CLOEXEC) == -1 || pipe2(x.out, O_CLOEXEC) == -1)
		abort();
	json_set_int(j, "body", says);
	say(open, WIRE_UNSEAL, j, (const int[]){x.file, x.keys[0], x.out[1]}, 3);
	if (key != NULL)
		ask_key(key, header, &x.keys[1]);
	(void)close(x.file);
	(void)close(x.keys[0]);
	(void)close(x.keys[1]);
	(void)close(x.out[1]);
	return x;
}

/* The plaintext out of the pipe: how much came. */
static size_t
take_plain(int fd)
{
	static uint8_t got[LEN + 1];
	ssize_t n = io_read(fd, got, sizeof(got), "pipe", &e);

	CHECK(n >= 0 && memcmp(got, plain, n < 0 ? 0 : (size_t)n) == 0);
	sodium_memzero(got, sizeof(got));
	(void)close(fd);
	return n < 0 ? 0 : (size_t)n;
}

static void
take_size(struct program *open, int64_t want)
{
	struct json *j = wire_expect(open->control, WIRE_UNSEALED, NULL, 0, &e);
	int64_t size = -1;

	CHECK(j != NULL && json_need_int(j, "size", 0, JSON_INT_MAX, "size", &size, &e) == 0 && size == want);
	json_free(j);
}

static void
take_ok(struct program *key)
{
	struct json *j = wire_expect(key->control, WIRE_OK, NULL, 0, &e);

	CHECK(j != NULL);
	json_free(j);
}

#ifndef STAGER_SANITIZED
/* Let it end, and look into its memory before that goes: the keys are nowhere, nor is the plaintext. */
static void
end_without(struct program *p, const char *what, const uint8_t *const *list, size_t count)
{
	int status = -1;

	if (!image_watch(p->pid)) {
		ends(p, 0, "");
		return;
	}
	io_close(&p->control);
	io_close(&p->said);
	CHECK(image_stop_at_exit(p->pid));
	for (size_t i = 0; i < count; i++)
		CHECK(image_without_key(p->pid, list[i], what));
	for (size_t at = 0; at + 64 <= LEN; at += 40000)
		CHECK(image_count(p->pid, plain + at, 64, "plaintext") == 0);
	CHECK(image_count(p->pid, "header: more than one edit list", 31, "control") >= 0);
	CHECK(image_count(p->pid, "control socket: the other side went away", 40, "control") > 0);
	image_release(p->pid);
	CHECK(waitpid(p->pid, &status, 0) == p->pid && status == 0);
}
#endif

static void
test_good(void)
{
	struct secret *data = secret_random(32, &e), *ingest = ingest_secret();
	struct program key = start_ingest(), open = start("stager-open", NULL, -1);
	const uint8_t *list[] = {root, ingest->bytes, data->bytes};
	struct buf header, body;
	struct json *done;

	/* One process does one file after the other. */
	for (int round = 0; round < 3; round++) {
		struct ends x;

		seal(card.ingest, false, data, &header, &body);
		x = hand_in(&key, &open, &header, &body, (int64_t)body.len);
		take_ok(&key);
		take_size(&open, LEN);
		CHECK(take_plain(x.out[0]) == LEN);
		CHECK((done = wire_expect(open.control, WIRE_DONE, NULL, 0, &e)) != NULL);
		CHECK(done != NULL && json_get(done, "ordered")->integer == 1);
		json_free(done);
		buf_free(&header);
		buf_free(&body);
	}
#ifndef STAGER_SANITIZED
	end_without(&open, "stager-open", list, 3);
	end_without(&key, "stager-key ingest", list, 3);
#else
	(void)list;
	ends(&open, 0, "");
	ends(&key, 0, "");
#endif
	secret_free(ingest);
	secret_free(data);
}

static void
test_key_refuses(void)
{
	static const struct {
		size_t at;
		uint8_t with;
		int status;
		const char *words;
	} all[] = {{0, 1, 4, "not Crypt4GH"}, {8, 3, 4, "not Crypt4GH"}, {12, 3, 4, "cut short"},
	    {16, 1, 4, "cut short"}, {20, 1, 3, "no packet gives this house"}, {30, 1, 3, "no packet gives"},
	    {80, 1, 3, "no packet gives"}, {123, 1, 3, "no packet gives"}};
	struct secret *data = secret_random(32, &e), *other;
	uint8_t other_public[X25519_LEN];
	struct buf header, body;
	struct program key;
	int fds[2];

	seal(card.ingest, false, data, &header, &body);
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		if (pipe2(fds, O_CLOEXEC) == -1)
			abort();
		header.data[all[i].at] ^= all[i].with;
		key = start_ingest();
		ask_key(&key, &header, &fds[1]);
		ends(&key, all[i].status, all[i].words);
		header.data[all[i].at] ^= all[i].with;
		(void)close(fds[1]);
		CHECK(read(fds[0], fds, 1) == 0); /* not a byte of a key */
		(void)close(fds[0]);
	}
	/* No pipe; a message that is another purpose's. */
	key = start_ingest();
	ask_key(&key, &header, NULL);
	ends(&key, 3, "no descriptor");
	key = start_ingest();
	say(&key, WIRE_KEY_SIGN, json_object(), NULL, 0);
	ends(&key, 3, "type 14 is not due");
	key = start_key("ingest");
	ask_key(&key, &header, NULL);
	ends(&key, 3, "type 33 is not due");
	buf_free(&header);
	buf_free(&body);
	CHECK((other = header_keypair(other_public, &e)) != NULL);
	seal(other_public, false, data, &header, &body);
	key = start_ingest();
	if (pipe2(fds, O_CLOEXEC) == -1)
		abort();
	ask_key(&key, &header, &fds[1]);
	ends(&key, 3, "no packet gives this house a data key");
	(void)close(fds[0]);
	(void)close(fds[1]);
	buf_free(&header);
	buf_free(&body);
	secret_free(other);
	secret_free(data);
}

static void
test_open_refuses(void)
{
	struct secret *data = secret_random(32, &e);
	struct program key, open;
	struct buf header, body;
	struct ends x;

	/* Damage: the segments before it came out, and DONE was not said. */
	seal(card.ingest, false, data, &header, &body);
	body.data[2 * C4GH_SEGMENT_MAX + 77] ^= 1;
	key = start_ingest();
	open = start("stager-open", NULL, -1);
	x = hand_in(&key, &open, &header, &body, (int64_t)body.len);
	take_size(&open, LEN);
	CHECK(take_plain(x.out[0]) == 2 * C4GH_PLAIN_MAX);
	CHECK(wire_expect(open.control, WIRE_DONE, NULL, 0, &e) == NULL);
	ends(&open, 4, "segment 2: damaged");
	body.data[2 * C4GH_SEGMENT_MAX + 77] ^= 1;
	/* Longer and shorter than it was said to be; of a length that no body has. */
	for (int d = -1; d <= 1; d += 2) {
		struct buf part = body;

		part.len = body.len - 1;
		take_ok(&key);
		open = start("stager-open", NULL, -1);
		x = hand_in(&key, &open, &header, d < 0 ? &body : &part, (int64_t)part.len + (d > 0));
		take_size(&open, LEN - (d < 0));
		CHECK(take_plain(x.out[0]) == 3 * C4GH_PLAIN_MAX);
		ends(&open, d < 0 ? 4 : 3, d < 0 ? "segment 3" : "cut short");
	}
	take_ok(&key);
	open = start("stager-open", NULL, -1);
	x = hand_in(&key, &open, &header, &body, 20);
	CHECK(take_plain(x.out[0]) == 0);
	ends(&open, 4, "body: cut short");
	buf_free(&header);
	buf_free(&body);
	/* A writer of one nonce. */
	seal(card.ingest, true, data, &header, &body);
	take_ok(&key);
	open = start("stager-open", NULL, -1);
	x = hand_in(&key, &open, &header, &body, (int64_t)body.len);
	take_size(&open, LEN);
	CHECK(take_plain(x.out[0]) == C4GH_PLAIN_MAX);
	ends(&open, 3, "segment 1: has the nonce");
	take_ok(&key);
	ends(&key, 0, "");
	/* Nobody reads; the keys never come; another message; too few descriptors. */
	key = start_ingest();
	open = start("stager-open", NULL, -1);
	x = hand_in(&key, &open, &header, &body, (int64_t)body.len);
	(void)close(x.out[0]);
	take_ok(&key);
	take_size(&open, LEN);
	ends(&key, 0, "");
	ends(&open, 1, "Broken pipe");
	open = start("stager-open", NULL, -1);
	x = hand_in(NULL, &open, &header, &body, (int64_t)body.len);
	CHECK(take_plain(x.out[0]) == 0);
	ends(&open, 3, "data keys: cut short");
	open = start("stager-open", NULL, -1);
	say(&open, WIRE_END, json_object(), NULL, 0);
	ends(&open, 3, "type 4 where a file was due");
	open = start("stager-open", NULL, -1);
	x.file = file_of("x", 1);
	{
		struct json *j = json_object();

		json_set_int(j, "body", 1);
		say(&open, WIRE_UNSEAL, j, (const int[]){x.file, x.file}, 2);
	}
	ends(&open, 3, "not three descriptors");
	(void)close(x.file);
	buf_free(&header);
	buf_free(&body);
	secret_free(data);
}

int
main(void)
{
	if (getenv("STAGER_BUILD") == NULL) {
		printf("skipped: STAGER_BUILD does not say where the programs stand\n");
		return 77;
	}
	(void)signal(SIGPIPE, SIG_IGN);
	(void)unsetenv("MALLOC_PERTURB_"); /* meson's: it would wipe what is freed */
	CHECK_OK(secret_start(&e));
	randombytes_buf(plain, sizeof(plain));
	make_house();
	test_good();
	test_key_refuses();
	test_open_refuses();
	json_free(blobs);
	return check_done();
}
