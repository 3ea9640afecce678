/* Bytes as the text of JSON messages. */
#include <stdlib.h>
#include <string.h>

#include "key_open.h"
#include "stager/dsse.h"
#include "stager/enc.h"
#include "stager/json.h"

void
key_set_hex(struct json *j, const char *key, const uint8_t *data, size_t len)
{
	char text[257];

	if (len > 128)
		abort();
	hex_encode(data, len, text);
	json_set_string(j, key, text);
}

int
key_set_base64(struct json *j, const char *key, const void *data, size_t len, struct err *e)
{
	struct buf text;
	int rc = -1;

	buf_init(&text, WIRE_PAYLOAD_MAX);
	if (base64_encode(data, len, &text, e) == 0) {
		json_set(j, key, json_string_len(text.len > 0 ? (const char *)text.data : "", text.len));
		rc = 0;
	}
	buf_free(&text);
	return rc;
}

struct dsse *
key_envelope(const struct json *item, const char *what, struct err *e)
{
	struct dsse *d = NULL;
	struct buf bytes;

	buf_init(&bytes, 2 * DSSE_PAYLOAD_MAX);
	if (item->type != JSON_STRING)
		err_set(e, ERR_INPUT, "%s: an envelope is no text", what);
	else if (base64_decode(item->string, strlen(item->string), &bytes, what, e) == 0)
		d = dsse_decode(bytes.data, bytes.len, what, e);
	buf_free(&bytes);
	return d;
}
