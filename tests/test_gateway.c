/* The gateway in one process, threads and all: what it serves is what was sealed, whoever asks at the same time; results open. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>

#include "node_house.h"
#include "../stager/node/gateway_multipart.h"
#include "stager/gateway.h"
#include "stager/http_serve.h"

static struct gateway_use use = {.memory = GATEWAY_MEMORY_MIN, .results = -1};
static struct gateway_keys keys;
static struct node_release release;
static struct node_store *store;
static struct gateway *gateway;
static struct secret *reader; /* of results */
static volatile sig_atomic_t stop;
static pthread_t server;
static struct buf shards[ROWS_MAX];

static void
on_signal(int number)
{
	(void)number;
	stop = 1;
}

static void *
serve(void *ctx)
{
	struct err mine = {.code = ERR_NONE};

	if (gateway_serve(gateway, ctx, &stop, &mine) == -1)
		fprintf(stderr, "serve: %s\n", mine.text);
	return NULL;
}

/* One request on a connection of its own: all that comes back; *reset: it broke off. */
static void
ask_raw(const void *text, size_t len, struct buf *out, bool *reset)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(use.port)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct err mine;
	ssize_t n;

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	buf_clear(out);
	*reset = false;
	if (connect(fd, (struct sockaddr *)&at, sizeof(at)) == -1 || write(fd, text, len) != (ssize_t)len)
		abort();
	for (;;) {
		uint8_t *into = buf_reserve(out, 65536, &mine);

		if (into == NULL)
			abort();
		n = read(fd, into, 65536);
		if (n <= 0)
			break;
		out->len += (size_t)n;
	}
	*reset = n == -1;
	(void)close(fd);
}

/* GET (or another method) of a path with more fields; the body is *body. The status. */
static int
ask(const char *method, const char *path, const char *fields, struct buf *out, const uint8_t **body,
    size_t *len)
{
	char text[2048];
	const char *end;
	bool reset;
	int n = snprintf(text, sizeof(text),
	    "%s %s HTTP/1.1\r\nHost: h\r\nConnection: close\r\nAuthorization: Bearer %.*s\r\n%s\r\n", method,
	    path, (int)keys.token->len, (const char *)keys.token->bytes, fields);

	ask_raw(text, (size_t)n, out, &reset);
	if (reset || out->len < 12 || (end = memmem(out->data, out->len, "\r\n\r\n", 4)) == NULL)
		return -1;
	*body = (const uint8_t *)end + 4;
	*len = out->len - (size_t)(*body - out->data);
	return atoi((const char *)out->data + 9);
}

static int
keep(void *ctx, const uint8_t *data, size_t len, struct err *err)
{
	return buf_put(ctx, data, len, err);
}

