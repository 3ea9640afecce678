/*
 * Signature Version 4: the examples of the Amazon S3 API Reference ("Signature Calculations for the Authorization
 * Header", "... Chunked Upload", "... Trailing Headers", "Authenticating Requests: Using Query Parameters"), and what is
 * refused beside each.
 */
#include <stdlib.h>

#include "check.h"
#include "stager/http_auth.h"
#include "stager/secret.h"

static struct err e;
static struct secret *key;
static struct http_request r;
static char bytes[8192];
static struct sigv4 proof;

#define ACCESS "AKIAIOSFODNN7EXAMPLE"
#define SECRET "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
#define NOW 1369353600 /* 2013-05-24 00:00:00 UTC */
#define EMPTY "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define HOST "Host: examplebucket.s3.amazonaws.com\r\n"
#define AUTH(headers, signature)                             \
	"Authorization: AWS4-HMAC-SHA256 Credential=" ACCESS \
	"/20130524/us-east-1/s3/aws4_request,SignedHeaders=" headers ",Signature=" signature "\r\n"
#define DATE "x-amz-date: 20130524T000000Z\r\n"

static int
check_at(const char *text, time_t now, const char *access)
{
	int status = 0;

	sigv4_free(&proof);
	(void)snprintf(bytes, sizeof(bytes), "%s", text);
	if (http_request_parse(bytes, strlen(bytes), &r, &status, &e) == -1)
		return err_context(&e, "the test's own head");
	return sigv4_check(&r, access, key, now, &proof, &e);
}

static int
check_text(const char *text)
{
	return check_at(text, NOW, ACCESS);
}

/* Every byte of the request changed, one at a time: never proven, but where the change means nothing. */
static void
flip_all(const char *text)
{
	static char changed[8192];
	size_t len = strlen(text);
	int good = 0;

	for (size_t i = 0; i < len; i++) {
		memcpy(changed, text, len + 1);
		changed[i] ^= 1;
		if (changed[i] != '\0' && check_text(changed) == 0)
			good++;
	}
	/* The case of a field's name does not matter, nor its other spaces; HTTP/1.0 is not signed. */
	CHECK(good <= 6);
	if (good > 6)
		fprintf(stderr, "%d flips of: %s\n", good, text);
}

static const char get_object[] =
    "GET /test.txt HTTP/1.1\r\n" HOST "Range: bytes=0-9\r\nx-amz-content-sha256: " EMPTY
    "\r\n" DATE AUTH("host;range;x-amz-content-sha256;x-amz-date",
	"f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41") "\r\n";
static const char get_lifecycle[] =
    "GET /?lifecycle HTTP/1.1\r\n" HOST "x-amz-content-sha256: " EMPTY
    "\r\n" DATE AUTH("host;x-amz-content-sha256;x-amz-date",
	"fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543") "\r\n";
static const char list_objects[] =
    "GET /?max-keys=2&prefix=J HTTP/1.1\r\n" HOST "x-amz-content-sha256: " EMPTY
    "\r\n" DATE AUTH("host;x-amz-content-sha256;x-amz-date",
	"34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7") "\r\n";
static const char put_object[] =
    "PUT /test%24file.text HTTP/1.1\r\n" HOST "Date: Fri, 24 May 2013 00:00:00 GMT\r\n" DATE
    "x-amz-storage-class: REDUCED_REDUNDANCY\r\nx-amz-content-sha256: "
    "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072\r\n" AUTH(
	"date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
	"98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd") "\r\n";
#define PRESIGNED(query)                                                                \
	"GET /test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=" ACCESS       \
	"%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z" query \
	"&X-Amz-SignedHeaders=host&X-Amz-Signature="                                    \
	"aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404 HTTP/1.1\r\n" HOST "\r\n"

