/* HTTP heads, bodies, targets, ranges: what is right is taken, wherever it is cut, and its neighbours are refused. */
#include <stdlib.h>

#include "check.h"
#include "stager/http.h"

static struct err e;
static struct http_request r;
static int status;

/* As a connection would: cut after every byte; then the parser. 0, or the status. */
static int
parse(const char *text, size_t len)
{
	struct http_scan s;
	size_t head = 0;
	int rc = 0;

	http_scan_init(&s);
	status = 0;
	for (size_t have = 1; rc == 0 && have <= len; have++)
		rc = http_scan(&s, text, have, &head, &status, &e);
	if (rc == 0)
		return -1; /* no end yet */
	if (rc == -1)
		return status;
	/* In one piece it is the same head. */
	http_scan_init(&s);
	size_t again = 0;
	CHECK(http_scan(&s, text, len, &again, &status, &e) == 1 && again == head);
	status = 0;
	return http_request_parse(text, head, &r, &status, &e) == 0 ? 0 : status;
}

static int
parse_text(const char *text)
{
	return parse(text, strlen(text));
}

#define H "Host: a\r\n"

static void
test_heads(void)
{
	static const struct {
		int want;
		const char *text;
	} all[] = {
	    {0, "GET / HTTP/1.1\r\n" H "\r\n"},
	    {0, "\r\nGET / HTTP/1.1\r\n" H "\r\n"},
	    {400, "\r\n\r\nGET / HTTP/1.1\r\n" H "\r\n"},
	    {0, "GET / HTTP/1.0\r\n\r\n"},
	    {400, "GET / HTTP/1.1\r\n\r\n"},
	    {400, "GET / HTTP/1.1\n" H "\r\n"},
	    {400, "GET / HTTP/1.1\r\nHost: a\n\r\n"},
	    {400, "GET / HTTP/1.1\r\n" H "\n"},
	    {400, "\nGET / HTTP/1.1\r\n" H "\r\n"},
	    {400, "GET / HTTP/1.1\r\nHost: a\rX: b\r\n\r\n"},
	    {400, "GET / HTTP/1.1\r\n" H "X: a\r\n b\r\n\r\n"},
	    {400, "GET / HTTP/1.1\r\n Host: a\r\n\r\n"},
	    {400, "GET / HTTP/1.1\r\nHost : a\r\n\r\n"},
	    {400, "GET / HTTP/1.1\r\n" H ": a\r\n\r\n"},
	    {400, "GET / HTTP/1.1\r\n" H "X\r\n\r\n"},
	    {400, "GET / HTTP/1.1\r\n" H "X(: a\r\n\r\n"},
	    {400, "GET / HTTP/1.1\r\n" H "X: a\x01\r\n\r\n"},
	    {400, "GET / HTTP/1.1\r\n" H "X: a\x7f\r\n\r\n"},
	    {0, "GET / HTTP/1.1\r\n" H "X: a\tb\xff\r\n\r\n"},
	    {0, "GET / HTTP/1.1\r\n" H "X:\r\n\r\n"},
	    {0, "M-SEARCH / HTTP/1.1\r\n" H "\r\n"},
	    {400, "G(T / HTTP/1.1\r\n" H "\r\n"},
	    {400, " GET / HTTP/1.1\r\n" H "\r\n"},
	    {400, "GET  / HTTP/1.1\r\n" H "\r\n"},
	    {400, "GET /  HTTP/1.1\r\n" H "\r\n"},
	    {400, "GET / HTTP/1.1 \r\n" H "\r\n"},
	    {400, "GET /\tHTTP/1.1\r\n" H "\r\n"},
	    {400, "GET / http/1.1\r\n" H "\r\n"},
	    {400, "GET /\r\n" H "\r\n"},
	    {400, "GET\r\n" H "\r\n"},
	    {505, "GET / HTTP/2.0\r\n" H "\r\n"},
	    {505, "GET / HTTP/1.2\r\n" H "\r\n"},
	    {400, "GET / HTTP/1.11\r\n" H "\r\n"},
	    {400, "GET http://a/ HTTP/1.1\r\n" H "\r\n"},
	    {400, "GET a HTTP/1.1\r\n" H "\r\n"},
	    {400, "CONNECT a:80 HTTP/1.1\r\n" H "\r\n"},
	    {0, "OPTIONS * HTTP/1.1\r\n" H "\r\n"},
	    {400, "GET * HTTP/1.1\r\n" H "\r\n"},
	    {0, "GET /a%20b?c=%2F&d=? HTTP/1.1\r\n" H "\r\n"},
	    {400, "GET /a%2 HTTP/1.1\r\n" H "\r\n"},
	    {400, "GET /a%zz HTTP/1.1\r\n" H "\r\n"},
	    {400, "GET /a%2\"b HTTP/1.1\r\n" H "\r\n"},
	    {400, "GET /#a HTTP/1.1\r\n" H "\r\n"},
	    {400, "GET /a\\b HTTP/1.1\r\n" H "\r\n"},
	    {400, "GET /\xc3\xa9 HTTP/1.1\r\n" H "\r\n"},
	    {400, "GET / HTTP/1.1\r\n" H H "\r\n"},
	    {400, "GET / HTTP/1.1\r\nHost: a, b\x02\r\n\r\n"},
	    {400, "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"},
	    {400, "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n"},
	    {400, "GET / HTTP/1.1\r\nHost:\r\n\r\n"},
	    {0, "GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n"},
	    {0, "PUT / HTTP/1.1\r\n" H "Content-Length: 12\r\n\r\n"},
	    {400, "PUT / HTTP/1.1\r\n" H "Content-Length: 12\r\nContent-Length: 12\r\n\r\n"},
	    {400, "PUT / HTTP/1.1\r\n" H "Content-Length: 12, 12\r\n\r\n"},
	    {400, "PUT / HTTP/1.1\r\n" H "Content-Length: +12\r\n\r\n"},
	    {400, "PUT / HTTP/1.1\r\n" H "Content-Length: -1\r\n\r\n"},
	    {400, "PUT / HTTP/1.1\r\n" H "Content-Length: 0x10\r\n\r\n"},
	    {400, "PUT / HTTP/1.1\r\n" H "Content-Length:\r\n\r\n"},
	    {0, "PUT / HTTP/1.1\r\n" H "Content-Length: 9223372036854775807\r\n\r\n"},
	    {400, "PUT / HTTP/1.1\r\n" H "Content-Length: 9223372036854775808\r\n\r\n"},
	    {400, "PUT / HTTP/1.1\r\n" H "Content-Length: 18446744073709551617\r\n\r\n"},
	    {0, "PUT / HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n"},
	    {0, "PUT / HTTP/1.1\r\n" H "Transfer-Encoding: CHUNKED\r\n\r\n"},
	    {400, "PUT / HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n"},
	    {400, "PUT / HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n"},
	    {501, "PUT / HTTP/1.1\r\n" H "Transfer-Encoding: gzip, chunked\r\n\r\n"},
	    {501, "PUT / HTTP/1.1\r\n" H "Transfer-Encoding: xchunked\r\n\r\n"},
	    {501, "PUT / HTTP/1.1\r\n" H "Transfer-Encoding: identity\r\n\r\n"},
	    {501, "PUT / HTTP/1.1\r\n" H "Transfer-Encoding: \"chunked\"\r\n\r\n"},
	    {501, "PUT / HTTP/1.1\r\n" H "Transfer-Encoding:\r\n\r\n"},
	    {400, "PUT / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"},
	    {0, "PUT / HTTP/1.1\r\n" H "Expect: 100-Continue\r\n\r\n"},
	    {417, "PUT / HTTP/1.1\r\n" H "Expect: 200-ok\r\n\r\n"},
	    {400, "GET / HTTP/1.1\r\n" H "Authorization: a\r\nauthorization: b\r\n\r\n"},
	    {400, "GET / HTTP/1.1\r\n" H "Range: bytes=0-1\r\nRange: bytes=0-1\r\n\r\n"},
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		int got = parse_text(all[i].text);

		CHECK(got == all[i].want);
		if (got != all[i].want)
			fprintf(stderr, "head %zu: %d, not %d: %s\n", i, got, all[i].want, all[i].text);
	}
	CHECK(parse("GET / HTTP/1.1\r\nHost: a\0b\r\n\r\n", 30) == 400);
	CHECK(parse_text("GET / HTTP/1.1\r\n" H "\r") == -1);
}