static void
start(void)
{
	static sigset_t until;
	const struct sigaction action = {.sa_handler = on_signal};
	const struct node_want all = {.kind = NODE_WANT_WHOLE};

	memset(&twist, 0, sizeof(twist));
	make_challenge(&h.envelope, &h.request_text, &h.table);
	make_answer(0, h.rows);
	must(hold_talk(&h.challenge_line, &h.answer_line, &all, &release));
	must(node_store_folder(fcntl(h.version, F_DUPFD_CLOEXEC, 3), &store, &e));
	for (uint64_t row = 0; row + 1 < h.rows; row++) {
		const struct node_sink sink = {&shards[row], keep, NULL};

		buf_init(&shards[row], 1u << 24);
		must(node_open_rows(&release, store, &row, 1, &sink, &e));
	}
	must(gateway_keys_new(&keys, &e));
	use.listen_fd = -1;
	must(http_listen(&use.port, &use.listen_fd, &e));
	must(mkdirat(h.folder, "results", 0700));
	use.results = openat(h.folder, "results", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	reader = header_keypair(use.results_key, &e);
	use.release = &release;
	use.store = store;
	use.keys = &keys;
	(void)sigemptyset(&until);
	(void)sigaddset(&until, SIGUSR1);
	(void)pthread_sigmask(SIG_BLOCK, &until, NULL);
	(void)sigaction(SIGUSR1, &action, NULL);
	(void)signal(SIGPIPE, SIG_IGN);
	must(gateway_new(&use, &gateway, &e));
	if (pthread_create(&server, NULL, serve, &until) != 0)
		abort();
}

static void
finish(void)
{
	(void)pthread_kill(server, SIGUSR1);
	(void)pthread_join(server, NULL);
	gateway_free(gateway);
	gateway_keys_free(&keys);
	(void)close(use.listen_fd);
	(void)close(use.results);
	secret_free(reader);
	for (size_t i = 0; i < ROWS_MAX; i++)
		buf_free(&shards[i]);
	node_store_free(store);
	node_release_free(&release);
}

static const char *
path_of(const char *key)
{
	static _Thread_local char path[256];

	(void)snprintf(path, sizeof(path), "/%s/%s", release.manifest->version_id, key);
	return path;
}

static void
test_objects(void)
{
	const uint8_t *body;
	struct buf out;
	size_t len;
	char key[64];

	buf_init(&out, 1u << 24);
	for (uint64_t row = 0; row + 1 < h.rows; row++) {
		(void)snprintf(key, sizeof(key), "shard-%05d.tar", (int)row);
		CHECK(ask("GET", path_of(key), "", &out, &body, &len) == 200);
		CHECK(len == shards[row].len && memcmp(body, shards[row].data, len) == 0);
		CHECK(ask("HEAD", path_of(key), "", &out, &body, &len) == 200 && len == 0);
		CHECK(ask("GET", path_of(key), "Range: bytes=65530-65545\r\n", &out, &body, &len) == 206);
		CHECK(len == 16 && memcmp(body, shards[row].data + 65530, 16) == 0);
	}
	for (int i = 0; i < MEMBERS; i++) {
		(void)snprintf(key, sizeof(key), "members/abc/%06d.txt", i + 1);
		CHECK(ask("GET", path_of(key), "", &out, &body, &len) == 200 && len == MEMBER_SIZE);
		CHECK(body[0] == member_byte(i, 0) && body[len - 1] == member_byte(i, len - 1));
	}
	CHECK(ask("GET", path_of("members/abc/000008.txt"), "", &out, &body, &len) == 404);
	CHECK(ask("GET", path_of("index.json"), "", &out, &body, &len) == 200 &&
	      memmem(body, len, "\"nsamples\":2", 12) != NULL);
	CHECK(ask("GET", path_of("shard-00000.tar.idx"), "", &out, &body, &len) == 200 && len == 24);
	CHECK(ask("GET", path_of("?list-type=2&prefix=members/"), "", &out, &body, &len) == 200);
	CHECK(memmem(body, len, "<KeyCount>7</KeyCount>", 22) != NULL);
	CHECK(ask("GET", "/", "", &out, &body, &len) == 200);
	CHECK(ask("GET", "/other/x", "", &out, &body, &len) == 404);
	buf_free(&out);
}

/* Many at once, anywhere. */
static void *
wander(void *ctx)
{
	unsigned seed = *(unsigned *)ctx;
	const uint8_t *body;
	char key[64], field[96];
	struct buf out;
	size_t len, bad = 0;

	buf_init(&out, 1u << 24);
	for (int i = 0; i < 40; i++) {
		size_t row = (size_t)rand_r(&seed) % (h.rows - 1);
		size_t first = (size_t)rand_r(&seed) % shards[row].len;
		size_t want = 1 + (size_t)rand_r(&seed) % (shards[row].len - first);

		(void)snprintf(key, sizeof(key), "shard-%05zu.tar", row);
		(void)snprintf(field, sizeof(field), "Range: bytes=%zu-%zu\r\n", first, first + want - 1);
		if (ask("GET", path_of(key), field, &out, &body, &len) != 206 || len != want ||
		    memcmp(body, shards[row].data + first, want) != 0)
			bad++;
	}
	buf_free(&out);
	*(unsigned *)ctx = (unsigned)bad;
	return NULL;
}

static void *
put_many(void *ctx)
{
	unsigned seed = *(unsigned *)ctx, bad = 0;
	const uint8_t *body;
	char path[64], fields[20000];
	struct buf out;
	size_t len;

	buf_init(&out, 1u << 20);
	for (int i = 0; i < 10; i++) {
		int at;

		(void)snprintf(path, sizeof(path), "/results/%u/%d", seed % 3, i);
		at = snprintf(fields, sizeof(fields), "Content-Length: 1000\r\n\r\n");
		memset(fields + at, 'a' + i, 1000);
		fields[at + 1000] = '\0';
		/* The request's own end follows, and is the next one's lone empty line. */
		bad += ask("PUT", path, fields, &out, &body, &len) != 200;
	}
	buf_free(&out);
	*(unsigned *)ctx = bad;
	return NULL;
}

static void
test_at_once(void)
{
	unsigned seeds[10];
	pthread_t threads[10];

	for (unsigned i = 0; i < 10; i++) {
		seeds[i] = i;
		if (pthread_create(&threads[i], NULL, i < 7 ? wander : put_many, &seeds[i]) != 0)
			abort();
	}
	for (unsigned i = 0; i < 10; i++) {
		(void)pthread_join(threads[i], NULL);
		CHECK(seeds[i] == 0);
	}
}

/* What was put opens with the reader's key, in order and whole; and is nowhere else. */
static void
test_result(void)
{
	static char fields[200100];
	uint8_t plain[C4GH_PLAIN_MAX], writer[X25519_LEN];
	struct secret *shared, *data_key;
	const uint8_t *body;
	struct buf out, file;
	size_t len, at = HEADER_LEN;
	struct c4gh *key;
	int n = snprintf(fields, sizeof(fields), "Content-Length: 150000\r\n\r\n");

	buf_init(&out, 1u << 20);
	buf_init(&file, 1u << 20);
	for (int i = 0; i < 150000; i++)
		fields[n + i] = (char)('a' + i % 26);
	/* Larger than ask()'s text: by hand. */
	{
		struct buf text;
		bool reset;

		buf_init(&text, 1u << 20);
		must(buf_printf(&text, &e,
		    "PUT /results/one HTTP/1.1\r\nHost: h\r\nConnection: close\r\nAuthorization: Bearer "
		    "%.*s\r\n",
		    (int)keys.token->len, (const char *)keys.token->bytes));
		must(buf_put(&text, fields, (size_t)n + 150000, &e));
		ask_raw(text.data, text.len, &out, &reset);
		CHECK(!reset && out.len > 12 && memcmp(out.data + 9, "200", 3) == 0);
		buf_free(&text);
	}
	must(io_read_file(use.results, "one.c4gh", &file, &e));
	CHECK(file.len == HEADER_LEN + 150000 + 3 * 28);
	must(header_writer(file.data, writer, &e));
	shared = header_shared_reader(reader, writer, &e);
	data_key = header_open(shared, writer, file.data, &e);
	CHECK(data_key != NULL);
	key = c4gh_new(data_key, false, &e);
	for (uint64_t i = 0; i < 3; i++) {
		size_t sealed = i < 2 ? C4GH_SEGMENT_MAX : file.len - at;

		CHECK_OK(c4gh_open(key, i, i == 2, file.data + at, sealed, plain, &e));
		CHECK(memcmp(plain, fields + n + i * C4GH_PLAIN_MAX, sealed - 28) == 0);
		at += sealed;
	}
	c4gh_free(key);
	secret_free(data_key);
	secret_free(shared);
	CHECK(ask("GET", "/results/one", "", &out, &body, &len) == 403);
	CHECK(ask("HEAD", "/results/one", "", &out, &body, &len) == 200 &&
	      memmem(out.data, out.len, "150000", 6) != NULL);
	CHECK(ask("PUT", "/results/.one", "Content-Length: 0\r\n", &out, &body, &len) == 400);
	CHECK(ask("PUT", "/results/empty", "Content-Length: 0\r\n", &out, &body, &len) == 400);
	CHECK(faccessat(use.results, "empty.c4gh", F_OK, 0) == -1);
	buf_free(&file);
	buf_free(&out);
}

/* Uploads that nobody goes on with: no place for ever. */
static void
test_abandoned(void)
{
	const char begin[] = "/results/left?uploads", no_body[] = "Content-Length: 0\r\n";
	struct gateway_results *r = gateway->results;
	const uint8_t *body;
	struct buf out;
	size_t len;

	buf_init(&out, 1u << 20);
	for (int i = 0; i < GATEWAY_UPLOADS_MAX; i++)
		CHECK(ask("POST", begin, no_body, &out, &body, &len) == 200);
	CHECK(ask("POST", begin, no_body, &out, &body, &len) == 503);
	/* Where all places are taken the one that was touched longest ago gives its own up after an hour, and no other. */
	gateway_uploads_expire(r, time(NULL) + 3500);
	CHECK(r->upload_count == GATEWAY_UPLOADS_MAX);
	gateway_uploads_expire(r, time(NULL) + 3601);
	CHECK(r->upload_count == GATEWAY_UPLOADS_MAX - 1);
	gateway_uploads_expire(r, time(NULL) + 24 * 3500);
	CHECK(r->upload_count == GATEWAY_UPLOADS_MAX - 1);
	CHECK(ask("POST", begin, no_body, &out, &body, &len) == 200);
	CHECK(ask("POST", begin, no_body, &out, &body, &len) == 503);
	/* One that a request works on stays. */
	r->uploads->users++;
	gateway_uploads_expire(r, time(NULL) + 24 * 3601);
	CHECK(r->upload_count == 1 && r->uploads->next == NULL);
	r->uploads->users--;
	gateway_uploads_expire(r, time(NULL) + 24 * 3601);
	CHECK(r->upload_count == 0 && r->uploads == NULL);
	CHECK(ask("POST", begin, no_body, &out, &body, &len) == 200);
	buf_free(&out);
}

int
main(void)
{
	setup();
	start();
	test_objects();
	test_at_once();
	test_result();
	test_abandoned();
	finish();
	teardown();
	return check_done();
}
