/* References of FHIR: which resource one names, and which part of it is the key. stager/scrub only. */
#ifndef SCRUB_REFERENCE_H
#define SCRUB_REFERENCE_H

#include <stdbool.h>
#include <stddef.h>

#include "stager/policy.h"

/* "Patient/" and "123" of Patient/123; "urn:uuid:" and the UUID of such a URN. Both point into the value. */
struct reference {
	const char *front, *id;
	size_t front_len, id_len;
};

/*
 * Read a reference, one of
 *
 * TYPE/ID  TYPE/ID/_history/VERSION  http[s]://HOST/../TYPE/ID[/_history/VERSION]  urn:uuid:UUID
 *
 * with a TYPE that the action (REFERENCE) lists. False for anything else: another type, a contained resource (#1), a
 * search (Patient?name=..), spaces around it.
 * Source: HL7 FHIR R4, 2.3.0 (literal references) and the data type id, [A-Za-z0-9.-]{1,64}.
 */
bool reference_read(const struct action *a, const char *value, size_t len, struct reference *out);

/*
 * The key that a field which names the subject holds: the ID in it where the field's action is REFERENCE, which is given then, else
 * (NULL) the value itself. False where it is no reference.
 */
bool reference_key(const struct action *action, const char **value, size_t *len);

/*
 * The key, where it is a UUID, in small or in capital letters: the same one. False where it is none, or is spelled so already.
 * Source: RFC 9562, 4 (letters of both kinds are read).
 */
#define REFERENCE_UUID_LEN 36
bool reference_uuid_cased(const char *key, size_t len, bool capital, char out[static REFERENCE_UUID_LEN]);

/* Could what it names be one of the policy's subjects, which it has? */
bool reference_of_subject(const struct policy *policy, const struct reference *r);

#endif
