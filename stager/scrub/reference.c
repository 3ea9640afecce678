/* References of FHIR: relative, absolute, with a version, or a URN. */
#include "reference.h"

#include <string.h>

#define ID_MAX 64
#define URN "urn:uuid:"

static bool
letter(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool
id_ok(const char *s, size_t len)
{
	if (len == 0 || len > ID_MAX)
		return false;
	for (size_t i = 0; i < len; i++)
		if (!letter(s[i]) && !(s[i] >= '0' && s[i] <= '9') && s[i] != '-' && s[i] != '.')
			return false;
	return true;
}

/* 8-4-4-4-12 hexadecimal figures. */
static bool
uuid_ok(const char *s, size_t len)
{
	if (len != REFERENCE_UUID_LEN)
		return false;
	for (size_t i = 0; i < len; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (dash ? s[i] != '-'
			 : !(s[i] >= '0' && s[i] <= '9') && !((s[i] | 0x20) >= 'a' && (s[i] | 0x20) <= 'f'))
			return false;
	}
	return true;
}

static bool
type_listed(const struct action *a, const char *s, size_t len)
{
	for (size_t i = 0; i < a->value_count; i++)
		if (strlen(a->values[i]) == len && memcmp(a->values[i], s, len) == 0)
			return true;
	return false;
}

/* The part behind the last slash; *len becomes what stands before that slash. NULL where there is none. */
static const char *
last_part(const char *value, size_t *len, size_t *part_len)
{
	const char *slash = memrchr(value, '/', *len);

	if (slash == NULL)
		return NULL;
	*part_len = *len - (size_t)(slash + 1 - value);
	*len = (size_t)(slash - value);
	return slash + 1;
}

/* Nothing, or http[s]://HOST/PATH/ of characters that a URL may have before its query. */
static bool
base_ok(const char *s, size_t len)
{
	size_t head = len > 8 && memcmp(s, "https://", 8) == 0  ? 8
		      : len > 7 && memcmp(s, "http://", 7) == 0 ? 7
								: 0;

	if (len == 0)
		return true;
	if (head == 0 || s[head] == '/' || s[len - 1] != '/')
		return false;
	for (size_t i = head; i < len; i++)
		if (s[i] <= ' ' || s[i] > '~' || strchr("?#\"<>\\^`{|}", s[i]) != NULL)
			return false;
	return true;
}

bool
reference_read(const struct action *a, const char *value, size_t len, struct reference *out)
{
	const size_t urn = strlen(URN);
	const char *id, *word, *type;
	size_t left = len, id_len, word_len, type_len;

	if (len > urn && memcmp(value, URN, urn) == 0) {
		*out = (struct reference){value, value + urn, urn, len - urn};
		return uuid_ok(out->id, out->id_len);
	}
	if ((id = last_part(value, &left, &id_len)) == NULL || !id_ok(id, id_len))
		return false;
	/* TYPE/ID/_history/VERSION: what was last is the version. */
	word_len = left;
	if ((word = last_part(value, &word_len, &type_len)) != NULL && type_len == strlen("_history") &&
	    memcmp(word, "_history", type_len) == 0) {
		left = word_len;
		if ((id = last_part(value, &left, &id_len)) == NULL || !id_ok(id, id_len))
			return false;
	}
	/* What is left ends with the type, which may be all of it. */
	word_len = left;
	if ((type = last_part(value, &word_len, &type_len)) == NULL) {
		type = value;
		type_len = left;
	}
	if (!type_listed(a, type, type_len) || !base_ok(value, (size_t)(type - value)))
		return false;
	*out = (struct reference){type, id, type_len + 1, id_len};
	return true;
}

bool
reference_key(const struct action *action, const char **value, size_t *len)
{
	struct reference r;

	if (action == NULL)
		return true;
	if (!reference_read(action, *value, *len, &r))
		return false;
	*value = r.id;
	*len = r.id_len;
	return true;
}

bool
reference_uuid_cased(const char *key, size_t len, bool capital, char out[static REFERENCE_UUID_LEN])
{
	bool other = false;

	if (!uuid_ok(key, len))
		return false;
	for (size_t i = 0; i < len; i++) {
		out[i] = (char)(!letter(key[i]) ? key[i] : capital ? key[i] & ~0x20 : key[i] | 0x20);
		other = other || out[i] != key[i];
	}
	return other;
}

bool
reference_of_subject(const struct policy *policy, const struct reference *r)
{
	/* A URN has no type. */
	return r->front[r->front_len - 1] != '/' ||
	       policy_type_of_subject(policy, r->front, r->front_len - 1);
}