static void
test_fields(void)
{
	CHECK_OK(check_text(get_object));
	CHECK(proof.payload == SIGV4_DIGEST && proof.digest[0] == 0xe3);
	CHECK_OK(check_text(get_lifecycle));
	CHECK_OK(check_text(list_objects));
	CHECK_OK(check_text(put_object));
	/* The same said otherwise: parameters in another order, a path spelled otherwise. */
	CHECK_OK(check_text("GET /?prefix=%4A&max-keys=2 HTTP/1.1\r\n" HOST "x-amz-content-sha256: " EMPTY
			    "\r\n" DATE AUTH("host;x-amz-content-sha256;x-amz-date",
				"34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7") "\r\n"));
	flip_all(get_object);
	flip_all(list_objects);
	flip_all(put_object);
	CHECK_ERR(check_at(get_object, NOW, "AKIAIOSFODNN7EXAMPLF"), ERR_REFUSED);
	CHECK_OK(check_at(get_object, NOW + SIGV4_SKEW, ACCESS));
	CHECK_ERR(check_at(get_object, NOW + SIGV4_SKEW + 1, ACCESS), ERR_REFUSED);
	CHECK_OK(check_at(get_object, NOW - SIGV4_SKEW, ACCESS));
	CHECK_ERR(check_at(get_object, NOW - SIGV4_SKEW - 1, ACCESS), ERR_REFUSED);
}

static void
test_forms(void)
{
	static const char *const bad[] = {
	    /* nothing, another algorithm, another service, another day, an unknown region's form */
	    "GET / HTTP/1.1\r\n" HOST DATE "x-amz-content-sha256: " EMPTY "\r\n\r\n",
	    "GET / HTTP/1.1\r\n" HOST DATE "x-amz-content-sha256: " EMPTY
	    "\r\nAuthorization: AWS4-HMAC-SHA512 "
	    "Credential=a/20130524/r/s3/aws4_request,SignedHeaders=host,Signature=" EMPTY "\r\n\r\n",
	    "GET / HTTP/1.1\r\n" HOST DATE "x-amz-content-sha256: " EMPTY
	    "\r\nAuthorization: AWS4-HMAC-SHA256 "
	    "Credential=a/20130524/r/iam/aws4_request,SignedHeaders=host,Signature=" EMPTY "\r\n\r\n",
	    "GET / HTTP/1.1\r\n" HOST DATE "x-amz-content-sha256: " EMPTY
	    "\r\nAuthorization: AWS4-HMAC-SHA256 "
	    "Credential=a/20130525/r/s3/aws4_request,SignedHeaders=host,Signature=" EMPTY "\r\n\r\n",
	    "GET / HTTP/1.1\r\n" HOST DATE "x-amz-content-sha256: " EMPTY
	    "\r\nAuthorization: AWS4-HMAC-SHA256 "
	    "Credential=a/20130524/R/s3/aws4_request,SignedHeaders=host,Signature=" EMPTY "\r\n\r\n",
	    /* no date, no digest, a digest of a bad form */
	    "GET / HTTP/1.1\r\n" HOST "x-amz-content-sha256: " EMPTY
	    "\r\n" AUTH("host;x-amz-content-sha256", EMPTY) "\r\n",
	    "GET / HTTP/1.1\r\n" HOST DATE AUTH("host;x-amz-date", EMPTY) "\r\n",
	    "GET / HTTP/1.1\r\n" HOST DATE
	    "x-amz-content-sha256: STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD\r\n" AUTH(
		"host;x-amz-content-sha256;x-amz-date", EMPTY) "\r\n",
	    /* Host, or an x-amz-* field, not signed; one signed that is not there; not sorted; upper case; twice */
	    "GET / HTTP/1.1\r\n" HOST DATE "x-amz-content-sha256: " EMPTY
	    "\r\n" AUTH("x-amz-content-sha256;x-amz-date", EMPTY) "\r\n",
	    "GET / HTTP/1.1\r\n" HOST DATE "x-amz-content-sha256: " EMPTY
	    "\r\n" AUTH("host;x-amz-content-sha256", EMPTY) "\r\n",
	    "GET / HTTP/1.1\r\n" HOST DATE "x-amz-content-sha256: " EMPTY
	    "\r\n" AUTH("host;range;x-amz-content-sha256;x-amz-date", EMPTY) "\r\n",
	    "GET / HTTP/1.1\r\n" HOST DATE "x-amz-content-sha256: " EMPTY
	    "\r\n" AUTH("x-amz-content-sha256;host;x-amz-date", EMPTY) "\r\n",
	    "GET / HTTP/1.1\r\n" HOST DATE "x-amz-content-sha256: " EMPTY
	    "\r\n" AUTH("Host;x-amz-content-sha256;x-amz-date", EMPTY) "\r\n",
	    "GET / HTTP/1.1\r\n" HOST DATE "x-amz-content-sha256: " EMPTY
	    "\r\n" AUTH("host;host;x-amz-content-sha256;x-amz-date", EMPTY) "\r\n",
	    "GET / HTTP/1.1\r\n" HOST DATE "x-amz-content-sha256: " EMPTY
	    "\r\n" AUTH("host;;x-amz-content-sha256;x-amz-date", EMPTY) "\r\n",
	    /* a signature that is none; something behind it; both kinds at once */
	    "GET / HTTP/1.1\r\n" HOST DATE "x-amz-content-sha256: " EMPTY
	    "\r\n" AUTH("host;x-amz-content-sha256;x-amz-date", "abc") "\r\n",
	    "GET / HTTP/1.1\r\n" HOST DATE "x-amz-content-sha256: " EMPTY
	    "\r\n" AUTH("host;x-amz-content-sha256;x-amz-date", EMPTY ",More=1") "\r\n",
	    "GET /?X-Amz-Signature=a HTTP/1.1\r\n" HOST DATE "x-amz-content-sha256: " EMPTY
	    "\r\n" AUTH("host;x-amz-content-sha256;x-amz-date", EMPTY) "\r\n",
	    /* days that there are not */
	    "GET / HTTP/1.1\r\n" HOST "x-amz-date: 20131324T000000Z\r\nx-amz-content-sha256: " EMPTY
	    "\r\nAuthorization: AWS4-HMAC-SHA256 "
	    "Credential=a/20131324/r/s3/aws4_request,SignedHeaders=host,Signature=" EMPTY "\r\n\r\n",
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		CHECK_ERR(check_text(bad[i]), ERR_INPUT);
		if (e.code != ERR_INPUT)
			fprintf(stderr, "form %zu\n", i);
	}
	CHECK_ERR(check_text("GET / HTTP/1.1\r\n" HOST DATE "x-amz-content-sha256: " EMPTY
			     "\r\n" AUTH("host;x-amz-content-sha256;x-amz-date", EMPTY) "\r\n"),
	    ERR_REFUSED);
	CHECK(sigv4_present(&r));
}

