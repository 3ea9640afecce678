/* One file: find its rule, give it to its format's reader, count what became of it; and the reader that
 * changes nothing. */
#include "stager/scrub.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "format/fixed.h"
#include "stager/encoding.h"
#include "stager/entry.h"
#include "stager/json.h"
#include "stager/policy.h"
#include "stager/report.h"
#include "stager/source.h"
#include "stager/unpack.h"
#include "need.h"
#include "packed.h"
#include "subject.h"

#define ATTRIBUTES_MAX 32   /* of one policy */
#define CANARY_KNOWN_MAX 64 /* bytes of one known value of a canary's subject */
#define OPAQUE_CHUNK (256u << 10)

/* A source that counts what is read from another. */
struct counted {
	struct source source; /* use this one */
	struct source *inner;
	uint64_t bytes;
};

static ssize_t
counted_read(struct source *s, void *out, size_t len, struct err *e)
{
	struct counted *c = (struct counted *)s; /* source is its first member */
	ssize_t n = c->inner->read(c->inner, out, len, e);

	if (n > 0)
		c->bytes += (uint64_t)n;
	return n;
}

/* Exactly the size that the source said, which stands in the entry's head already. */
static int
opaque_copy(struct scrub *s, struct source *in, uint8_t *chunk, struct err *e)
{
	uint64_t left = in->size;
	ssize_t n;

	while (left > 0) {
		n = in->read(in, chunk, left < OPAQUE_CHUNK ? (size_t)left : OPAQUE_CHUNK, e);
		if (n == 0)
			return err_set(e, ERR_INPUT, "file %" PRIu64 ": shorter than it said", in->number);
		if (n == -1 || entry_write(s->out, chunk, (size_t)n, e) == -1)
			return -1;
		left -= (uint64_t)n;
	}
	if ((n = in->read(in, chunk, 1, e)) > 0)
		return err_set(e, ERR_INPUT, "file %" PRIu64 ": longer than it said", in->number);
	return n == -1 ? -1 : 0;
}

int
opaque_scrub(struct scrub *s, struct source *in, struct err *e)
{
	struct entry entry;
	uint8_t *chunk;
	int rc = -1;

	/* An entry begins with its size, and what is passed as it is can be too large to be held in memory.
	 */
	if (!in->size_known) {
		report_hold(s->report, HOLD_FILE, "size-unknown", in->number, 1);
		return 0;
	}
	if ((chunk = malloc(OPAQUE_CHUNK)) == NULL)
		return err_sys(e, "file %" PRIu64, in->number);
	entry_init(&entry, subject_of(s), s->rule->ext, RESCAN_NONE, in->size);
	if (entry_begin(s->out, &entry, e) == 0)
		rc = opaque_copy(s, in, chunk, e);
	explicit_bzero(chunk, OPAQUE_CHUNK);
	free(chunk);
	return rc;
}

/* A table of fixed columns is one of CSV, once it is cut. */
static int
fixed_scrub(struct scrub *s, struct source *in, struct err *e)
{
	struct fixed fixed;
	int rc = fixed_init(&fixed, in, s->rule, e);

	encoded_over(s->out, in, &fixed.source, &fixed.plain);
	if (rc == 0)
		rc = csv_scrub(s, &fixed.source, e);
	encoded_over(s->out, in, NULL, NULL);
	fixed_free(&fixed);
	return rc;
}

static const struct {
	const char *word;
	int (*scrub)(struct scrub *s, struct source *in, struct err *e); /* NULL: dropped unread */
	bool text;                                                       /* in any encoding */
	bool unpack; /* of a compressed file it reads what that holds */
} readers[] = {
    [FORMAT_CSV] = {"csv", csv_scrub, true, true},
    [FORMAT_FIXED] = {"fixed", fixed_scrub, true, true},
    [FORMAT_JSONL] = {"jsonl", jsonl_scrub, true, true},
    [FORMAT_JSON] = {"json", jsonl_scrub, true, true},
    [FORMAT_XML] = {"xml", xml_scrub, true, true},
    [FORMAT_TEXT] = {"text", text_scrub, true, true},
    [FORMAT_EML] = {"eml", mail_scrub, false, true},
    [FORMAT_DICOM] = {"dicom", dicom_scrub, false, false},
    [FORMAT_OPAQUE] = {"opaque", opaque_scrub, false, false},
    [FORMAT_DROP] = {"drop", NULL, false, false},
};

