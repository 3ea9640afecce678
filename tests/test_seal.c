/* stager-seal as a program, by its control messages: it finishes nothing before it knows that it has all. */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "image.h"
#include "stager/c4gh.h"
#include "stager/enc.h"
#include "stager/entry.h"
#include "stager/shard.h"
#include "stager/header.h"
#include "stager/io.h"
#include "stager/json.h"
#include "stager/secret.h"
#include "stager/wire.h"

static struct err e;

enum end_when { END_FIRST, END_WHEN_ASKED, END_LAST, END_NEVER };

/* One conversation: what to do, and what came of it. */
struct talk {
	int64_t size, set, lanes; /* lanes: one less than there are */
	int entry_set;
	const char *vault; /* NULL: a real key */
	int members;       /* of 300,000 bytes each */
	int units;         /* streams that they come in, less one, the last one first to be written */
	bool cut;          /* the pipe ends inside the last */
	enum end_when when;
	int64_t end; /* entries that END says */
	bool end_twice;
	int64_t ahead;         /* bytes */
	bool no_pipe;          /* ENTRIES has none */
	bool late_unit;        /* ENTRIES comes after END */
	enum wire_type answer; /* to SHARD_OPEN, where not SHARD_FILES */
	bool look;             /* into its memory, once it has finished */
	pid_t seal;

	int status;
	int opened, done, read;
	bool index_done, finished;
	int64_t entries, bytes;
	uint64_t sealed; /* bytes in bodies that were done */
};

#define UNITS_MAX 4

/* The members, in as many streams as they come in; the later ones are whole before the first has a byte. */
static void
feed(const struct talk *t, const int *fds)
{
	static uint8_t data[300000];
	struct entry_writer w;
	struct entry entry;

	(void)signal(SIGPIPE, SIG_IGN);
	memset(data, 'd', sizeof(data));
	for (int unit = t->units; unit >= 0; unit--) {
		int first = t->members * unit / (t->units + 1),
		    end = t->members * (unit + 1) / (t->units + 1);

		entry_writer_init(&w, fds[unit]);
		w.set = (uint8_t)t->entry_set;
		for (int i = first; i < end; i++) {
			/* Which member it is, its length says. */
			size_t len = sizeof(data) - (size_t)i;

			entry_init(&entry, "x", "txt", RESCAN_TEXT, len);
			if (entry_begin(&w, &entry, NULL) == -1 ||
			    entry_write(&w, data, t->cut && i + 1 == t->members ? 1000 : len, NULL) == -1)
				break;
		}
		(void)close(fds[unit]);
	}
	_exit(0);
}

static void
send_units(const struct talk *t, int control, int *writers)
{
	struct json *j = json_object();
	int fds[2];

	for (int i = 0; i <= t->units; i++) {
		if (pipe2(fds, O_CLOEXEC) == -1)
			abort();
		(void)!wire_send(control, WIRE_ENTRIES, j, &fds[0], t->no_pipe ? 0 : 1, &e);
		(void)close(fds[0]);
		writers[i] = fds[1];
	}
	json_free(j);
}

static void
send_end(const struct talk *t, int control)
{
	struct json *j = json_object();

	json_set_int(j, "entries", t->end);
	(void)!wire_send(control, WIRE_END, j, NULL, 0, NULL);
	json_free(j);
}

static int
temp_file(void)
{
	char path[] = "/tmp/stager-test-XXXXXX";
	int fd = mkstemp(path);

	if (fd == -1 || unlink(path) == -1)
		abort();
	return fd;
}

/* Wait for seal's next word. Once the pipe has been empty for a while, say what is left to say. */
static void
wait_for_word(struct talk *t, int control, pid_t *feeder)
{
	struct pollfd p = {.fd = control, .events = POLLIN};
	bool said = false;

	while (poll(&p, 1, 30) == 0) {
		if (*feeder != -1 && waitpid(*feeder, NULL, WNOHANG) == *feeder) {
			*feeder = -1;
		} else if (*feeder == -1 && !said) {
			said = true;
			if (t->when == END_LAST)
				send_end(t, control);
			if (t->when == END_NEVER)
				(void)shutdown(control, SHUT_WR);
		}
	}
}

/* The data keys that came out, for test_image. */
static struct secret *keys[8];
static size_t key_count;

