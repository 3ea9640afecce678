/*
 * The end of an upload in parts: those that the client lists are opened again, in its order, and sealed for the house.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "gateway_multipart.h"
#include "stager/io.h"
#include "stager/secret.h"

#define PARTS_XML_MAX (4u << 20)

static int
keep_xml(void *ctx, const uint8_t *data, size_t len, struct err *e)
{
	return buf_put(ctx, data, len, e);
}

/* The text of an element within [at, end), quotes taken off; false where it is not there. */
static bool
element(const char *at, const char *end, const char *open, const char *close, char *out, size_t cap)
{
	const char *from = strstr(at, open), *to;
	size_t len = 0;

	if (from == NULL || from >= end || (to = strstr(from, close)) == NULL || to > end)
		return false;
	for (from += strlen(open); from < to && len < cap - 1;) {
		if (strncmp(from, "&quot;", 6) == 0)
			from += 6;
		else if (strncmp(from, "&#34;", 5) == 0)
			from += 5;
		else if (*from == '"')
			from++;
		else
			out[len++] = *from++;
	}
	out[len] = '\0';
	return from == to && len > 0;
}

int
gateway_upload_chosen(
    const struct gateway_upload *u, const char *xml, struct gateway_part *out, size_t *count, struct err *e)
{
	static const char open[] = "<Part>", close[] = "</Part>";
	const char *at = xml, *end;
	char number[16], tag[64];
	int rc = 0;

	*count = 0;
	for (size_t k = 0; rc == 0 && (at = strstr(at, open)) != NULL; at = end + sizeof(close) - 1) {
		unsigned long n;

		if ((end = strstr(at, close)) == NULL ||
		    !element(at, end, "<PartNumber>", "</PartNumber>", number, sizeof(number)) ||
		    !element(at, end, "<ETag>", "</ETag>", tag, sizeof(tag))) {
			rc = err_set(e, ERR_INPUT, "a part wants PartNumber and ETag");
			break;
		}
		n = strspn(number, "0123456789") == strlen(number) ? strtoul(number, NULL, 10) : 0;
		while (k < u->part_count && u->parts[k].number < n)
			k++;
		/* None twice, none before the last: k has passed those. */
		if (*count == GATEWAY_PARTS_MAX || k == u->part_count || u->parts[k].number != n ||
		    (*count > 0 && out[*count - 1].number >= n))
			rc = err_set(e, ERR_INPUT, "a part that is not here, or not in order");
		else if (strlen(u->parts[k].tag) != strlen(tag) + 2 ||
			 memcmp(u->parts[k].tag + 1, tag, strlen(tag)) != 0)
			rc = err_set(e, ERR_INPUT, "a part with another ETag");
		else
			out[(*count)++] = u->parts[k];
	}
	if (rc == 0 && *count == 0)
		return err_set(e, ERR_INPUT, "no part is listed");
	return rc;
}

/* Opened again, and sealed for the house. */
static int
append_part(struct gateway_upload *u, struct c4gh *key, const struct gateway_part *p, struct gateway_seal *to,
    struct err *e)
{
	static const size_t room = C4GH_SEGMENT_MAX + C4GH_PLAIN_MAX;
	uint8_t *sealed = malloc(room), *plain;
	uint64_t left = p->len;
	int rc = -1;

	if (sealed == NULL)
		return err_set(e, ERR_SYSTEM, "upload: out of memory");
	plain = sealed + C4GH_SEGMENT_MAX;
	for (uint64_t n = p->first; left > 0; n++) {
		size_t len = left < C4GH_PLAIN_MAX ? (size_t)left : C4GH_PLAIN_MAX;
		size_t sealed_len = C4GH_NONCE_LEN + len + C4GH_MAC_LEN;
		ssize_t got = io_pread(u->fd, sealed, sealed_len, n * C4GH_SEGMENT_MAX, "result: a part", e);

		if (got == -1)
			goto out;
		if ((size_t)got != sealed_len) {
			err_set(e, ERR_FORGED, "result: a part is cut short");
			goto out;
		}
		if (c4gh_open(key, n, len < C4GH_PLAIN_MAX, sealed, sealed_len, plain, e) == -1 ||
		    gateway_seal_write(to, plain, len, e) == -1)
			goto out;
		left -= len;
	}
	rc = 0;
out:
	sodium_memzero(plain, C4GH_PLAIN_MAX);
	free(sealed);
	return rc;
}