/* Readers may count some of these as they go: what they left out is added. before: what stood there at first.
 */
static void
settle(struct report *r, const char *section, const char *key, uint64_t before, uint64_t want)
{
	uint64_t counted = report_get(r, section, key) - before;

	if (want > counted)
		report_add(r, section, key, want - counted);
}

/* Readers of text see UTF-8, whatever comes; what they write leaves as it came. */
static int
read_text(struct scrub *s, struct source *in, struct err *e)
{
	struct encoded encoded;
	int rc = -1;

	if (encoded_init(&encoded, in, e) == 0) {
		encoded_writer(&encoded, s->out);
		rc = readers[s->rule->format].scrub(s, &encoded.source, e);
	}
	encoded_free(&encoded, s->out);
	return rc;
}

static int
read_form(struct scrub *s, struct source *in, struct err *e)
{
	return readers[s->rule->format].text ? read_text(s, in, e) : readers[s->rule->format].scrub(s, in, e);
}

static int
read_file(struct scrub *s, struct source *in, struct err *e)
{
	struct counted counted = {.source = *in, .inner = in};
	struct report *r = s->report;
	uint64_t left = report_get(r, "files", "held") + report_get(r, "files", "dropped"),
		 bytes_in = report_get(r, "bytes", "in");
	uint64_t bytes_out = report_get(r, "bytes", "out"), members = report_get(r, "members", "out");
	uint64_t bytes_before = s->out->bytes, entries_before = s->out->entries;

	counted.source.read = counted_read;
	if (read_form(s, &counted.source, e) == -1)
		return -1;
	if (s->out->left != 0)
		return err_set(
		    e, ERR_SYSTEM, "file %" PRIu64 ": its reader left a member unfinished", in->number);
	settle(r, "bytes", "in", bytes_in, counted.bytes);
	settle(r, "bytes", "out", bytes_out, s->out->bytes - bytes_before);
	settle(r, "members", "out", members, s->out->entries - entries_before);
	if (report_get(r, "files", "held") + report_get(r, "files", "dropped") == left)
		report_add(r, "files", "passed", 1);
	return 0;
}

/* Whom a file is about whose name says so: 1, or 0 where nothing of it may leave. Counts what is not read. */
static int
named_subject(struct scrub *s, const struct source *in, struct subject *subject)
{
	const char *key, *reason = "subject-missing";
	size_t len;

	if (s->rule->subject == NULL)
		return 1;
	s->subject = subject;
	if (policy_glob_key(s->rule->subject, in->name, &key, &len))
		return subject_of_file(s, key, len, in->number);
	report_hold(s->report, HOLD_FILE, reason, in->number, 1);
	return 0;
}

static int
count_file(struct scrub *s, struct source *in, bool several, struct err *e)
{
	const uint64_t excluded = report_get(s->report, "subjects", "excluded");
	struct subject subject;
	bool named;
	int rc = 0;

	report_add(s->report, "files", "seen", 1);
	if (s->rule == NULL) {
		report_hold(
		    s->report, HOLD_FILE, several ? "file-several-rules" : "file-unmatched", in->number, 1);
		return 0;
	}
	report_add(s->report, "formats", readers[s->rule->format].word, 1);
	if (readers[s->rule->format].scrub == NULL) {
		report_add(s->report, "files", "dropped", 1);
		return 0;
	}
	named = s->context != NULL && (s->rule->format == FORMAT_TEXT || s->rule->format == FORMAT_EML ||
					  s->rule->format == FORMAT_OPAQUE);
	if (!named || named_subject(s, in, &subject) == 1) {
		rc = read_file(s, in, e);
		if (named && report_get(s->report, "subjects", "excluded") == excluded)
			report_add(
			    s->report, "subjects", s->rule->subject != NULL ? "linked" : "unlinked", 1);
	}
	s->subject = NULL;
	return rc;
}

