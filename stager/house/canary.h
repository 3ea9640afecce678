/* Values that nobody has, planted to see that scrubbing removes them. stager/house/canary.c. */
#ifndef STAGER_HOUSE_CANARY_H
#define STAGER_HOUSE_CANARY_H

#include <stdbool.h>
#include <stddef.h>

#include "stager/buf.h"
#include "stager/err.h"

struct json;

#define CANARY_SENTENCES 16
#define CANARY_SENTENCE 160 /* bytes */

/* For one unit: new random values of every kind. What the policy (resolved) keeps in text is planted, and need not be gone. */
struct canaries {
	struct json *values; /* [{"kind","value": its letters and digits, small}]: what must be gone */
	struct json *
	    known; /* {"person","number","address"}: what is known of their subject, as far as the policy knows that of any */
	char sentences[CANARY_SENTENCES][CANARY_SENTENCE];
	size_t sentence_count;
	char text[CANARY_SENTENCES * CANARY_SENTENCE]; /* all of them */
	bool linked;  /* the policy says who there is: their subject is somebody whatever a file says */
	char key[16]; /* a value for fields that must not leave as they are */
	char day[16]; /* a day for fields that move it; "" where the policy reads no form of ours */
	char person[64], bsn[16], phone[16], mail[48]; /* alone, for headers */
};

int canaries_make(struct canaries *c, const struct json *policy, struct err *e) MUST_CHECK;
void canaries_free(struct canaries *c);
/*
 * A file of the form that the rule (of a resolved policy) reads, with canaries in every field that is searched, emptied, removed
 * or replaced, into out, which is empty. 1; 0 where the rule reads nothing that could hold them; -1 with e set.
 */
int canaries_file(
    const struct canaries *c, const struct json *rule, struct buf *out, struct err *e) MUST_CHECK;
/* What is put where an action stands: "" where only an empty value passes for sure. made: room for a value of its own. */
#define CANARY_REFERENCE 128
const char *canaries_value(
    const struct canaries *c, const struct json *action, char made[static CANARY_REFERENCE]);
/* canary_dicom.c: the same for a rule that reads DICOM: a small CT (or another kind that the rule reads) with identifying attributes. */
int canaries_dicom(
    const struct canaries *c, const struct json *rule, struct buf *out, struct err *e) MUST_CHECK;
/* canary_mail.c: the same for a rule that reads mail. */
int canaries_mail(
    const struct canaries *c, const struct json *rule, struct buf *out, struct err *e) MUST_CHECK;
/* canary_xml.c: the same for a rule that reads XML: an element or attribute for each path that says what becomes of its value. */
int canaries_xml(
    const struct canaries *c, const struct json *rule, struct buf *out, struct err *e) MUST_CHECK;
/*
 * canary_packed.c: where the rule unpacks a file of that name, the planted file becomes a compressed one of the kind that the name's end says: a
 * container whose blocks are stored as they are. Other files stay. -1 with ERR_LIMIT past the buffer's limit.
 */
int canaries_pack(const struct json *rule, const char *name, struct buf *file, struct err *e) MUST_CHECK;

#endif
