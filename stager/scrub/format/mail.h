/* The parts of the mail reader: headers, the tree of parts, what their bodies say. Only for mail*.c. */
#ifndef SCRUB_MAIL_H
#define SCRUB_MAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stager/buf.h"
#include "stager/err.h"
#include "stager/policy.h"
#include "stager/scrub.h"

#define MAIL_MAX (64u << 20)
#define MAIL_BODY_MAX (16u << 20) /* of its text, decoded */
#define MAIL_HEAD_MAX (1u << 20)  /* headers of a message or part */
#define MAIL_FIELDS_MAX 1000
#define MAIL_DEPTH_MAX 16
#define MAIL_PARTS_MAX 1000
#define MAIL_ADDRESS_MAX 256
#define MAIL_BOUNDARY_MAX 70 /* RFC 2046, 5.1.1 */

struct mail_text {
	const char *s; /* of the message, which it lives as long as */
	size_t len;
};

struct mail_field {
	struct mail_text name, value; /* the value with its folds, without white space at its ends */
};

struct mail_head {
	struct mail_field *fields; /* owned */
	size_t count;
	size_t end; /* where the body begins */
};

/* mail_head.c. 1; 0 with *reason; -1 with e set: so all of these. h is to be freed also then. */
int mail_head_read(
    const char *s, size_t len, struct mail_head *h, const char **reason, struct err *e) MUST_CHECK;
void mail_head_free(struct mail_head *h);
/* The one field of that name; NULL where there is none. *twice where there is another. */
const struct mail_field *mail_head_find(const struct mail_head *h, const char *name, bool *twice);
bool mail_is(struct mail_text t, const char *word); /* in any case */
/* A field's value as people read it: unfolded, encoded words (RFC 2047) decoded, in one line of UTF-8. */
int mail_unfold(struct mail_text value, struct buf *out, const char **reason, struct err *e) MUST_CHECK;
/*
 * Each address of a list (RFC 5322, 3.4), or each identifier in angle brackets where ids: what stands between < and >, or alone;
 * at most MAIL_ADDRESS_MAX bytes; comments, names and groups' names left out.
 */
int mail_addresses(struct mail_text value, bool ids,
    int (*each)(void *ctx, const char *address, size_t len, struct err *e), void *ctx, const char **reason,
    struct err *e) MUST_CHECK;

/* mail_code.c: transfer encodings and character sets. */
int mail_base64(struct mail_text in, struct buf *out, const char **reason, struct err *e) MUST_CHECK;
/* header: as encoded words have it, where _ is a space. */
int mail_quoted(
    struct mail_text in, bool header, struct buf *out, const char **reason, struct err *e) MUST_CHECK;
/* Bytes in a character set that is named, as UTF-8. name.len 0: none is. */
int mail_charset(struct mail_text name, const uint8_t *s, size_t len, struct buf *out, const char **reason,
    struct err *e) MUST_CHECK;

/* mail_date.c: "Tue, 12 Mar 2024 14:30:00 +0100", moved by some days, with its day of the week. False where it is none. */
bool mail_date(struct mail_text value, unsigned *year, long days, char out[static 48]);

/* mail_html.c: what is seen of it as text. */
int mail_html(const uint8_t *s, size_t len, struct buf *out, struct err *e) MUST_CHECK;

/*
 * mail_quote.c. Lines of `format=flowed; delsp=yes` (RFC 3676) put together again: a break may stand within a word.
 */
int mail_flow(const uint8_t *s, size_t len, struct buf *out, struct err *e) MUST_CHECK;
/* The marks (> ) in front of quoted lines, by place in the text without them. bytes: all marks, one behind the other. */
struct mail_quotes {
	struct mail_mark {
		size_t at, len;
	} * marks; /* owned */
	size_t count, cap;
	struct buf bytes;
};
/* The text without them, behind what out has; marks[].at counts from there. q is empty, its bytes a buffer that was begun. */
int mail_quotes_lift(
    const uint8_t *s, size_t len, struct buf *out, struct mail_quotes *q, struct err *e) MUST_CHECK;
/* The text with them again, each on a line of its own. marks[].at: where they belong in s, in order, each in [0, len]. */
int mail_quotes_put(
    const uint8_t *s, size_t len, const struct mail_quotes *q, struct buf *out, struct err *e) MUST_CHECK;
void mail_quotes_free(struct mail_quotes *q);

/* mail_body.c: all text of a message, in its order, UTF-8 with LF. */
struct mail_body {
	const struct rule *rule;
	struct buf text;
	const char *reason;
	unsigned parts;
	uint64_t attachments; /* that were dropped */
	bool plain;           /* what was read last was text/plain */
};
int mail_body_read(struct mail_body *b, const struct mail_head *h, const char *s, size_t len, unsigned depth,
    struct err *e) MUST_CHECK;

#endif
