/* What a context says of one subject: the body's reader (subject.h has its form). libc alone: stager-check links it, too. */
#include "subject.h"

bool
subject_shift(const struct subject *s, long *days)
{
	if (s->body_len < 4)
		return false;
	*days = (int32_t)((uint32_t)s->body[0] | (uint32_t)s->body[1] << 8 | (uint32_t)s->body[2] << 16 |
			  (uint32_t)s->body[3] << 24);
	return true;
}

bool
subject_attribute(const struct subject *s, size_t attribute, struct view *out)
{
	const uint8_t *at = s->body + SUBJECT_HEAD_LEN, *end = s->body + s->body_len;

	if (s->body_len < SUBJECT_HEAD_LEN || attribute >= s->body[4])
		return false;
	for (size_t i = 0; at < end; i++) {
		const size_t len = *at == ATTRIBUTE_UNKNOWN ? 0 : *at;

		if ((size_t)(end - at) < 1 + len)
			return false;
		if (i == attribute) {
			*out = view_of(at + 1, len, "attribute");
			return *at != ATTRIBUTE_UNKNOWN;
		}
		at += 1 + len;
	}
	return false;
}

bool
subject_known(const struct subject *s, size_t *at, enum known_kind *kind, struct view *out)
{
	size_t i = *at;

	if (i == 0) {
		if (s->body_len < SUBJECT_HEAD_LEN)
			return false;
		i = SUBJECT_HEAD_LEN;
		for (unsigned n = 0; n < s->body[4] && i < s->body_len; n++)
			i += 1 + (s->body[i] == ATTRIBUTE_UNKNOWN ? 0u : s->body[i]);
	}
	if (i >= s->body_len || s->body_len - i < 2 || s->body_len - i - 2 < s->body[i + 1] ||
	    s->body[i] >= KNOWN_KINDS || s->body[i + 1] == 0)
		return false;
	*kind = (enum known_kind)s->body[i];
	*out = view_of(s->body + i + 2, s->body[i + 1], "known value");
	*at = i + 2 + s->body[i + 1];
	return true;
}

bool
subject_known_none(const struct subject *s)
{
	enum known_kind kind;
	struct view v;
	size_t at = 0;

	return !subject_known(s, &at, &kind, &v);
}