/* It has said DONE: neither a key nor plaintext is left. Its own name is, so the search does find things. */
static void
look_into(const struct talk *t)
{
	uint8_t plain[32];

	memset(plain, 'd', sizeof(plain));
	CHECK(image_stop_at_exit(t->seal));
	CHECK(key_count == 4);
	for (size_t i = 0; i < key_count; i++)
		CHECK(image_without_key(t->seal, keys[i]->bytes, "data key"));
	CHECK(image_count(t->seal, plain, sizeof(plain), "plaintext") == 0);
	CHECK(image_count(t->seal, "control socket: the other side went away", 40, "control") > 0);
	image_release(t->seal);
}

/* Our side of the conversation, until seal has no more to say. */
static void
serve(struct talk *t, int control, const struct secret *vault, pid_t *feeder)
{
	int body = -1, index = -1, *files;
	struct wire_message m;
	struct json *j, *reply = json_object();
	struct secret *shared, *key;
	uint8_t header[HEADER_LEN], writer[X25519_LEN], commitment[COMMITMENT_LEN], said[COMMITMENT_LEN];
	int64_t body_len;

	wire_message_init(&m);
	while (wait_for_word(t, control, feeder), wire_receive(control, &m, &e) == 1) {
		j = json_parse_canonical(m.payload.data, m.payload.len, "message", &e);
		CHECK(j != NULL);
		if (m.type == WIRE_SHARD_OPEN) {
			bool is_index = strcmp(json_need_string(j, "name", "message", &e), "index") == 0;
			int fds[2] = {temp_file(), temp_file()};

			CHECK(is_index == (t->opened == 0)); /* the index is opened first */
			t->opened++;
			if (t->when == END_WHEN_ASKED && t->opened == 2)
				send_end(t, control);
			if (t->when == END_WHEN_ASKED && t->opened == 2 && t->end_twice)
				send_end(t, control);
			files = is_index ? &index : &body;
			*files = dup(fds[0]);
			(void)!wire_send(control, t->answer == 0 ? WIRE_SHARD_FILES : t->answer, reply, fds,
			    t->answer == 0 ? 2 : 0, &e);
			(void)close(fds[0]);
			(void)close(fds[1]);
		} else if (m.type == WIRE_SHARD_DONE) {
			bool is_index = strcmp(json_need_string(j, "name", "message", &e), "index") == 0;

			/* whole on disk, and the header opens to the key that was committed to */
			files = is_index ? &index : &body;
			CHECK_OK(json_need_int(j, "body", 1, JSON_INT_MAX, "message", &body_len, &e));
			CHECK(lseek(*files, 0, SEEK_END) == body_len);
			io_close(files);
			CHECK_OK(json_need_hex(j, "header", header, sizeof(header), "message", &e));
			CHECK_OK(json_need_hex(j, "commitment", said, sizeof(said), "message", &e));
			CHECK_OK(header_writer(header, writer, &e));
			shared = header_shared_reader(vault, writer, &e);
			key = header_open(shared, writer, header, &e);
			CHECK(key != NULL);
			if (key != NULL)
				header_commitment(key, commitment);
			CHECK(memcmp(commitment, said, sizeof(said)) == 0);
			if (t->look && key_count < 8)
				keys[key_count++] = key;
			else
				secret_free(key);
			secret_free(shared);
			t->sealed += (uint64_t)body_len;
			t->done++;
			t->index_done = t->index_done || is_index;
			if (is_index && t->look)
				t->look = image_watch(t->seal);
			(void)!wire_send(control, WIRE_OK, reply, NULL, 0, &e);
		} else if (m.type == WIRE_ENTRIES_READ) {
			t->read++;
		} else if (m.type == WIRE_DONE) {
			t->finished = true;
			CHECK(t->read == t->units + 1);
			CHECK_OK(json_need_int(j, "entries", 0, JSON_INT_MAX, "message", &t->entries, &e));
			CHECK_OK(json_need_int(j, "bytes", 0, JSON_INT_MAX, "message", &t->bytes, &e));
			if (t->look)
				look_into(t);
		} else {
			CHECK(false);
		}
		json_free(j);
		wire_message_free(&m);
		wire_message_init(&m);
	}
	wire_message_free(&m);
	json_free(reply);
	io_close(&body);
	io_close(&index);
}

