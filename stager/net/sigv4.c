/* Signature Version 4, the server's side: the canonical request made anew from what came, and its signature compared. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "stager/enc.h"
#include "stager/http_auth.h"
#include "stager/secret.h"

#include "sigv4_parts.h"

#define ALGORITHM "AWS4-HMAC-SHA256"

static bool
query_has(const struct http_request *r, const char *want)
{
	struct http_text rest = r->query, name, value;

	while (http_query_next(&rest, &name, &value))
		if (same(name, text_of(want)))
			return true;
	return false;
}

bool
sigv4_present(const struct http_request *r)
{
	struct http_text t;

	return (http_field(r, "authorization", &t) == 1 && t.len >= 5 &&
		   strncasecmp(t.at, "AWS4-", 5) == 0) ||
	       query_has(r, "X-Amz-Algorithm") || query_has(r, "X-Amz-Signature");
}

/* "AWS4-HMAC-SHA256 Credential=..., SignedHeaders=..., Signature=..." */
static int
read_authorization(struct http_text t, struct claim *c, struct err *e)
{
	const struct {
		const char *name;
		struct http_text *to;
	} parts[] = {
	    {"Credential=", &c->credential}, {"SignedHeaders=", &c->headers}, {"Signature=", &c->signature}};
	const size_t lead = strlen(ALGORITHM);

	if (t.len <= lead || memcmp(t.at, ALGORITHM " ", lead + 1) != 0)
		return bad(e, "another algorithm than " ALGORITHM);
	t.at += lead;
	t.len -= lead;
	for (size_t i = 0; i < 3; i++) {
		size_t name = strlen(parts[i].name);
		const char *comma;

		while (t.len > 0 && (t.at[0] == ' ' || (i > 0 && t.at[0] == ','))) {
			t.at++;
			t.len--;
		}
		if (t.len < name || memcmp(t.at, parts[i].name, name) != 0)
			return bad(e, "Credential, SignedHeaders and Signature are wanted, in that order");
		t.at += name;
		t.len -= name;
		comma = memchr(t.at, ',', t.len);
		parts[i].to->at = t.at;
		parts[i].to->len = comma == NULL ? t.len : (size_t)(comma - t.at);
		t.at += parts[i].to->len;
		t.len -= parts[i].to->len;
	}
	return t.len == 0 ? 0 : bad(e, "something behind it");
}

/* The same from X-Amz-... parameters, each there once. */
static int
read_query(const struct http_request *r, struct claim *c, struct err *e)
{
	struct http_text rest = r->query, name, value, algorithm = {NULL, 0};
	size_t at;
	const struct {
		const char *name;
		struct http_text *to;
	} parts[] = {{"X-Amz-Algorithm", &algorithm}, {"X-Amz-Credential", &c->credential},
	    {"X-Amz-SignedHeaders", &c->headers}, {"X-Amz-Signature", &c->signature},
	    {"X-Amz-Date", &c->date}, {"X-Amz-Expires", &c->expires}};

	while (http_query_next(&rest, &name, &value))
		for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
			if (same(name, text_of(parts[i].name))) {
				if (parts[i].to->at != NULL)
					return bad(e, "a parameter that stands twice");
				*parts[i].to = value;
			}
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (parts[i].to->at == NULL)
			return bad(e, "a parameter is missing");
	if (!same(algorithm, text_of(ALGORITHM)))
		return bad(e, "another algorithm than " ALGORITHM);
	/* One buffer that never moves: its limit is reserved at once. */
	if (c->credential.len + c->headers.len > HTTP_LINE_MAX ||
	    buf_reserve(&c->decoded, HTTP_LINE_MAX, e) == NULL)
		return bad(e, "it is too long");
	if (http_decode(c->credential, false, &c->decoded, e) == -1)
		return -1;
	c->credential = (struct http_text){(const char *)c->decoded.data, c->decoded.len};
	at = c->decoded.len;
	if (http_decode(c->headers, false, &c->decoded, e) == -1)
		return -1;
	c->headers = (struct http_text){(const char *)c->decoded.data + at, c->decoded.len - at};
	return 0;
}