static void
test_values(void)
{
	struct http_text t;

	CHECK(parse_text(
		  "PUT /a/b?c=d HTTP/1.1\r\nHost: h:1\r\nX-One:  v w \t\r\nX-Two: 1\r\nx-two: 2\r\nExpect: "
		  "100-continue\r\nContent-Length: 5\r\n\r\nhello") == 0);
	CHECK(
	    r.method == HTTP_PUT && r.minor == 1 && r.field_count == 6 && r.keep_alive && r.expect_continue);
	CHECK(r.path.len == 4 && memcmp(r.path.at, "/a/b", 4) == 0);
	CHECK(r.query.len == 3 && memcmp(r.query.at, "c=d", 3) == 0);
	CHECK(http_text_is(r.host, "h:1") && r.has_length && r.length == 5 && !r.chunked);
	CHECK(http_field(&r, "x-one", &t) == 1 && t.len == 3 && memcmp(t.at, "v w", 3) == 0);
	CHECK(http_field(&r, "x-two", &t) == -1);
	CHECK(http_field(&r, "x-three", &t) == 0);
	CHECK(parse_text("GET / HTTP/1.1\r\n" H "Connection: x, Close\r\n\r\n") == 0 && !r.keep_alive);
	CHECK(parse_text("GET / HTTP/1.1\r\n" H "Connection: closed\r\n\r\n") == 0 && r.keep_alive);
	CHECK(parse_text("GET / HTTP/1.0\r\n\r\n") == 0 && !r.keep_alive && r.query.at == NULL);
	CHECK(parse_text("GET /? HTTP/1.0\r\nConnection: keep-alive\r\n\r\n") == 0 && r.keep_alive &&
	      r.query.at != NULL && r.query.len == 0);
	CHECK(parse_text("PUT / HTTP/1.0\r\nExpect: 100-continue\r\n\r\n") == 0 && !r.expect_continue);
	CHECK(parse_text("get / HTTP/1.1\r\n" H "\r\n") == 0 && r.method == HTTP_OTHER);
	CHECK(parse_text("GETX / HTTP/1.1\r\n" H "\r\n") == 0 && r.method == HTTP_OTHER);
}