static void
test_presigned(void)
{
	CHECK_OK(check_text(PRESIGNED("&X-Amz-Expires=86400")));
	CHECK(sigv4_present(&r) && proof.payload == SIGV4_UNSIGNED);
	flip_all(PRESIGNED("&X-Amz-Expires=86400"));
	CHECK_OK(check_at(PRESIGNED("&X-Amz-Expires=86400"), NOW + 86400, ACCESS));
	CHECK_ERR(check_at(PRESIGNED("&X-Amz-Expires=86400"), NOW + 86401, ACCESS), ERR_REFUSED);
	CHECK_ERR(check_text(PRESIGNED("&X-Amz-Expires=86400&x=y")), ERR_REFUSED);
	CHECK_ERR(check_text(PRESIGNED("&X-Amz-Expires=86400&X-Amz-Expires=86400")), ERR_INPUT);
	CHECK_ERR(check_text(PRESIGNED("")), ERR_INPUT);
	CHECK_ERR(check_text(PRESIGNED("&X-Amz-Expires=0")), ERR_INPUT);
	CHECK_ERR(check_text(PRESIGNED("&X-Amz-Expires=604801")), ERR_INPUT);
	CHECK_ERR(check_text(PRESIGNED("&X-Amz-Expires=1e3")), ERR_INPUT);
	CHECK_ERR(check_text(PRESIGNED("&X-Amz-Expires=")), ERR_INPUT);
}

/* ---- chunks ---- */

#define CHUNKED_HEAD                                                                                   \
	"PUT /examplebucket/chunkObject.txt HTTP/1.1\r\nHost: s3.amazonaws.com\r\n" DATE               \
	"x-amz-storage-class: REDUCED_REDUNDANCY\r\nx-amz-content-sha256: "                            \
	"STREAMING-AWS4-HMAC-SHA256-PAYLOAD\r\n"                                                       \
	"Content-Encoding: aws-chunked\r\nx-amz-decoded-content-length: 66560\r\nContent-Length: "     \
	"66824\r\n" AUTH("content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;x-amz-" \
			 "decoded-content-length;x-amz-"                                               \
			 "storage-class",                                                              \
	    "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9") "\r\n"

/* The example's body: 65,536 and 1,024 times 'a'. */
static size_t
make_chunks(char *out, const char *first)
{
	size_t len = (size_t)sprintf(out, "10000;chunk-signature=%s\r\n", first);

	memset(out + len, 'a', 65536);
	len += 65536;
	len += (size_t)sprintf(out + len,
	    "\r\n400;chunk-signature=0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497\r\n");
	memset(out + len, 'a', 1024);
	len += 1024;
	return len + (size_t)sprintf(out + len,
			 "\r\n0;chunk-signature="
			 "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9\r\n\r\n");
}