/* What a compressed file holds, under its own name or that one, as the rule took it. */
static int
unpack_file(struct scrub *s, struct source *in, bool inner, struct err *e)
{
	struct unpacked *u = unpack_new(in, e);
	int rc = -1;

	if (u != NULL) {
		if (!inner)
			unpack_source(u)->name = in->name;
		if (count_file(s, unpack_source(u), false, e) == 0)
			rc = unpack_finish(u, e);
	}
	unpack_free(u);
	return rc;
}

int
scrub_file(struct scrub *s, struct source *in, struct err *e)
{
	bool several, inner;
	int rc;

	s->out->file = in->number;
	s->rule = packed_rule(s->policy, in->name, &several, &inner);
	/* What is passed on as it is, is not what the rule's name says. */
	if (inner && s->rule != NULL && !readers[s->rule->format].unpack && s->rule->format != FORMAT_DROP)
		s->rule = NULL;
	s->out->set = s->rule == NULL ? s->policy->set_first : s->rule->set;
	if (scrub_begin(s, in, e) == -1)
		return -1;
	report_file_begin(
	    s->report, in->number, s->rule == NULL ? 0 : (uint64_t)(s->rule - s->policy->rules) + 1);
	rc = s->rule != NULL && readers[s->rule->format].unpack && unpack_name(in->name) > 0
		 ? unpack_file(s, in, inner, e)
		 : count_file(s, in, several, e);
	report_file_end(s->report);
	s->rule = NULL;
	return rc;
}

/* What is known of nobody, behind the attributes. */
static int
put_known(const struct json *known, uint8_t *body, size_t *len, struct err *e)
{
	static const char *const kinds[] = {
	    [KNOWN_PERSON] = "person", [KNOWN_NUMBER] = "number", [KNOWN_ADDRESS] = "address"};

	for (size_t i = 0; i < KNOWN_KINDS; i++) {
		const struct json *value = json_get(known, kinds[i]);
		size_t n;

		if (value == NULL)
			continue;
		if (value->type != JSON_STRING || (n = strlen(value->string)) == 0 || n > CANARY_KNOWN_MAX)
			return err_set(e, ERR_INPUT, "canary: what is known has no form that it may have");
		body[(*len)++] = (uint8_t)i;
		body[(*len)++] = (uint8_t)n;
		memcpy(body + *len, value->string, n);
		*len += n;
	}
	return 0;
}

/* One whose name says that it is compressed is unpacked, as the files are that the rule takes. */
static int
read_canary(struct scrub *trial, struct source *in, struct err *e)
{
	struct unpacked *u;
	int rc = -1;

	if (!readers[trial->rule->format].unpack || unpack_name(in->name) == 0)
		return read_form(trial, in, e);
	if ((u = unpack_new(in, e)) != NULL && read_form(trial, unpack_source(u), e) == 0)
		rc = unpack_finish(u, e);
	unpack_free(u);
	return rc;
}

int
scrub_canary(struct scrub *s, size_t rule, const struct json *known, struct source *in, struct err *e)
{
	/* Nobody: dates move by one step, and each attribute is known and says nothing. */
	const size_t attributes = s->policy->subject != NULL ? s->policy->subject->attribute_count : 0;
	uint8_t body[SUBJECT_HEAD_LEN + ATTRIBUTES_MAX + KNOWN_KINDS * (2 + CANARY_KNOWN_MAX)] = {
	    (uint8_t)s->policy->shift_step, (uint8_t)(s->policy->shift_step >> 8), 0, 0, (uint8_t)attributes};
	struct subject nobody = {.pseudonym = "kanariekanariekanariekanar",
	    .body = body,
	    .body_len = SUBJECT_HEAD_LEN + attributes};
	struct scrub trial = *s;
	int rc;

	if (rule >= s->policy->rule_count || readers[s->policy->rules[rule].format].scrub == NULL)
		return err_set(e, ERR_INPUT, "canary: for a rule that reads nothing");
	if (put_known(known, body, &nobody.body_len, e) == -1)
		return -1;
	trial.rule = &s->policy->rules[rule];
	s->out->set = trial.rule->set;
	trial.context = NULL;
	trial.withdrawn = NULL;
	trial.records = NULL; /* it is one of none */
	trial.subject = s->policy->subject != NULL ? &nobody : NULL;
	trial.report = report_new();
	s->out->file = ENTRY_FILE_CANARY;
	rc = read_canary(&trial, in, e);
	report_free(trial.report);
	return rc;
}