/* At a limit, and one past it. */
static void
test_limits(void)
{
	static char text[2 * HTTP_HEAD_MAX];
	int len, lead;

	for (int past = 0; past <= 1; past++) {
		len = HTTP_LINE_MAX - (int)strlen("GET / HTTP/1.1") + past;
		lead = snprintf(text, sizeof(text), "GET /%0*d HTTP/1.1\r\n" H "\r\n", len, 0);
		CHECK(parse(text, (size_t)lead) == (past ? 414 : 0));
		len = snprintf(text, sizeof(text), "GET / HTTP/1.1\r\n" H);
		for (int i = 1; i < HTTP_FIELDS_MAX + past; i++)
			len += snprintf(text + len, sizeof(text) - (size_t)len, "X%d: a\r\n", i);
		len += snprintf(text + len, sizeof(text) - (size_t)len, "\r\n");
		CHECK(parse(text, (size_t)len) == (past ? 431 : 0));
		lead = snprintf(text, sizeof(text), "GET / HTTP/1.1\r\n" H "X: ");
		len = HTTP_HEAD_MAX - lead - 4 + past;
		memset(text + lead, 'a', (size_t)len);
		memcpy(text + lead + len, "\r\n\r\n", 4);
		CHECK(parse(text, (size_t)(lead + len + 4)) == (past ? 431 : 0));
	}
	/* What never ends is refused when the limit is passed, not later. */
	memset(text, 'a', sizeof(text));
	struct http_scan s;
	size_t head;
	http_scan_init(&s);
	CHECK(http_scan(&s, text, HTTP_LINE_MAX, &head, &status, &e) == 0);
	CHECK(http_scan(&s, text, HTTP_LINE_MAX + 2, &head, &status, &e) == -1 && status == 414);
}