/* ACCESS/20130524/REGION/s3/aws4_request */
static int
split_credential(struct claim *c, struct err *e)
{
	struct http_text t = c->credential;
	const char *slash = memchr(t.at, '/', t.len), *region, *end;
	size_t access = slash == NULL ? 0 : (size_t)(slash - t.at), scope = t.len - access - 1;
	static const char tail[] = "/s3/aws4_request";
	const size_t tail_len = sizeof(tail) - 1;

	if (access == 0 || access > SIGV4_ACCESS_MAX || scope > SIGV4_SCOPE_MAX || scope < 9 + 1 + tail_len)
		return bad(e, "a Credential of a bad form");
	memcpy(c->access, t.at, access);
	c->access[access] = '\0';
	memcpy(c->scope, slash + 1, scope);
	c->scope[scope] = '\0';
	if (memcmp(c->scope + scope - tail_len, tail, tail_len) != 0 || c->scope[8] != '/' ||
	    c->date.len != SIGV4_DATE_LEN || memcmp(c->scope, c->date.at, 8) != 0)
		return bad(e, "its scope is not of this day and service");
	region = c->scope + 9;
	end = c->scope + scope - tail_len;
	for (const char *p = region; p < end; p++)
		if (!((*p >= 'a' && *p <= 'z') || (*p >= '0' && *p <= '9') || *p == '-'))
			return bad(e, "its scope has a region of a bad form");
	return 0;
}

/* 20130524T000000Z as seconds since 1970. */
static int
read_date(struct http_text t, time_t *out, struct err *e)
{
	struct tm tm;
	int n[14];

	memset(&tm, 0, sizeof(tm));
	if (t.len != SIGV4_DATE_LEN || t.at[8] != 'T' || t.at[15] != 'Z')
		return bad(e, "a date of a bad form");
	for (size_t i = 0, k = 0; i < 15; i++) {
		if (i == 8)
			continue;
		if (t.at[i] < '0' || t.at[i] > '9')
			return bad(e, "a date of a bad form");
		n[k++] = t.at[i] - '0';
	}
	tm.tm_year = n[0] * 1000 + n[1] * 100 + n[2] * 10 + n[3] - 1900;
	tm.tm_mon = n[4] * 10 + n[5] - 1;
	tm.tm_mday = n[6] * 10 + n[7];
	tm.tm_hour = n[8] * 10 + n[9];
	tm.tm_min = n[10] * 10 + n[11];
	tm.tm_sec = n[12] * 10 + n[13];
	if (tm.tm_mon < 0 || tm.tm_mon > 11 || tm.tm_mday < 1 || tm.tm_mday > 31 || tm.tm_hour > 23 ||
	    tm.tm_min > 59 || tm.tm_sec > 60)
		return bad(e, "a date of a bad form");
	*out = timegm(&tm);
	return 0;
}

static int
check_time(const struct claim *c, time_t now, struct err *e)
{
	time_t made = 0, lasts = SIGV4_SKEW;

	if (read_date(c->date, &made, e) == -1)
		return -1;
	if (c->presigned) {
		lasts = 0;
		for (size_t i = 0; i < c->expires.len; i++) {
			if (c->expires.at[i] < '0' || c->expires.at[i] > '9' || i > 6)
				return bad(e, "X-Amz-Expires is no number of seconds");
			lasts = lasts * 10 + (c->expires.at[i] - '0');
		}
		if (lasts < 1 || lasts > SIGV4_EXPIRES_MAX)
			return bad(e, "X-Amz-Expires is not between a second and a week");
	}
	if (made > now + SIGV4_SKEW || now > made + lasts)
		return err_set(e, ERR_REFUSED, "signature: it is too old, or of a time to come");
	return 0;
}

static struct secret *
hmac_text(const struct secret *key, const char *text, size_t len, struct err *e)
{
	struct secret *out = secret_new(DIGEST_LEN, e);

	if (out != NULL)
		digest_hmac(key->bytes, key->len, &(struct digest_part){text, len}, 1, out->bytes);
	return out;
}

/* HMAC(HMAC(HMAC(HMAC("AWS4" secret, day), region), service), "aws4_request") */
static struct secret *
signing_key(const struct secret *key, const char *scope, struct err *e)
{
	struct secret *k = secret_new(4 + key->len, e), *next;
	const char *part = scope;

	if (k == NULL)
		return NULL;
	memcpy(k->bytes, "AWS4", 4);
	memcpy(k->bytes + 4, key->bytes, key->len);
	while (k != NULL) {
		size_t len = strcspn(part, "/");

		next = hmac_text(k, part, len, e);
		secret_free(k);
		k = next;
		if (part[len] == '\0')
			break;
		part += len + 1;
	}
	return k;
}