/* Feed a body in pieces. 1 at its end with *got bytes of data, 0 before it, -1. */
static int
feed(const char *in, size_t len, size_t piece, uint64_t size, size_t *got)
{
	struct sigv4_body *b = sigv4_body_new(&proof, size, &e);
	size_t at = 0, used, n;
	const uint8_t *data;
	int rc = 0;

	*got = 0;
	if (b == NULL)
		return -1;
	while (rc == 0 && at < len) {
		rc = sigv4_body_feed(b, in + at, len - at < piece ? len - at : piece, &used, &data, &n, &e);
		if (rc != -1) {
			at += used;
			*got += n;
		}
	}
	sigv4_body_free(b);
	return rc;
}

#define FIRST "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648"

static void
test_chunks(void)
{
	static char body[70000];
	static const size_t at[] = {
	    0, 5, 30, 87, 1000, 65620, 65625, 65650, 65720, 66000, 66740, 66760, 66820};
	size_t len = make_chunks(body, FIRST), got;

	CHECK_OK(check_text(CHUNKED_HEAD));
	CHECK(proof.payload == SIGV4_CHUNKS && len == 66824);
	CHECK(feed(body, len, 1, 66560, &got) == 1 && got == 66560);
	CHECK(feed(body, len, 4096, 66560, &got) == 1 && got == 66560);
	CHECK(feed(body, len, len, 66560, &got) == 1 && got == 66560);
	CHECK(feed(body, len - 1, len, 66560, &got) == 0);
	CHECK_ERR(feed(body, len, len, 66559, &got), ERR_INPUT);
	CHECK_ERR(feed(body, len, len, 66561, &got), ERR_INPUT);
	for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
		body[at[i]] ^= 1;
		CHECK(feed(body, len, len, 66560, &got) == -1 &&
		      (e.code == ERR_REFUSED || e.code == ERR_INPUT));
		body[at[i]] ^= 1;
	}
	/* Chunks without signatures, the second chunk first, a chunk twice. */
	CHECK_ERR(feed("1\r\na\r\n0\r\n\r\n", 11, 64, 1, &got), ERR_INPUT);
	static char mixed[140000];
	memcpy(mixed, body + 65626, len - 65626);
	CHECK_ERR(feed(mixed, len - 65626, len, 66560, &got), ERR_REFUSED);
	memcpy(mixed, body, 65626);
	memcpy(mixed + 65626, body, len);
	CHECK_ERR(feed(mixed, len + 65626, len, 2 * 65536 + 1024, &got), ERR_REFUSED);
	CHECK_ERR(feed("0;chunk-signature=" FIRST "\r\nX: y\r\n\r\n", 94, 94, 0, &got), ERR_REFUSED);
	/* Of requests that say nothing of chunks there is no such body. */
	CHECK_OK(check_text(get_object));
	CHECK_ERR(feed(body, len, len, 66560, &got), ERR_INPUT);
}

static size_t
make_trailer(char *out, const char *checksum, const char *signature)
{
	size_t len = (size_t)sprintf(out,
	    "10000;chunk-signature=b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2\r\n");

	memset(out + len, 'a', 65536);
	len += 65536;
	len += (size_t)sprintf(out + len,
	    "\r\n400;chunk-signature=1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7\r\n");
	memset(out + len, 'a', 1024);
	len += 1024;
	len += (size_t)sprintf(out + len,
	    "\r\n0;chunk-signature=2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992\r\n");
	if (checksum != NULL)
		len += (size_t)sprintf(out + len, "x-amz-checksum-crc32c:%s\r\n", checksum);
	if (signature != NULL)
		len += (size_t)sprintf(out + len, "x-amz-trailer-signature:%s\r\n", signature);
	return len + (size_t)sprintf(out + len, "\r\n");
}