/* A body fed in pieces of this size: its data, or "!" and the code's number. *rest: what is left over. */
static const char *
feed(struct http_body b, const char *text, size_t len, size_t piece, size_t *rest)
{
	static char out[4096];
	size_t out_len = 0, at = 0, used, n;
	const uint8_t *data;
	int rc = b.done ? 1 : 0;

	while (rc == 0 && at < len) {
		size_t now = len - at < piece ? len - at : piece;

		rc = http_body_feed(&b, text + at, now, &used, &data, &n, &e);
		if (rc == -1)
			return e.code == ERR_LIMIT ? "!limit" : "!";
		CHECK(used > 0 && used <= now && n <= used);
		memcpy(out + out_len, data, n);
		out_len += n;
		at += used;
	}
	*rest = len - at;
	out[out_len] = '\0';
	return rc == 1 ? out : "...";
}

static void
test_bodies(void)
{
	static const struct {
		const char *text, *want;
		size_t rest;
	} all[] = {
	    {"5\r\nhello\r\n0\r\n\r\nGET", "hello", 3},
	    {"5\r\nhello\r\n6;a=b;c=\"d\"\r\n world\r\n000\r\nX: y\r\nZ:w\r\n\r\n", "hello world", 0},
	    {"A\r\n0123456789\r\n0\r\n\r\n", "0123456789", 0},
	    {"a\r\n0123456789\r\n0\r\n\r\n", "0123456789", 0},
	    {"0\r\n\r\n", "", 0},
	    {"5\r\nhello\r\n", "...", 0},
	    {"5\r\nhell", "...", 0},
	    {"5\nhello\r\n0\r\n\r\n", "!", 0},
	    {"5\r\nhello\n0\r\n\r\n", "!", 0},
	    {"5\r\nhello0\r\n\r\n", "!", 0},
	    {"4\r\nhello\r\n0\r\n\r\n", "!", 0},
	    {" 5\r\nhello\r\n0\r\n\r\n", "!", 0},
	    {"5 \r\nhello\r\n0\r\n\r\n", "!", 0},
	    {"0x5\r\nhello\r\n0\r\n\r\n", "!", 0},
	    {"-5\r\nhello\r\n0\r\n\r\n", "!", 0},
	    {"\r\nhello\r\n0\r\n\r\n", "!", 0},
	    {"5\r\r\nhello\r\n0\r\n\r\n", "!", 0},
	    {"5;\x01\r\nhello\r\n0\r\n\r\n", "!", 0},
	    {"1000000000000000\r\n", "!limit", 0},
	    {"fffffffffffffff\r\n", "...", 0},
	    {"1\r\na\r\n7fffffffffffffff\r\n", "!limit", 0},
	    {"0\r\n: a\r\n\r\n", "!", 0},
	    {"0\r\nX\r\n\r\n", "!", 0},
	    {"0\r\nX : a\r\n\r\n", "!", 0},
	    {"0\r\nX: a\n\r\n", "!", 0},
	    {"0\r\nContent-Length: 1\r\n\r\n", "!", 0},
	    {"0\r\nTransfer-Encoding: chunked\r\n\r\n", "!", 0},
	    {"5;\r\nhello\r\n0\r\n\r\n", "!", 0},
	    {"5;a=\r\nhello\r\n0\r\n\r\n", "!", 0},
	    {"5;a=b c\r\nhello\r\n0\r\n\r\n", "!", 0},
	    {"5;a=\"b\r\nhello\r\n0\r\n\r\n", "!", 0},
	    {"5;a=\"b\\\r\nhello\r\n0\r\n\r\n", "!", 0},
	    {"5;a;b=\"c \\\" d\";e=f\r\nhello\r\n0\r\n\r\n", "hello", 0},
	};
	struct http_body b;
	size_t rest = 0;

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		for (size_t piece = 1; piece <= strlen(all[i].text); piece++) {
			http_body_init_chunked(&b);
			CHECK(strcmp(feed(b, all[i].text, strlen(all[i].text), piece, &rest), all[i].want) ==
			      0);
			CHECK(all[i].want[0] == '!' || rest == all[i].rest);
		}
	CHECK(parse_text("PUT / HTTP/1.1\r\n" H "Content-Length: 5\r\n\r\n") == 0);
	http_body_init(&b, &r);
	for (size_t piece = 1; piece <= 8; piece++) {
		CHECK(strcmp(feed(b, "helloGET", 8, piece, &rest), "hello") == 0 && rest == 3);
		CHECK(strcmp(feed(b, "hell", 4, piece, &rest), "...") == 0);
	}
	CHECK(parse_text("GET / HTTP/1.1\r\n" H "\r\n") == 0);
	http_body_init(&b, &r);
	CHECK(b.done);

	/* Lines without an end. */
	static char text[HTTP_TRAILER_MAX + 64];
	memset(text, '1', sizeof(text));
	text[0] = '5';
	text[1] = ';';
	text[2] = 'a';
	http_body_init_chunked(&b);
	CHECK(strcmp(feed(b, text, HTTP_CHUNK_LINE_MAX, 64, &rest), "...") == 0);
	CHECK(strcmp(feed(b, text, HTTP_CHUNK_LINE_MAX + 1, 64, &rest), "!limit") == 0);
	size_t at = (size_t)snprintf(text, sizeof(text), "0\r\n");
	while (at < sizeof(text) - 8) {
		memcpy(text + at, "X: aaa\r\n", 8);
		at += 8;
	}
	CHECK(strcmp(feed(b, text, 3 + HTTP_TRAILER_MAX, 64, &rest), "...") == 0);
	CHECK(strcmp(feed(b, text, 3 + HTTP_TRAILER_MAX + 8, 64, &rest), "!limit") == 0);
}

