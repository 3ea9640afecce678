/* Objects to S3: a small one by one PUT, a large one in parts that nobody sees before it is whole. */
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "s3.h"
#include "stager/enc.h"
#include "xml.h"

#define MD5_LEN 16
#define QUERY_MAX 2048
/* About 110 bytes a part. */
#define COMPLETE_MAX (1u << 20)

/* What is to be found in an answer. */
struct found {
	const char *path;
	char *text;
	size_t room;
	bool other_root; /* <Error> in an answer of status 200 */
	char code[S3_CODE_MAX];
};

static int
find(void *ctx, const char *path, const char *text, struct err *e)
{
	struct found *f = ctx;
	size_t len = strlen(text);

	(void)e;
	if (strcmp(path, f->path) == 0 && len < f->room)
		memcpy(f->text, text, len + 1);
	if (strcmp(path, "Error/Code") == 0 && len < sizeof(f->code))
		memcpy(f->code, text, len + 1);
	if (strcmp(path, "Error") == 0)
		f->other_root = true;
	return 0;
}

int
s3_put_begin(struct endpoint_put *u, struct attempt *a, struct err *e)
{
	struct s3_put *w = (struct s3_put *)u;
	struct s3 *s = (struct s3 *)u->p;
	struct s3_request q = {0};
	struct http_answer ans = {0};
	char id[512] = "", code[S3_CODE_MAX];
	struct found f = {.path = "InitiateMultipartUploadResult/UploadId", .text = id, .room = sizeof(id)};
	struct buf escaped;
	int rc = -1;

	if (u->parts == 1)
		return 0;
	if (w->tags == NULL && (w->tags = calloc(u->parts, sizeof(*w->tags))) == NULL)
		return err_sys(e, "%s", u->name);
	if (s3_resume(w, a, e) == -1)
		return -1;
	if (w->upload[0] != '\0')
		return 0;
	buf_init(&escaped, sizeof(w->upload) - 1);
	if (s3_request(s, &q, "POST", u->name, "uploads=", e) == -1 ||
	    http_header(&q.r, e, "content-type: application/octet-stream") == -1 ||
	    s3_do(s, &q, &ans, code, a, e) == -1)
		goto out;
	if (xml_walk((const char *)ans.text.data, ans.text.len, find, &f, e) == -1) {
		err_context(e, "%s: begin", u->name);
		goto out;
	}
	if (id[0] == '\0') {
		err_set(e, ERR_FORGED, "%s: begin: the server gives no upload", u->name);
		goto out;
	}
	if (http_escape(&escaped, id, "", e) == -1)
		goto out;
	memcpy(w->upload, escaped.data, escaped.len);
	w->upload[escaped.len] = '\0';
	rc = 0;
out:
	buf_free(&escaped);
	http_answer_free(&ans);
	return rc;
}

/* Whether a part that an earlier put left is the one that would go out now: S3's tag of a part is its MD5. */
static bool
had_before(const struct s3_put *w, uint64_t number, const uint8_t *data, size_t len)
{
	uint8_t md5[MD5_LEN];
	char hex[2 * MD5_LEN + 1];

	if (w->had == NULL || w->had[number][0] == '\0' ||
	    EVP_Digest(data, len, md5, NULL, EVP_md5(), NULL) != 1)
		return false;
	hex_encode(md5, MD5_LEN, hex);
	return strcmp(hex, w->had[number]) == 0;
}

int
s3_put(struct endpoint_put *u, uint64_t number, const uint8_t *data, size_t len, struct attempt *a,
    struct err *e)
{
	struct s3_put *w = (struct s3_put *)u;
	struct s3 *s = (struct s3 *)u->p;
	struct s3_request q = {.r = {.has_body = true, .body = data, .body_len = len}};
	struct http_answer ans = {0};
	char query[QUERY_MAX] = "", code[S3_CODE_MAX];
	int rc = -1;

	if (u->parts > 1 && had_before(w, number, data, len)) {
		memcpy(w->tags[number], w->had[number], sizeof(w->tags[number]));
		a->had = true;
		return 0;
	}
	if (u->parts > 1)
		(void)snprintf(query, sizeof(query), "partNumber=%llu&uploadId=%s",
		    (unsigned long long)number + 1, w->upload);
	if (s3_request(s, &q, "PUT", u->name, query, e) == -1 ||
	    http_header(&q.r, e, "content-type: application/octet-stream") == -1 ||
	    s3_do(s, &q, &ans, code, a, e) == -1) {
		/* The upload, not the object: another ended it. */
		a->absent = false;
		goto out;
	}
	if (u->parts == 1) {
		w->info.size = u->size;
		memcpy(w->info.tag, ans.tag, sizeof(w->info.tag));
	} else if (ans.tag[0] == '\0' ||
		   ans.tag[strspn(ans.tag,
		       "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-")] != '\0') {
		err_set(e, ERR_FORGED, "%s: part %llu: the server gives no tag", u->name,
		    (unsigned long long)number);
		goto out;
	} else {
		memcpy(w->tags[number], ans.tag, sizeof(w->tags[number]));
	}
	rc = 0;
out:
	http_answer_free(&ans);
	return rc;
}