static void
test_trailer(void)
{
	static const char head[] =
	    "PUT /examplebucket/chunkObject.txt HTTP/1.1\r\nHost: s3.amazonaws.com\r\n" DATE
	    "x-amz-storage-class: REDUCED_REDUNDANCY\r\nx-amz-content-sha256: "
	    "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER\r\nContent-Encoding: "
	    "aws-chunked\r\nx-amz-decoded-content-length: "
	    "66560\r\nx-amz-trailer: x-amz-checksum-crc32c\r\nContent-Length: 66824\r\n" AUTH(
		"content-encoding;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-"
		"storage-class;x-"
		"amz-trailer",
		"106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e") "\r\n";
	static const char good[] = "d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435";
	static char body[70000];
	size_t len, got;

	CHECK_OK(check_text(head));
	CHECK(proof.payload == SIGV4_CHUNKS_TRAILER);
	len = make_trailer(body, "sOO8/Q==", good);
	CHECK(feed(body, len, 1, 66560, &got) == 1 && got == 66560);
	CHECK(feed(body, len, len, 66560, &got) == 1 && got == 66560);
	len = make_trailer(body, "tOO8/Q==", good);
	CHECK_ERR(feed(body, len, len, 66560, &got), ERR_REFUSED);
	len = make_trailer(body, NULL, good);
	CHECK_ERR(feed(body, len, len, 66560, &got), ERR_REFUSED);
	len = make_trailer(body, "sOO8/Q==", NULL);
	CHECK_ERR(feed(body, len, len, 66560, &got), ERR_REFUSED);
	len = make_trailer(body, "sOO8/Q==", "abc");
	CHECK_ERR(feed(body, len, len, 66560, &got), ERR_INPUT);

	proof.payload = SIGV4_UNSIGNED_TRAILER;
	CHECK(
	    feed("3\r\nabc\r\n0\r\nx-amz-checksum-crc32:NSRBwg==\r\n\r\n", 46, 7, 3, &got) == 1 && got == 3);
	CHECK_ERR(feed("3\r\nabc\r\n0\r\n\r\n", 13, 13, 2, &got), ERR_INPUT);
	CHECK_ERR(
	    feed("3\r\nabc\r\n0\r\nx-amz-trailer-signature:" FIRST "\r\n\r\n", 104, 104, 3, &got), ERR_INPUT);
}

static void
test_bearer(void)
{
	struct secret *token = secret_new(6, &e);
	int status;
	static const struct {
		const char *value;
		bool want;
	} all[] = {{"Bearer secret", true}, {"bearer secret", true}, {"Bearer secreT", false},
	    {"Bearer secre", false}, {"Bearer secrets", false}, {"Bearer ", false}, {"Bearer", false},
	    {"Basic secret", false}, {"Bearer  secret", false},
	    /* stager:secret; then its case, without its end, with more, another user, no user, no token, no base64 */
	    {"Basic c3RhZ2VyOnNlY3JldA==", true}, {"basic c3RhZ2VyOnNlY3JldA==", true},
	    {"Basic c3RhZ2VyOnNlY3JlVA==", false}, {"Basic c3RhZ2VyOnNlY3Jl", false},
	    {"Basic c3RhZ2VyOnNlY3JldHM=", false}, {"Basic c3RhZ2V4OnNlY3JldA==", false},
	    {"Basic c2VjcmV0", false}, {"Basic c3RhZ2VyOg==", false}, {"Basic c3RhZ2VyOnNlY3JldA=", false},
	    {"Basic  c3RhZ2VyOnNlY3JldA==", false}, {"Basic ", false}};

	memcpy(token->bytes, "secret", 6);
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		(void)snprintf(bytes, sizeof(bytes), "GET / HTTP/1.1\r\n" HOST "Authorization: %s\r\n\r\n",
		    all[i].value);
		CHECK_OK(http_request_parse(bytes, strlen(bytes), &r, &status, &e));
		CHECK(http_bearer_is(&r, token) == all[i].want);
		CHECK(!sigv4_present(&r));
	}
	CHECK_OK(http_request_parse(
	    "GET / HTTP/1.1\r\n" HOST "\r\n", strlen("GET / HTTP/1.1\r\n" HOST "\r\n"), &r, &status, &e));
	CHECK(!http_bearer_is(&r, token));
	secret_free(token);
}

int
main(void)
{
	if (secret_start(&e) == -1 || (key = secret_new(strlen(SECRET), &e)) == NULL) {
		fprintf(stderr, "%s\n", e.text);
		return 1;
	}
	memcpy(key->bytes, SECRET, strlen(SECRET));
	test_fields();
	test_forms();
	test_presigned();
	test_chunks();
	test_trailer();
	test_bearer();
	sigv4_free(&proof);
	secret_free(key);
	return check_done();
}