static void
talk(struct talk *t)
{
	struct secret *vault;
	uint8_t public_key[X25519_LEN];
	char path[4096], hex[2 * X25519_LEN + 1];
	struct json *j = json_object();
	int pair[2], writers[UNITS_MAX];
	pid_t seal, feeder;

	vault = header_keypair(public_key, &e);
	hex_encode(public_key, sizeof(public_key), hex);
	(void)snprintf(path, sizeof(path), "%s/stager-seal", getenv("STAGER_BUILD"));
	if (wire_pair(pair, &e) == -1)
		abort();
	if ((seal = fork()) == 0) {
		int control = fcntl(pair[1], F_DUPFD, 10);
		int quiet = open("/dev/null", O_WRONLY);

		if (control == -1 || dup2(control, 3) == -1 ||
		    (getenv("STAGER_LOUD") == NULL && dup2(quiet, 2) == -1))
			_exit(99);
		(void)close(control);
		(void)close(quiet);
		(void)execl(path, "stager-seal", (char *)NULL);
		_exit(99);
	}
	t->seal = seal;
	(void)close(pair[1]);
	json_set_int(j, "ahead", t->ahead);
	json_set_int(j, "lanes", 1 + t->lanes);
	json_set_int(j, "samples", 0);
	json_set_int(j, "shards", 0);
	json_set_int(j, "set", t->set);
	json_set_int(j, "size", t->size);
	json_set_string(j, "vault", t->vault == NULL ? hex : t->vault);
	(void)!wire_send(pair[0], WIRE_SEAL, j, NULL, 0, &e);
	json_free(j);
	if (t->late_unit && t->when == END_FIRST)
		send_end(t, pair[0]);
	send_units(t, pair[0], writers);
	if (!t->late_unit && t->when == END_FIRST)
		send_end(t, pair[0]);
	if ((feeder = fork()) == 0)
		feed(t, writers);
	for (int i = 0; i <= t->units; i++)
		(void)close(writers[i]);
	serve(t, pair[0], vault, &feeder);
	(void)close(pair[0]);
	(void)waitpid(seal, &t->status, 0);
	t->status = WIFEXITED(t->status) ? WEXITSTATUS(t->status) : -WTERMSIG(t->status);
	if (feeder != -1)
		(void)waitpid(feeder, NULL, 0);
	secret_free(vault);
}

/* Nothing that could pass for the whole: no index, no DONE, and the exit status says so. */
static void
check_refused(struct talk *t, int done)
{
	talk(t);
	CHECK(t->status > 0 && t->status < 99 && !t->finished && !t->index_done && t->done == done);
	if (t->status <= 0 || t->done != done)
		fprintf(stderr, "status %d, done %d\n", t->status, t->done);
}

static void
test_whole(void)
{
	static const enum end_when whens[] = {END_FIRST, END_WHEN_ASKED, END_LAST};
	uint64_t sealed = 0;

	for (size_t i = 0; i < 3; i++) {
		/* three members fit in 1 MiB: shards of 3, 3 and 1 */
		struct talk t = {.size = 1 << 20, .members = 7, .when = whens[i], .end = 7};

		talk(&t);
		CHECK(t.status == 0 && t.finished && t.entries == 7 && t.bytes == 2100000 - 21);
		CHECK(t.opened == 4 && t.done == 4 && t.index_done);
		CHECK(t.sealed > 2099000 && (sealed == 0 || sealed == t.sealed));
		sealed = t.sealed;
	}
	/* in several streams, with and without room for those whose turn has not come: the same */
	for (int i = 0; i < 2 * UNITS_MAX; i++) {
		struct talk t = {.size = 1 << 20,
		    .members = 7,
		    .units = i / 2,
		    .ahead = i % 2 == 0 ? INT64_C(4) << 20 : 0,
		    .when = END_LAST,
		    .end = 7};

		/* The last streams are written first: what no pipe holds must be taken ahead. */
		if (t.ahead == 0 && t.units > 0)
			continue;
		talk(&t);
		CHECK(t.status == 0 && t.finished && t.entries == 7 && t.bytes == 2100000 - 21);
		CHECK(t.opened == 4 && t.done == 4 && t.index_done && t.sealed == sealed);
	}
	/* nothing came, and nothing was to come */
	struct talk t = {.size = 1 << 20, .when = END_FIRST};

	talk(&t);
	CHECK(t.status == 0 && t.finished && t.entries == 0 && t.bytes == 0 && t.opened == 0);
}

#ifndef STAGER_SANITIZED
static void
test_image(void)
{
	struct talk t = {.size = 1 << 20, .members = 7, .when = END_FIRST, .end = 7, .look = true};

	talk(&t);
	CHECK(t.status == 0 && t.finished && t.done == 4);
	for (size_t i = 0; i < key_count; i++)
		secret_free(keys[i]);
}
#endif