/* The tag that S3 gives to an object of parts: the MD5 of their MD5s, and their count. false where they are none. */
static bool
expected_tag(const struct s3_put *w, char tag[static 64])
{
	uint8_t md5[MD5_LEN];
	char hex[2 * MD5_LEN + 1];
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	bool good = c != NULL && EVP_DigestInit_ex(c, EVP_md5(), NULL) == 1;

	for (uint64_t i = 0; good && i < w->u.parts; i++)
		good = strlen(w->tags[i]) == 2 * MD5_LEN &&
		       hex_decode(w->tags[i], md5, MD5_LEN, "tag", NULL) == 0 &&
		       EVP_DigestUpdate(c, md5, MD5_LEN) == 1;
	good = good && EVP_DigestFinal_ex(c, md5, NULL) == 1;
	EVP_MD_CTX_free(c);
	if (!good)
		return false;
	hex_encode(md5, MD5_LEN, hex);
	(void)snprintf(tag, 64, "%s-%llu", hex, (unsigned long long)w->u.parts);
	return true;
}

/*
 * An upload that is gone when its end is asked for: another try, whose answer was lost, ended it, and it is the object that
 * stands there now; or it was taken away.
 */
static int
ended_before(struct s3_put *w, struct endpoint_info *out, struct attempt *a, struct err *e)
{
	char tag[64];
	struct attempt look = {0};
	struct err why = {0};

	if (!expected_tag(w, tag) || s3_head(w->u.p, w->u.name, out, &look, &why) == -1 ||
	    out->size != w->u.size || strcmp(out->tag, tag) != 0)
		return err_set(e, ERR_REMOTE, "%s: the server has lost the parts that were sent", w->u.name);
	a->again = false;
	return 0;
}

/* The parts are not what the server's list of them said, or not what it takes: gone on with they would be refused again. */
static void
end_refused(struct s3_put *w, const char *code)
{
	struct attempt a = {0};

	if (strcmp(code, "InvalidPart") == 0 || strcmp(code, "InvalidPartOrder") == 0 ||
	    strcmp(code, "EntityTooSmall") == 0)
		(void)s3_abort((struct s3 *)w->u.p, w->u.name, w->upload, &a, NULL);
}

static int
complete_body(const struct s3_put *w, struct buf *body, struct err *e)
{
	if (buf_put_str(
		body, "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">", e) == -1)
		return -1;
	for (uint64_t i = 0; i < w->u.parts; i++)
		if (buf_printf(body, e,
			"<Part><PartNumber>%llu</PartNumber><ETag>&quot;%s&quot;</ETag></Part>",
			(unsigned long long)i + 1, w->tags[i]) == -1)
			return -1;
	return buf_put_str(body, "</CompleteMultipartUpload>", e);
}

int
s3_put_commit(struct endpoint_put *u, struct endpoint_info *out, struct attempt *a, struct err *e)
{
	struct s3_put *w = (struct s3_put *)u;
	struct s3 *s = (struct s3 *)u->p;
	struct s3_request q = {.r = {.slow = true}};
	struct http_answer ans = {0};
	char query[QUERY_MAX], code[S3_CODE_MAX] = "", tag[128] = "";
	struct found f = {.path = "CompleteMultipartUploadResult/ETag", .text = tag, .room = sizeof(tag)};
	struct buf body;
	int rc = -1;

	if (u->parts == 1) {
		*out = w->info;
		return 0;
	}
	buf_init(&body, COMPLETE_MAX);
	(void)snprintf(query, sizeof(query), "uploadId=%s", w->upload);
	if (complete_body(w, &body, e) == -1)
		goto out;
	q.r.body = body.data;
	q.r.body_len = body.len;
	if (s3_request(s, &q, "POST", u->name, query, e) == -1 ||
	    http_header(&q.r, e, "content-type: application/xml") == -1)
		goto out;
	if (s3_do(s, &q, &ans, code, a, e) == -1) {
		if (a->absent)
			rc = ended_before(w, out, a, e);
		else
			end_refused(w, code);
		a->absent = false;
		goto out;
	}
	/* 200 comes before it is done; what became of it stands in the body, which is blank for minutes first. */
	if (xml_walk((const char *)ans.text.data, ans.text.len, find, &f, e) == -1) {
		a->again = true;
		err_context(e, "%s: end", u->name);
		if (e != NULL)
			e->code = ERR_REMOTE;
		goto out;
	}
	if (f.other_root) {
		http_fault(&q.r, 200, f.code, a, e);
		if (strcmp(f.code, "NoSuchUpload") == 0)
			rc = ended_before(w, out, a, e);
		else
			end_refused(w, f.code);
		goto out;
	}
	if (tag[0] == '\0') {
		a->again = true;
		err_set(e, ERR_REMOTE, "%s: end: the server says nothing of it", u->name);
		goto out;
	}
	out->size = u->size;
	http_tag(tag, out->tag);
	rc = 0;
out:
	buf_free(&body);
	http_answer_free(&ans);
	return rc;
}

int
s3_abort(struct s3 *s, const char *name, const char *upload, struct attempt *a, struct err *e)
{
	struct s3_request q = {.r = {.last = true}};
	struct http_answer ans = {0};
	char query[QUERY_MAX], code[S3_CODE_MAX];
	int rc = -1;

	(void)snprintf(query, sizeof(query), "uploadId=%s", upload);
	if (s3_request(s, &q, "DELETE", name, query, e) == 0)
		rc = s3_do(s, &q, &ans, code, a, e);
	http_answer_free(&ans);
	return rc == 0 || a->absent ? 0 : -1;
}

int
s3_put_abandon(struct endpoint_put *u, struct attempt *a, struct err *e)
{
	struct s3_put *w = (struct s3_put *)u;

	return w->upload[0] == '\0' ? 0 : s3_abort((struct s3 *)u->p, u->name, w->upload, a, e);
}

void
s3_put_free(struct endpoint_put *u)
{
	free(((struct s3_put *)u)->tags);
	free(((struct s3_put *)u)->had);
}
