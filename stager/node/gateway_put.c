/* What a job gives back: PUT below /results/, sealed for the house as it comes; no byte of it is read out again. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway_multipart.h"
#include "gateway_parts.h"
#include "stager/enc.h"

#define DEPTH_MAX 8
#define PART_MAX 200
#define PUT_MAX (INT64_C(1) << 46)

/* [A-Za-z0-9] and a little more, in parts that do not begin with a dot: what every file system takes, and no path that
 * leads elsewhere. */
static bool
name_ok(const char *name)
{
	size_t depth = 0;

	if (strlen(name) > CATALOG_NAME_MAX - 8)
		return false;
	while (*name != '\0') {
		size_t len = strcspn(name, "/");

		if (len == 0 || len > PART_MAX || name[0] == '.' || ++depth > DEPTH_MAX)
			return false;
		for (size_t i = 0; i < len; i++)
			if (!((name[i] >= 'a' && name[i] <= 'z') || (name[i] >= 'A' && name[i] <= 'Z') ||
				(name[i] >= '0' && name[i] <= '9') || strchr("-_.=+,@ ()", name[i]) != NULL))
				return false;
		name += len;
		if (*name == '/' && *++name == '\0')
			return false;
	}
	return depth > 0;
}

int
gateway_results_new(struct gateway *g, struct gateway_results **out, struct err *e)
{
	struct gateway_results *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return err_set(e, ERR_SYSTEM, "results: out of memory");
	(void)pthread_mutex_init(&r->lock, NULL);
	r->folder = g->use.results;
	memcpy(r->key, g->use.results_key, X25519_LEN);
	*out = r;
	return 0;
}

void
gateway_results_free(struct gateway_results *r)
{
	if (r == NULL)
		return;
	gateway_uploads_free(r);
	while (r->done != NULL) {
		struct gateway_result *next = r->done->next;

		free(r->done);
		r->done = next;
	}
	(void)pthread_mutex_destroy(&r->lock);
	free(r);
}

int
gateway_results_add(struct gateway_results *r, const char *name, uint64_t len, const char *tag, struct err *e)
{
	struct gateway_result *one;

	(void)pthread_mutex_lock(&r->lock);
	for (one = r->done; one != NULL && strcmp(one->name, name) != 0; one = one->next)
		continue;
	if (one == NULL && (one = calloc(1, sizeof(*one))) != NULL) {
		(void)snprintf(one->name, sizeof(one->name), "%s", name);
		one->next = r->done;
		r->done = one;
	}
	if (one != NULL) {
		one->len = len;
		(void)snprintf(one->tag, sizeof(one->tag), "%s", tag);
	}
	(void)pthread_mutex_unlock(&r->lock);
	return one != NULL ? 0 : err_set(e, ERR_SYSTEM, "results: out of memory");
}

/* ---- bodies ---- */

struct taking {
	gateway_take_fn take;
	void *ctx;
	struct sums *sums;
	uint64_t len;
};

static int
take_piece(struct taking *t, const uint8_t *data, size_t len, struct err *e)
{
	if (len == 0)
		return 0;
	t->len += len;
	if (t->len > PUT_MAX)
		return err_set(e, ERR_LIMIT, "result: too large");
	return sums_update(t->sums, data, len, e) == -1 ? -1 : t->take(t->ctx, data, len, e);
}

/* In aws-chunked coding: whatever HTTP made of it is undone already. */
static int
take_chunks(struct gateway_call *c, struct taking *t, struct err *e)
{
	struct sigv4_body *body = NULL;
	struct http_text size;
	const uint8_t *in, *out;
	size_t len, used, out_len;
	uint64_t decoded = 0;
	int rc = -1, more, whole = 0;

	if (http_field(c->request, "x-amz-decoded-content-length", &size) != 1 || size.len == 0 ||
	    size.len > 18)
		return err_set(e, ERR_INPUT, "x-amz-decoded-content-length is wanted");
	for (size_t i = 0; i < size.len; i++) {
		if (size.at[i] < '0' || size.at[i] > '9')
			return err_set(e, ERR_INPUT, "x-amz-decoded-content-length is no number");
		decoded = decoded * 10 + (uint64_t)(size.at[i] - '0');
	}
	if ((body = sigv4_body_new(&c->proof, decoded, e)) == NULL)
		return -1;
	while ((more = http_conn_read(c->conn, &in, &len, e)) == 1)
		for (; len > 0; in += used, len -= used) {
			if (whole == 1) {
				err_set(e, ERR_INPUT, "request body: something behind its last chunk");
				goto out;
			}
			if ((whole = sigv4_body_feed(body, in, len, &used, &out, &out_len, e)) == -1 ||
			    take_piece(t, out, out_len, e) == -1)
				goto out;
		}
	if (more == 0)
		rc = whole == 1 ? 0 : err_set(e, ERR_INPUT, "request body: it ends before its last chunk");
out:
	sigv4_body_free(body);
	return rc;
}

