/* What stager-scrub leaves in its memory when its unit is done: no pseudonym key, and of the files nothing that it took out. */
#include <sodium.h>

#include "image.h"
#include "scrub_role.h"

/* Planted in every file; none of it may be left, wherever it stood. */
static const char name[] = "Zwartewaal-de Koninck, Wilhelmina Petronella";
static const char number[] = "0612345678";
static const char subject[] = "patient-7f3a9c01d2e4b586";

static struct secret_words {
	uint8_t key[32];
	crypto_auth_hmacsha256_state state;
} words;

static void
plant(struct buf *b, const char *form, unsigned rows)
{
	buf_init(b, 1 << 24);
	for (unsigned i = 0; i < rows; i++)
		CHECK_OK(buf_printf(b, &e, form, i, subject, name, number));
}

static void
send_planted(const struct run *r, enum wire_type type, const char *file, int64_t n, const char *head,
    const char *form, unsigned rows)
{
	struct buf b, all;

	plant(&b, form, rows);
	buf_init(&all, 1 << 24);
	CHECK_OK(buf_put_str(&all, head, &e));
	CHECK_OK(buf_put(&all, b.data, b.len, &e));
	send_source(r, type, file, n, all.data, all.len, (int64_t)all.len);
	buf_free(&b);
	buf_free(&all);
}

/*
 * Its memory at its end, after it has said DONE. passes: names go out as they are, as in free text; of what was copied last, the
 * vector registers, which the dynamic linker saves on the stack when it looks a function up at the exit, still hold some.
 */
static void
look(struct run *r, bool passes)
{
	int status = -1;

	CHECK(image_stop_at_exit(r->pid));
	CHECK(image_without_key(r->pid, words.key, "pseudonym subkey"));
	/* HMAC's two states, which are the key to whoever wants pseudonyms. */
	CHECK(image_count(r->pid, words.state.ictx.state, 32, "HMAC, inner") == 0);
	CHECK(image_count(r->pid, words.state.octx.state, 32, "HMAC, outer") == 0);
	CHECK(image_count(r->pid, number, sizeof(number) - 1, "a number") == 0);
	if (!passes) {
		CHECK(image_count(r->pid, name, sizeof(name) - 1, "a name") == 0);
		CHECK(image_count(r->pid, subject, sizeof(subject) - 1, "a subject") == 0);
	}
	CHECK(image_count(r->pid, "record-too-long", 15, "control") > 0);
	image_release(r->pid);
	CHECK(waitpid(r->pid, &status, 0) == r->pid && status == 0);
	r->pid = -1;
}

static const char policy[] = "policy: 1\nname: n\nproject: p\npseudonym: {domain: d}\n"
			     "files:\n"
			     "  - {match: '**/*.csv', format: csv, columns: {i: {keep: number}, nr: "
			     "pseudonym, name: drop, tel: text}}\n"
			     "  - {match: '**/*.txt', format: text}\n"
			     "  - {match: '**/*.jsonl', format: jsonl, fields: {$.i: {keep: number}, $.nr: "
			     "pseudonym, $.n: drop, $.t: text}}\n"
			     "  - {match: '**/*.tmp', format: drop}\n"
			     "  - {match: '**/*.bin', format: opaque, ext: bin}\n"
			     "accept: {files: 100%, records: 100%}\n"
			     "sets: {abroad: {hold: [NL], open: [lumi]}}\n";

/* One unit with these files. */
static void
unit(const char *what, enum wire_type type, const char *file, const char *head, const char *form,
    unsigned rows, bool tar)
{
	struct run r = start("unit", 32, -1, NULL);
	struct json *done;

	send_policy(&r, policy);
	if (tar) {
		uint8_t *bytes = calloc(4, 512);
		char text[512];
		size_t len;

		(void)snprintf(text, sizeof(text), form, 1u, subject, name, number);
		len = tar_of(bytes, file, text);
		send_source(&r, type, "", 1, bytes, len, (int64_t)len);
		free(bytes);
	} else {
		send_planted(&r, type, file, 1, head, form, rows);
	}
	if (!image_watch(r.pid)) {
		io_close(&r.control);
		io_close(&r.complaint);
		io_close(&r.entries);
		(void)waitpid(r.pid, NULL, 0);
		return;
	}
	CHECK_OK(wire_send(r.control, WIRE_END, NULL, NULL, 0, &e));
	CHECK((done = wire_expect(r.control, WIRE_DONE, NULL, 0, &e)) != NULL);
	CHECK(number_at(json_get(done, "report"), "files", "seen") == 1);
	json_free(done);
	fprintf(stderr, "%s\n", what);
	look(&r, strstr(what, "text") == what);
	io_close(&r.control);
	io_close(&r.complaint);
	io_close(&r.entries);
}

int
main(void)
{
	static const char csv[] = "%u,%s,\"%s\",bel %s\n";
	static const char jsonl[] = "{\"i\":%u,\"nr\":\"%s\",\"n\":\"%s\",\"t\":\"bel %s\"}\n";
	static const char text[] = "%u: %s %s bel %s\n";

#ifdef STAGER_SANITIZED
	printf("skipped: AddressSanitizer keeps what was freed\n");
	return 77;
#endif
	if (!role_start() || sodium_init() == -1)
		return 77;
	(void)unsetenv("MALLOC_PERTURB_"); /* meson's: it would wipe what is freed */
	for (size_t i = 0; i < sizeof(role_key); i++)
		role_key[i] = (uint8_t)(37 * i + 11);
	memcpy(words.key, role_key, sizeof(words.key));
	(void)crypto_auth_hmacsha256_init(&words.state, words.key, sizeof(words.key));
	unit("csv", WIRE_FILE, "a.csv", "i,nr,name,tel\n", csv, 20000, false);
	unit("csv, of one row", WIRE_FILE, "a.csv", "i,nr,name,tel\n", csv, 1, false);
	unit("csv, held", WIRE_FILE, "a.csv", "i,nr,name,tel,more\n", csv, 10, false);
	unit("jsonl", WIRE_FILE, "a.jsonl", "", jsonl, 5000, false);
	unit("jsonl, broken", WIRE_FILE, "a.jsonl", "", "{%u %s %s %s\n", 50, false);
	unit("text", WIRE_FILE, "a.txt", "", text, 3000, false);
	unit("text, one line", WIRE_FILE, "a.txt", "", text, 1, false);
	unit("csv, from a pipe", WIRE_PIPED_FILE, "a.csv", "i,nr,name,tel\n", csv, 300, false);
	unit("dropped, from a pipe", WIRE_PIPED_FILE, "a.tmp", "", text, 300, false);
	unit("held, from a pipe", WIRE_PIPED_FILE, "a.csv", "i,nr,name,tel,more\n", csv, 300, false);
	unit("tar, from a pipe", WIRE_PIPED_ARCHIVE, "a.csv", "", csv, 1, true);
	unit("text, held", WIRE_FILE, "a.txt", "\xff\x01", text, 3000, false);
	unit("opaque", WIRE_FILE, "a.bin", "", text, 3000, false);
	unit("no rule", WIRE_FILE, "a.xyz", "", text, 50, false);
	unit("dropped", WIRE_FILE, "a.tmp", "", text, 50, false);
	unit("tar", WIRE_ARCHIVE, "a.csv", "", "i,nr,name,tel\n%u,%s,\"%s\",bel %s\n", 1, true);
	return check_done();
}
