/*
 * Scrubbing one file: what every format's reader is given, and the readers.
 *
 * A reader streams the file from its source, writes scrubbed members to the entry stream, and counts in the
 * report. What it cannot vouch for it holds: it counts it by a reason with report_hold and does not write it.
 * It returns 0 also then. -1 means that the whole push must stop: a source that cannot be read, a pipe that
 * broke, no memory. Memory: at most ENTRY_BUFFERED_MAX for what is being made, plus the same for what is
 * being read, unless said otherwise.
 */
#ifndef STAGER_SCRUB_H
#define STAGER_SCRUB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stager/buf.h"
#include "stager/detect.h"
#include "stager/err.h"

struct action;
struct context;
struct entry_writer;
struct policy;
struct pseudonym_key;
struct records;
struct report;
struct rule;
struct secret;
struct source;
struct subject;
struct withdrawn;

#define PSEUDONYM_LEN 26 /* 128 bits in base32 */

/* What no two threads may share: patterns remember what they met, and so does the key. */
struct scrub_thread {
	const struct policy *policy; /* decoded from the same resolved form */
	struct pseudonym_key *key;
	struct withdrawn *withdrawn; /* as the scrub's own */
};

struct json;

/* What reading a file comes to, before it is read. */
struct scrub_need {
	uint64_t
	    memory; /* bytes at most, of this program and of the check behind it, beside what both have anyway */
	bool threads;   /* as many threads as there are processors read it */
	uint64_t plain; /* bytes of it that are passed on as they are */
};

struct scrub {
	const struct policy *policy;
	const struct rule *rule; /* the rule that matched the file */
	struct pseudonym_key *key;
	const struct context *context; /* NULL where the policy has no `subject` */
	struct subject *
	    subject; /* whom the record or file in hand is about; NULL without a context, or where its rule says none */
	struct withdrawn *withdrawn; /* who was withdrawn from the dataset before; NULL: nobody */
	struct records *records;     /* NULL where the policy has no `disclosure` of records */
	struct report *report;
	struct entry_writer *out;
	/* For large files, where there are more than one; what comes out is the same, however many there are. */
	const struct scrub_thread *threads;
	unsigned thread_count;
	/* Called before a file is read, which begins when this returns; NULL: nobody asks. */
	int (*begin)(void *ctx, const struct scrub_need *need, struct err *e);
	void *begin_ctx;
};

/*
 * The pseudonym subkey for holder, project, domain and generation (32 bytes), made ready: HMACs that have taken
 * the key in, and the last pseudonyms made, in secret memory all. subkey may be freed afterwards. For one thread
 * at a time. NULL with e set. Caller frees.
 */
struct pseudonym_key *pseudonym_key_new(const struct secret *subkey, struct err *e) MUST_CHECK;
/* Wipes; takes NULL. */
void pseudonym_key_free(struct pseudonym_key *key);

/*
 * pseudonym: HMAC-SHA-256(key, "pseudonym" | 0x00 | value), its first 16 bytes in lower-case base32. The same
 * value gives the same pseudonym in every format of a project. Surrounding spaces do not count; anything else
 * does.
 */
void pseudonym_make(
    struct pseudonym_key *key, const char *value, size_t len, char out[static PSEUDONYM_LEN + 1]);
/* 16 bytes for a UID under 2.25.: HMAC-SHA-256(key, "uid" | 0x00 | uid)[0:16]. */
void pseudonym_uid(struct pseudonym_key *key, const char *uid, size_t len, uint8_t out[static 16]);
/* 16 bytes from which the days that a subject's dates move by are made: HMAC-SHA-256(key, "shift" | 0x00 | value)[0:16]. */
void pseudonym_shift(struct pseudonym_key *key, const char *value, size_t len, uint8_t out[static 16]);

/*
 * Apply one action to one value (not DROP). Appends the new value to out and returns 1; returns 0 where the
 * value fails its type: *reason then says why, in a word for report_hold, and out is unchanged; -1 with e set
 * on failure. A pseudonym of somebody of whom nothing may leave is none: 0, and the reason one of subject_drops (subject.h): what
 * it stands in is left out whole. counts: ACTION_TEXT adds its finds per kind there.
 */
struct text_finds;
int action_apply(const struct scrub *s, const struct action *a, const char *value, size_t len,
    struct buf *out, struct text_finds *finds, const char **reason, struct err *e) MUST_CHECK;

/* Free text: out receives the text with every span that the detectors give (detect.h) replaced by its tag. Tags are
 * numbered in one document. */
struct text_finds {
	uint64_t count[SPAN_TYPES]; /* kinds of the policy's `extra` count together under SPAN_EXTRA */
};
int text_clean(const struct scrub *s, const char *text, size_t len, struct buf *out, struct text_finds *finds,
    struct err *e) MUST_CHECK;
/*
 * The same of a text that is several put together, such as what stands between the tags of a document: the detectors read it as one,
 * and tags are numbered through all of it.
 *
 * cuts       count places in text, in order, each in [0, len]
 * out_cuts   receives where in out each of them is; a span over a cut leaves its tag in front of it
 */
int text_clean_cut(const struct scrub *s, const char *text, size_t len, const size_t *cuts, size_t *out_cuts,
    size_t count, struct buf *out, struct text_finds *finds, struct err *e) MUST_CHECK;
/*
 * A name of an element, an attribute or a key that only a wildcard of a path takes: do the detectors take it for a person's, or is it one
 * of the subject's values? 1, 0, or -1 with e set. Of names that begin with a small letter, as most do, nothing is asked: 0.
 */
int text_wild_name(const struct scrub *s, const char *name, size_t len, struct err *e) MUST_CHECK;
/* Add what was found to the report's "found". */
void text_finds_report(const struct text_finds *finds, struct report *report);

/* The readers, one a format. */
int csv_scrub(struct scrub *s, struct source *in, struct err *e) MUST_CHECK;
int jsonl_scrub(struct scrub *s, struct source *in, struct err *e) MUST_CHECK;
int text_scrub(struct scrub *s, struct source *in, struct err *e) MUST_CHECK;
int mail_scrub(struct scrub *s, struct source *in, struct err *e) MUST_CHECK;
int xml_scrub(struct scrub *s, struct source *in, struct err *e) MUST_CHECK;
int dicom_scrub(struct scrub *s, struct source *in, struct err *e) MUST_CHECK;
int opaque_scrub(struct scrub *s, struct source *in, struct err *e) MUST_CHECK;

/* Match the file to its rule and give it to its reader; holds what no rule or several rules match. Counts
 * files.*. */
int scrub_file(struct scrub *s, struct source *in, struct err *e) MUST_CHECK;
/*
 * Read a file with planted values as a rule says (its place in the policy, from 0), unpacked first where its name says that it is compressed. Its members are those of
 * ENTRY_FILE_CANARY; nothing of it is counted, and no context is asked about it: where the policy has subjects it is all of
 * one of whom `known` says everything, {"person","number","address": each may be left out}. ERR_INPUT where it says more.
 */
int scrub_canary(
    struct scrub *s, size_t rule, const struct json *known, struct source *in, struct err *e) MUST_CHECK;

#endif
