/* Canaries in the second scan: values that were planted, looked for by their letters and digits alone. */
#include "stager/check.h"

#include <stdlib.h>
#include <string.h>

#include "check_parts.h"

/* Letters and digits, small; bytes beyond ASCII stay. */
static size_t
squeeze(const uint8_t *s, size_t len, uint8_t *out)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		if (check_letter(s[i]))
			out[n++] = s[i] | 0x20;
		else if (check_digit(s[i]) || s[i] >= 0x80)
			out[n++] = s[i];
	}
	return n;
}

int
check_canary(const uint8_t *data, size_t len, bool json, const char *value, struct err *e)
{
	uint8_t *plain = malloc(len + CHECK_UNESCAPE_SLACK), *squeezed = malloc(len + 1);
	size_t plain_len = 0, n;
	int rc = -1;

	if (plain == NULL || squeezed == NULL) {
		err_set(e, ERR_SYSTEM, "check: out of memory for %zu bytes", len);
		goto out;
	}
	n = squeeze(data, len, squeezed);
	rc = memmem(squeezed, n, value, strlen(value)) != NULL;
	if (rc == 0 && json && check_unescape(data, len, plain, &plain_len)) {
		n = squeeze(plain, plain_len, squeezed);
		rc = memmem(squeezed, n, value, strlen(value)) != NULL;
	}
out:
	free(plain);
	free(squeezed);
	return rc;
}