static int
take_payload(struct http_text t, struct sigv4 *out, struct err *e)
{
	static const char *const words[] = {[SIGV4_UNSIGNED] = "UNSIGNED-PAYLOAD",
	    [SIGV4_CHUNKS] = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
	    [SIGV4_CHUNKS_TRAILER] = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
	    [SIGV4_UNSIGNED_TRAILER] = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"};
	char hex[DIGEST_HEX_LEN + 1];

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (words[i] != NULL && same(t, text_of(words[i]))) {
			out->payload = (enum sigv4_payload)i;
			return 0;
		}
	if (t.len != DIGEST_HEX_LEN)
		return bad(e, "an x-amz-content-sha256 of a bad form");
	memcpy(hex, t.at, DIGEST_HEX_LEN);
	hex[DIGEST_HEX_LEN] = '\0';
	out->payload = SIGV4_DIGEST;
	return hex_decode(hex, out->digest, DIGEST_LEN, "x-amz-content-sha256", e);
}

static int
read_claim(const struct http_request *r, struct claim *c, struct err *e)
{
	struct http_text t;

	if (http_field(r, "authorization", &t) == 1) {
		if (query_has(r, "X-Amz-Signature"))
			return bad(e, "two of them");
		if (http_field(r, "x-amz-date", &c->date) != 1)
			return bad(e, "no x-amz-date");
		if (read_authorization(t, c, e) == -1)
			return -1;
	} else {
		c->presigned = true;
		if (read_query(r, c, e) == -1)
			return -1;
	}
	if (c->signature.len != DIGEST_HEX_LEN)
		return bad(e, "it has a bad length");
	return split_credential(c, e);
}

int
sigv4_check(const struct http_request *r, const char *access, const struct secret *key, time_t now,
    struct sigv4 *out, struct err *e)
{
	uint8_t claimed[DIGEST_LEN], canonical[DIGEST_LEN];
	char hex[DIGEST_HEX_LEN + 1], text[512];
	struct claim c = {.presigned = false};
	struct http_text payload = text_of("UNSIGNED-PAYLOAD");
	int rc = -1, len;

	memset(out, 0, sizeof(*out));
	buf_init(&c.decoded, HTTP_LINE_MAX);
	if (read_claim(r, &c, e) == -1)
		goto out;
	if (http_field(r, "x-amz-content-sha256", &payload) != 1 && !c.presigned) {
		bad(e, "no x-amz-content-sha256");
		goto out;
	}
	memcpy(hex, c.signature.at, DIGEST_HEX_LEN);
	hex[DIGEST_HEX_LEN] = '\0';
	if (take_payload(payload, out, e) == -1 ||
	    hex_decode(hex, claimed, DIGEST_LEN, "signature", e) == -1 || check_time(&c, now, e) == -1 ||
	    sigv4_canonical(r, &c, payload, canonical, e) == -1)
		goto out;
	memcpy(out->date, c.date.at, SIGV4_DATE_LEN);
	memcpy(out->scope, c.scope, sizeof(out->scope));
	hex_encode(canonical, DIGEST_LEN, hex);
	len = snprintf(text, sizeof(text), ALGORITHM "\n%s\n%s\n%s", out->date, out->scope, hex);
	if ((out->signing = signing_key(key, c.scope, e)) == NULL)
		goto out;
	digest_hmac(out->signing->bytes, DIGEST_LEN, &(struct digest_part){text, (size_t)len}, 1, out->seed);
	if (strcmp(c.access, access) != 0) {
		err_set(e, ERR_REFUSED, "signature: another access key");
		goto out;
	}
	if (!digest_equal(out->seed, claimed)) {
		err_set(e, ERR_REFUSED, "signature: it does not match");
		goto out;
	}
	rc = 0;
out:
	buf_free(&c.decoded);
	if (rc == -1)
		sigv4_free(out);
	return rc;
}

void
sigv4_free(struct sigv4 *s)
{
	secret_free(s->signing);
	memset(s, 0, sizeof(*s));
}
