/* E-mail addresses, as RFC 5321 and practice have them: found from the @ outwards. */
#include "detect.h"

#include <string.h>

#define LOCAL_MAX 256 /* RFC 5321 says 64; what is longer goes as well */
#define DOMAIN_MAX 255

/* Behind one byte of the local part, going back: where it begins. `at` where it is none. Letters of Latin,
 * Greek and Cyrillic count; quotation marks and other signs (from U+2000 on) do not. */
static size_t
local_back(const struct text_in *in, size_t at)
{
	uint8_t c = text_before(in, at, 1), lead;

	if (at <= in->floor)
		return at;
	if (detect_class[c] & IS_LOCAL)
		return at - 1;
	if ((c & 0xc0) != 0x80 || at - 1 <= in->floor)
		return at;
	lead = text_before(in, at, 2);
	return lead >= 0xc3 && lead <= 0xdf ? at - 2 : at;
}

/* The local part that ends at `at`; returns its start, or `at` where there is none. */
static size_t
local_start(const struct text_in *in, size_t at)
{
	size_t start = at, back;

	if (at > in->floor && in->s[at - 1] == '"') { /* "jan jansen"@example.org */
		for (back = at - 1; back > in->floor && at - back < 66 && in->s[back - 1] != '\n'; back--)
			if (in->s[back - 1] == '"')
				return back - 1;
		return at;
	}
	while (at - start < LOCAL_MAX && (back = local_back(in, start)) != start)
		start = back;
	/* It begins with a letter, a digit or '_': quotes and the like before it belong to the text. */
	while (start < at && in->s[start] < 0x80 && !(detect_class[in->s[start]] & IS_ALNUM) &&
	       in->s[start] != '_')
		start++;
	return start;
}

/* Bytes of a label; letters outside ASCII count. */
static bool
is_label(const struct text_in *in, size_t at)
{
	uint8_t c = text_at(in, at);

	return (detect_class[c] & IS_ALNUM) || c == '-' || (c >= 0xc3 && c <= 0xdf) ||
	       ((c & 0xc0) == 0x80 && is_label(in, at - 1) && in->s[at - 1] >= 0xc3);
}

/* Where the domain that begins at `at` ends: two labels at least, the last with a letter and two bytes. 0:
 * none. */
static size_t
domain_end(const struct text_in *in, size_t at)
{
	size_t end = at, label, labels;
	bool letter;

	if (text_at(in, at) == '[') { /* an address literal: [192.0.2.1], [IPv6:...] */
		while (end - at < 64 && text_at(in, end) != ']' && text_at(in, end) > ' ')
			end++;
		return text_at(in, end) == ']' && end - at > 3 ? end + 1 : 0;
	}
	if (!is_label(in, at))
		return 0;
	while (end - at < DOMAIN_MAX &&
	       (is_label(in, end) || (text_at(in, end) == '.' && is_label(in, end + 1))))
		end++;
	/* Step back over labels that cannot be the last one. */
	while (end > at) {
		while (end > at && (in->s[end - 1] == '-' || in->s[end - 1] == '.'))
			end--;
		label = end;
		letter = false;
		while (label > at && in->s[label - 1] != '.')
			letter = (detect_class[in->s[--label]] & IS_LETTER) || in->s[label] >= 0x80 || letter;
		if (label == at)
			break;
		if (letter && end - label >= 2)
			return end;
		end = label - 1;
	}
	/* user@10.0.0.1 */
	end = at;
	labels = 1;
	while (end - at < 15 && (class_at(in, end) & IS_DIGIT ||
				    (text_at(in, end) == '.' && class_at(in, end + 1) & IS_DIGIT)))
		labels += in->s[end++] == '.';
	return labels == 4 && in->s[end - 1] != '.' ? end : 0;
}

bool
email_next(const struct text_in *in, size_t at, struct find *f)
{
	struct text_in bounded = *in;
	const uint8_t *sign;
	size_t local, start, end;

	bounded.floor = at;
	while (at < in->len && (sign = memchr(in->s + at, '@', in->len - at)) != NULL) {
		at = (size_t)(sign - in->s);
		local = at;
		if (local > bounded.floor && in->s[local - 1] == ' ') /* jan @ example.org */
			local--;
		start = local_start(&bounded, local);
		at++;
		if (start == local)
			continue;
		end = domain_end(in, at);
		if (end == 0 && text_at(in, at) == ' ')
			end = domain_end(in, at + 1);
		if (end == 0)
			continue;
		*f = (struct find){
		    .start = start, .end = end, .type = SPAN_EMAIL, .score = 100, .rule = "email/at"};
		f->value = text_value(in->s + start, end - start, " ");
		return true;
	}
	return false;
}