static int
join(struct gateway_call *c, struct gateway_upload *u, const struct gateway_part *parts, size_t count,
    char tag[static GATEWAY_TAG_LEN + 1], struct err *why)
{
	uint8_t digest[DIGEST_LEN], all[2 * DIGEST_LEN] = {0};
	struct gateway_seal *seal = NULL;
	struct c4gh *key = c4gh_new(u->key, false, why);
	uint64_t len = 0;
	int rc = -1;

	if (key == NULL || gateway_seal_new(c->g->results->folder, c->g->results->key, &seal, why) == -1)
		goto out;
	for (size_t i = 0; i < count; i++) {
		if (append_part(u, key, &parts[i], seal, why) == -1)
			goto out;
		memcpy(all + DIGEST_LEN, parts[i].digest, DIGEST_LEN);
		digest_bytes(all, sizeof(all), digest);
		memcpy(all, digest, DIGEST_LEN);
		len += parts[i].len;
	}
	gateway_tag(all, (unsigned)count, tag);
	if (gateway_seal_commit(seal, c->key, why) == 0)
		rc = gateway_results_add(c->g->results, c->key, len, tag, why);
out:
	gateway_seal_free(seal);
	c4gh_free(key);
	return rc;
}

int
gateway_upload_finish(struct gateway_call *c, struct gateway_upload *u, struct err *e)
{
	struct gateway_part *parts = calloc(GATEWAY_PARTS_MAX, sizeof(*parts));
	struct gateway_upload *mine = NULL;
	struct err why = {.code = ERR_NONE};
	uint8_t digest[DIGEST_LEN];
	char tag[GATEWAY_TAG_LEN + 1];
	const char *text;
	size_t count = 0;
	struct buf xml;
	uint64_t len;
	int rc;

	buf_init(&xml, PARTS_XML_MAX);
	if (parts == NULL)
		err_set(&why, ERR_SYSTEM, "upload: out of memory");
	else if (gateway_body(c, keep_xml, &xml, &len, digest, &why) == 0 &&
		 (text = buf_cstr(&xml, &why)) != NULL) {
		(void)pthread_mutex_lock(&c->g->results->lock);
		(void)!gateway_upload_chosen(u, text, parts, &count, &why);
		(void)pthread_mutex_unlock(&c->g->results->lock);
	}
	if (why.code != ERR_NONE) {
		http_conn_last(c->conn);
		rc = gateway_fail(c, &why, e);
		goto out;
	}
	/* From here on it is nobody else's: it is finished once, or not at all. */
	if ((mine = gateway_upload_find(c->g->results, u->id, u->name, true)) == NULL) {
		rc = gateway_refuse(c, 404, "NoSuchUpload", "there is no such upload", e);
		goto out;
	}
	if (join(c, u, parts, count, tag, &why) == -1) {
		rc = gateway_fail(c, &why, e);
		goto out;
	}
	buf_clear(&xml);
	if (buf_put_str(&xml,
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<CompleteMultipartUploadResult" GATEWAY_XMLNS
		"><Bucket>" GATEWAY_BUCKET_RESULTS "</Bucket><Key>",
		e) == -1 ||
	    gateway_put_text(&xml, c->key, false, e) == -1 ||
	    buf_printf(&xml, e, "</Key><ETag>%s</ETag></CompleteMultipartUploadResult>\n", tag) == -1)
		rc = -1;
	else
		rc = gateway_respond(c, 200, "application/xml", "", xml.data, xml.len, e);
out:
	gateway_upload_leave(c->g->results, mine);
	buf_free(&xml);
	free(parts);
	return rc;
}