static struct http_text
text_of(const char *s)
{
	return (struct http_text){s, strlen(s)};
}

static void
test_targets(void)
{
	static const struct {
		const char *path, *want; /* NULL: refused */
	} all[] = {{"/", "/"}, {"/a/b", "/a/b"}, {"/a/", "/a/"}, {"/a%20%C3%A9+", "/a \xc3\xa9+"},
	    {"//", NULL}, {"//a", NULL}, {"/a//b", NULL}, {"/.", NULL}, {"/..", NULL}, {"/a/../b", NULL},
	    {"/a/.", NULL}, {"/a/%2e%2E/b", NULL}, {"/a/%2e", NULL}, {"/a%2fb", NULL}, {"/a%2Fb", NULL},
	    {"/a%5cb", NULL}, {"/a%00b", NULL}, {"/a%0ab", NULL}, {"/a%7f", NULL}, {"/a%ff", NULL},
	    {"/...", "/..."}, {"/.a", "/.a"}};
	struct http_text rest = text_of("a=b&&c&=d&e=%20+=&"), name, value;
	struct buf out;

	buf_init(&out, 4096);
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		memset(&r, 0, sizeof(r));
		r.path = text_of(all[i].path);
		buf_clear(&out);
		if (all[i].want == NULL) {
			CHECK_ERR(http_path(&r, &out, &e), ERR_INPUT);
			CHECK(out.len == 0);
		} else {
			CHECK_OK(http_path(&r, &out, &e));
			CHECK(out.len == strlen(all[i].want) && memcmp(out.data, all[i].want, out.len) == 0);
		}
	}
	CHECK(http_query_next(&rest, &name, &value) && http_text_is(name, "a") && http_text_is(value, "b"));
	CHECK(http_query_next(&rest, &name, &value) && http_text_is(name, "c") && value.len == 0);
	CHECK(http_query_next(&rest, &name, &value) && name.len == 0 && http_text_is(value, "d"));
	CHECK(
	    http_query_next(&rest, &name, &value) && http_text_is(name, "e") && http_text_is(value, "%20+="));
	CHECK(!http_query_next(&rest, &name, &value));
	rest = (struct http_text){NULL, 0};
	CHECK(!http_query_next(&rest, &name, &value));
	buf_clear(&out);
	CHECK_OK(http_decode(text_of("%20+="), true, &out, &e));
	CHECK(out.len == 3 && memcmp(out.data, "  =", 3) == 0);
	CHECK_ERR(http_decode(text_of("a%"), true, &out, &e), ERR_INPUT);
	CHECK_ERR(http_decode(text_of("a%2"), true, &out, &e), ERR_INPUT);
	CHECK(out.len == 3);
	buf_free(&out);
	CHECK(http_list_has(text_of("a, b ,c"), "B") && !http_list_has(text_of("a, bb"), "b") &&
	      !http_list_has(text_of(""), "b"));
}