static void
test_refused(void)
{
	/* one shard is full and done before it comes out */
	check_refused(&(struct talk){.size = 1 << 20, .members = 5, .when = END_LAST, .end = 6}, 1);
	check_refused(&(struct talk){.size = 1 << 20, .members = 5, .when = END_LAST, .end = 4}, 1);
	check_refused(&(struct talk){.size = 1 << 20, .members = 5, .when = END_FIRST, .end = 6}, 1);
	check_refused(&(struct talk){.size = 1 << 20, .members = 5, .when = END_NEVER}, 1);
	check_refused(&(struct talk){.size = 1 << 20, .members = 0, .when = END_LAST, .end = 1}, 0);
	check_refused(
	    &(struct talk){.size = 1 << 20, .members = 2, .cut = true, .when = END_FIRST, .end = 2}, 0);
	check_refused(
	    &(struct talk){
		.size = 1 << 20, .members = 2, .when = END_WHEN_ASKED, .end = 2, .end_twice = true},
	    0);
	check_refused(
	    &(struct talk){.size = 1 << 20, .members = 2, .when = END_FIRST, .end = 2, .answer = WIRE_OK}, 0);
	check_refused(
	    &(struct talk){
		.size = 1 << 20, .members = 2, .when = END_FIRST, .end = 2, .answer = WIRE_SHARD_FILES + 100},
	    0);
	/* an entry of another set, even of the first; a set that there cannot be */
	check_refused(
	    &(struct talk){.size = 1 << 20, .entry_set = 1, .members = 2, .when = END_FIRST, .end = 2}, 0);
	check_refused(
	    &(struct talk){.size = 1 << 20, .set = 1, .members = 2, .when = END_FIRST, .end = 2}, 0);
	check_refused(&(struct talk){.size = 1 << 20,
			  .set = ENTRY_SETS_MAX,
			  .entry_set = ENTRY_SETS_MAX - 1,
			  .members = 1,
			  .when = END_FIRST,
			  .end = 1},
	    0);
	/* more shards at once than there may be; several, and no key of their order */
	check_refused(
	    &(struct talk){.size = 1 << 20, .lanes = SHARD_LANES, .members = 2, .when = END_FIRST, .end = 2},
	    0);
	check_refused(
	    &(struct talk){.size = 1 << 20, .lanes = 1, .members = 2, .when = END_FIRST, .end = 2}, 0);
	/* a unit that is cut, and not the last one; ENTRIES without a pipe, and after END; more memory than there is for them */
	check_refused(&(struct talk){.size = 1 << 20,
			  .members = 2,
			  .units = 1,
			  .ahead = 4 << 20,
			  .cut = true,
			  .when = END_FIRST,
			  .end = 2},
	    0);
	check_refused(
	    &(struct talk){.size = 1 << 20, .members = 2, .no_pipe = true, .when = END_FIRST, .end = 2}, 0);
	check_refused(
	    &(struct talk){.size = 1 << 20, .members = 2, .late_unit = true, .when = END_FIRST, .end = 2}, 0);
	check_refused(&(struct talk){.size = 1 << 20,
			  .members = 2,
			  .ahead = (INT64_C(512) << 20) + 1,
			  .when = END_FIRST,
			  .end = 2},
	    0);
	/* targets past the limits; keys that are none */
	check_refused(&(struct talk){.size = (1 << 20) - 1, .members = 1, .when = END_FIRST, .end = 1}, 0);
	check_refused(
	    &(struct talk){.size = (INT64_C(5) << 30) + 1, .members = 1, .when = END_FIRST, .end = 1}, 0);
	check_refused(
	    &(struct talk){.size = 1 << 20, .vault = "00", .members = 1, .when = END_FIRST, .end = 1}, 0);
	/* a point of small order gives everybody the same shared key */
	check_refused(&(struct talk){.size = 1 << 20,
			  .vault = "0000000000000000000000000000000000000000000000000000000000000000",
			  .members = 1,
			  .when = END_FIRST,
			  .end = 1},
	    0);
}

int
main(void)
{
	if (getenv("STAGER_BUILD") == NULL) {
		printf("skipped: STAGER_BUILD does not name the folder of stager-seal\n");
		return 77;
	}
	CHECK_OK(secret_start(&e));
	(void)signal(SIGPIPE, SIG_IGN);
	(void)unsetenv("MALLOC_PERTURB_"); /* meson's: it would wipe what stager-seal frees */
	test_whole();
	test_refused();
#ifndef STAGER_SANITIZED
	test_image(); /* AddressSanitizer keeps what was freed */
#endif
	return check_done();
}