int
gateway_body(struct gateway_call *c, gateway_take_fn take, void *ctx, uint64_t *len,
    uint8_t digest[static DIGEST_LEN], struct err *e)
{
	struct taking t = {.take = take, .ctx = ctx};
	bool chunks = c->is_signed && c->proof.payload != SIGV4_UNSIGNED && c->proof.payload != SIGV4_DIGEST;
	struct http_text coding;
	const uint8_t *data;
	size_t piece;
	int rc = -1, more;

	if (http_field(c->request, "content-encoding", &coding) == 1 &&
	    http_list_has(coding, "aws-chunked") && !chunks)
		return err_set(
		    e, ERR_INPUT, "Content-Encoding: aws-chunked without a signature that says so");
	if ((t.sums = sums_new(e)) == NULL)
		return -1;
	if (chunks) {
		if (take_chunks(c, &t, e) == -1)
			goto out;
	} else {
		while ((more = http_conn_read(c->conn, &data, &piece, e)) == 1)
			if (take_piece(&t, data, piece, e) == -1)
				goto out;
		if (more == -1)
			goto out;
	}
	if (sums_final(t.sums, digest, e) == -1)
		goto out;
	if (c->is_signed && c->proof.payload == SIGV4_DIGEST && !digest_equal(digest, c->proof.digest)) {
		err_set(e, ERR_INPUT, "request body: it is not the one that was signed");
		goto out;
	}
	*len = t.len;
	rc = 0;
out:
	sums_free(t.sums);
	return rc;
}

void
gateway_tag(const uint8_t digest[static DIGEST_LEN], unsigned parts, char out[static GATEWAY_TAG_LEN + 1])
{
	char hex[DIGEST_HEX_LEN + 1];

	hex_encode(digest, DIGEST_LEN, hex);
	(void)snprintf(out, GATEWAY_TAG_LEN + 1, "\"%.32s-%u\"", hex, parts);
}

/* ---- requests ---- */

static int
put_one(struct gateway_call *c, struct err *e)
{
	struct err why = {.code = ERR_NONE};
	char tag[GATEWAY_TAG_LEN + 1], fields[128];
	struct gateway_seal *seal = NULL;
	uint8_t digest[DIGEST_LEN];
	uint64_t len;
	int rc;

	if (gateway_seal_new(c->g->results->folder, c->g->results->key, &seal, &why) == -1 ||
	    gateway_body(c, gateway_seal_write, seal, &len, digest, &why) == -1 ||
	    gateway_seal_commit(seal, c->key, &why) == -1) {
		http_conn_last(c->conn); /* what is left of the body is nobody's */
		rc = gateway_fail(c, &why, e);
		goto out;
	}
	gateway_tag(digest, 1, tag);
	(void)snprintf(fields, sizeof(fields), "ETag: %s\r\n", tag);
	rc = gateway_results_add(c->g->results, c->key, len, tag, &why) == -1
		 ? gateway_fail(c, &why, e)
		 : gateway_respond(c, 200, NULL, fields, NULL, 0, e);
out:
	gateway_seal_free(seal);
	return rc;
}

/* Of what was put since the start: that it is there, and how long it was. */
static int
head_one(struct gateway_call *c, struct err *e)
{
	struct gateway_results *r = c->g->results;
	struct gateway_result found = {.len = 0};
	bool is = false;
	struct buf head;
	int rc = -1;

	(void)pthread_mutex_lock(&r->lock);
	for (struct gateway_result *one = r->done; one != NULL && !is; one = one->next)
		if (strcmp(one->name, c->key) == 0) {
			found = *one;
			is = true;
		}
	(void)pthread_mutex_unlock(&r->lock);
	if (!is)
		return gateway_refuse(c, 404, "NoSuchKey", "no result of this name was put here", e);
	buf_init(&head, 4096);
	if (gateway_head(c, 200, &head, e) == 0 && http_put(&head, "ETag", found.tag, e) == 0 &&
	    http_put(&head, "Last-Modified", c->g->started, e) == 0 &&
	    http_put_number(&head, "Content-Length", found.len, e) == 0 && http_end(&head, e) == 0)
		rc = http_conn_write(c->conn, head.data, head.len, e);
	buf_free(&head);
	return rc;
}

int
gateway_put(struct gateway_call *c, struct err *e)
{
	const struct http_request *r = c->request;
	struct http_text t;

	if (c->g->results == NULL) {
		http_conn_last(c->conn);
		return gateway_refuse(c, 403, "AccessDenied", "this gateway takes no results", e);
	}
	if (c->key[0] == '\0')
		return r->method == HTTP_HEAD ? gateway_respond(c, 200, "application/xml",
						    "x-amz-bucket-region: us-east-1\r\n", NULL, 0, e)
		       : gateway_has(r, "location") && r->method == HTTP_GET
			   ? gateway_refuse(c, 403, "AccessDenied", "results have no location", e)
			   : gateway_refuse(c, 403, "AccessDenied",
				 "results are sealed for the house: they are not listed", e);
	if (!name_ok(c->key)) {
		http_conn_last(c->conn);
		return gateway_refuse(c, 400, "InvalidArgument",
		    "a result's name has letters, digits and -_.=+,@ () in parts that do not begin with a "
		    "dot",
		    e);
	}
	if (gateway_has(r, "uploads") || gateway_has(r, "uploadId"))
		return gateway_multipart(c, e);
	if (r->method == HTTP_HEAD)
		return head_one(c, e);
	if (r->method != HTTP_PUT)
		return gateway_refuse(c, r->method == HTTP_GET ? 403 : 405,
		    r->method == HTTP_GET ? "AccessDenied" : "MethodNotAllowed",
		    "results are sealed for the house: they can be put, and nothing else", e);
	if (http_field(r, "x-amz-copy-source", &t) != 0) {
		http_conn_last(c->conn);
		return gateway_refuse(c, 501, "NotImplemented", "nothing is copied here", e);
	}
	return put_one(c, e);
}
