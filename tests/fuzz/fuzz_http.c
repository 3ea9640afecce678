/*
 * A connection's bytes: heads and bodies one after the other, in one piece and byte by byte with the same outcome; what
 * was understood holds what it promises, and signatures are never proven.
 */
#include <stdlib.h>
#include <string.h>

#include "stager/http.h"
#include "stager/http_auth.h"
#include "stager/secret.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool ok)
{
	if (!ok)
		abort();
}

/* The target and all that hangs on it. */
static void
use_request(const struct http_request *r)
{
	static struct secret *key;
	struct http_text rest = r->query, name, value;
	struct err e = {.code = ERR_NONE};
	uint64_t first, len;
	struct sigv4 proof;
	struct buf path;

	buf_init(&path, HTTP_LINE_MAX);
	if (http_path(r, &path, &e) == 0) {
		must(path.len > 0 && path.data[0] == '/' && memchr(path.data, '\0', path.len) == NULL);
		must(memmem(path.data, path.len, "/../", 4) == NULL &&
		     memmem(path.data, path.len, "//", 2) == NULL);
	}
	while (http_query_next(&rest, &name, &value))
		must(name.len + value.len <= r->query.len);
	if (http_field(r, "range", &value) == 1 && http_range(value, 1000, &first, &len) == HTTP_RANGE_PART)
		must(len > 0 && first < 1000 && len <= 1000 - first);
	must(!(r->chunked && r->has_length));
	if (key == NULL) {
		must(secret_start(&e) == 0 && (key = secret_random(32, &e)) != NULL);
	}
	must(sigv4_check(r, "ACCESS", key, 1369353600, &proof, &e) == -1);
	must(!http_bearer_is(r, key));
	buf_free(&path);
}

/* All of a body; how many bytes it took, or 0 where it is not whole or refused. */
static size_t
use_body(const struct http_request *r, const uint8_t *data, size_t size, size_t piece, uint64_t *total)
{
	struct err e = {.code = ERR_NONE};
	struct http_body b;
	size_t at = 0, used, out_len;
	const uint8_t *out;
	int rc = 0;

	http_body_init(&b, r);
	*total = 0;
	if (b.done)
		return 0;
	while (rc == 0 && at < size) {
		size_t now = size - at < piece ? size - at : piece;

		rc = http_body_feed(&b, data + at, now, &used, &out, &out_len, &e);
		if (rc == -1)
			return SIZE_MAX;
		must(used > 0 && used <= now && out_len <= used);
		*total += out_len;
		at += used;
	}
	return rc == 1 ? at : SIZE_MAX;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err e = {.code = ERR_NONE};
	struct http_scan whole, bytes;
	struct http_request r;
	size_t head, head_too, body;
	uint64_t total, total_too;
	int status = 0, rc, rc_too = 0;

	while (size > 0) {
		http_scan_init(&whole);
		http_scan_init(&bytes);
		rc = http_scan(&whole, data, size, &head, &status, &e);
		for (size_t n = 1; rc_too == 0 && n <= size; n++)
			rc_too = http_scan(&bytes, data, n, &head_too, &status, &e);
		/* In one piece more may be known to be wrong, or the end be found behind a limit. */
		must(rc != 1 || (rc_too == 1 && head == head_too));
		if (rc != 1)
			return 0;
		if (http_request_parse(data, head, &r, &status, &e) == -1) {
			must(status >= 400 && status <= 505);
			return 0;
		}
		use_request(&r);
		data += head;
		size -= head;
		body = use_body(&r, data, size, size, &total);
		must(use_body(&r, data, size, 1, &total_too) == body);
		if (body == SIZE_MAX)
			return 0;
		must(total == total_too);
		data += body;
		size -= body;
		rc_too = 0;
	}
	return 0;
}