static void
test_ranges(void)
{
	static const struct {
		const char *value;
		enum http_range want;
		uint64_t first, len;
	} all[] = {{"bytes=0-0", HTTP_RANGE_PART, 0, 1}, {"bytes=0-", HTTP_RANGE_PART, 0, 100},
	    {"bytes=99-", HTTP_RANGE_PART, 99, 1}, {"bytes=10-19", HTTP_RANGE_PART, 10, 10},
	    {"bytes=90-1000", HTTP_RANGE_PART, 90, 10},
	    {"Bytes=90-18446744073709551616", HTTP_RANGE_PART, 90, 10}, {"bytes=100-", HTTP_RANGE_NONE, 0, 0},
	    {"bytes=100-200", HTTP_RANGE_NONE, 0, 0}, {"bytes=99999999999999999999-", HTTP_RANGE_NONE, 0, 0},
	    {"bytes=-1", HTTP_RANGE_PART, 99, 1}, {"bytes=-1000", HTTP_RANGE_PART, 0, 100},
	    {"bytes=-0", HTTP_RANGE_NONE, 0, 0}, {"bytes=2-1", HTTP_RANGE_WHOLE, 0, 0},
	    {"bytes=0-1,3-4", HTTP_RANGE_WHOLE, 0, 0}, {"bytes=", HTTP_RANGE_WHOLE, 0, 0},
	    {"bytes=-", HTTP_RANGE_WHOLE, 0, 0}, {"bytes=a-b", HTTP_RANGE_WHOLE, 0, 0},
	    {"bytes= 0-1", HTTP_RANGE_WHOLE, 0, 0}, {"bytes=0-1 ", HTTP_RANGE_WHOLE, 0, 0},
	    {"bytes=--1", HTTP_RANGE_WHOLE, 0, 0}, {"lines=0-1", HTTP_RANGE_WHOLE, 0, 0},
	    {"bytes", HTTP_RANGE_WHOLE, 0, 0}};
	uint64_t first, len;

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		first = len = 0;
		CHECK(http_range(text_of(all[i].value), 100, &first, &len) == all[i].want);
		CHECK(all[i].want != HTTP_RANGE_PART || (first == all[i].first && len == all[i].len));
	}
	CHECK(http_range(text_of("bytes=0-"), 0, &first, &len) == HTTP_RANGE_NONE);
	CHECK(http_range(text_of("bytes=-5"), 0, &first, &len) == HTTP_RANGE_NONE);
	CHECK(http_range(text_of("bytes=0-18446744073709551615"), UINT64_MAX, &first, &len) ==
		  HTTP_RANGE_PART &&
	      first == 0 && len >= (UINT64_C(1) << 63));
}

static void
test_responses(void)
{
	char date[HTTP_DATE_LEN + 1];
	struct buf out;

	buf_init(&out, 4096);
	CHECK_OK(http_status(&out, 206, &e));
	CHECK_OK(http_put(&out, "ETag", "\"a\"", &e));
	CHECK_OK(http_put_number(&out, "Content-Length", UINT64_C(18446744073709551615), &e));
	CHECK_OK(http_end(&out, &e));
	CHECK(strcmp(buf_cstr(&out, &e), "HTTP/1.1 206 Partial Content\r\nETag: \"a\"\r\nContent-Length: "
					 "18446744073709551615\r\n\r\n") == 0);
	CHECK_ERR(http_put(&out, "X", "a\r\nSet-Cookie: b", &e), ERR_INPUT);
	CHECK_ERR(http_put(&out, "X", "a\nb", &e), ERR_INPUT);
	buf_free(&out);
	http_date(784111777, date);
	CHECK(strcmp(date, "Sun, 06 Nov 1994 08:49:37 GMT") == 0);
	http_date(0, date);
	CHECK(strcmp(date, "Thu, 01 Jan 1970 00:00:00 GMT") == 0);
}

int
main(void)
{
	test_heads();
	test_values();
	test_limits();
	test_bodies();
	test_targets();
	test_ranges();
	test_responses();
	return check_done();
}
