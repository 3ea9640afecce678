/* Text of others, made safe for a terminal. */
#include <string.h>

#include "stager/buf.h"
#include "stager/utf8.h"

/* Controls; and characters that nobody sees, or that turn what follows: two lines that differ would look alike. */
static bool
is_hidden(const uint8_t *s, size_t len)
{
	if (len == 1)
		return s[0] < 0x20 || s[0] == 0x7f;
	if (len == 2)
		return (s[0] == 0xc2 && (s[1] < 0xa0 || s[1] == 0xad)) || (s[0] == 0xd8 && s[1] == 0x9c);
	/* U+200B to U+200F, U+2028 to U+202E, U+2060 to U+206F, U+FEFF; U+E0000 to U+E0FFF */
	if (len == 3)
		return (s[0] == 0xe2 && ((s[1] == 0x80 && ((s[2] >= 0x8b && s[2] <= 0x8f) ||
							      (s[2] >= 0xa8 && s[2] <= 0xae))) ||
					    (s[1] == 0x81 && s[2] >= 0xa0 && s[2] <= 0xaf))) ||
		       (s[0] == 0xef && s[1] == 0xbb && s[2] == 0xbf);
	return s[0] == 0xf3 && s[1] == 0xa0;
}

int
buf_put_shown(struct buf *b, const char *text, struct err *e)
{
	const uint8_t *s = (const uint8_t *)text;
	size_t left = strlen(text), len;

	for (; left > 0; s += len, left -= len) {
		len = utf8_sequence(s, left);
		if (len == 0 || is_hidden(s, len)) {
			len = len == 0 ? 1 : len;
			if (buf_put_u8(b, '?', e) == -1)
				return -1;
		} else if (buf_put(b, s, len, e) == -1) {
			return -1;
		}
	}
	return 0;
}
