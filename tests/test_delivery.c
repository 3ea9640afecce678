/* The record of a delivery: there and back, each field missing or wrong, and which URLs and countries may stand in it. */
#include <stdlib.h>

#include "check.h"
#include "stager/delivery.h"

static struct err e;

static const struct delivery good = {.house = "flow",
    .version_id = "abcdefghijklmnopqrstuvwxyz",
    .set = "abroad",
    .manifest = {1},
    .table = {2},
    .listing = {3},
    .endpoint = "lumi-o",
    .url = "s3://bucket/some/prefix",
    .country = "FI",
    .site = "lumi",
    .objects = 28,
    .bytes = 20373331,
    .at = 1795307622};

static void
test_round(void)
{
	struct delivery d;
	struct buf text, cut;

	buf_init(&text, DELIVERY_MAX);
	buf_init(&cut, DELIVERY_MAX);
	CHECK_OK(delivery_encode(&good, &text, &e));
	CHECK_OK(delivery_decode(text.data, text.len, &d, &e));
	CHECK(memcmp(&d, &good, sizeof(d)) == 0);
	CHECK(strstr(buf_cstr(&text, &e), "\"_type\":\"urn:stager:delivery:1\"") != NULL);
	for (size_t len = 0; len < text.len; len++)
		CHECK_ERR(delivery_decode(text.data, len, &d, &e), ERR_INPUT);
	/* Every byte; a digit or a letter that changes may make another good one, never the same. */
	for (size_t i = 0; i < text.len; i++) {
		text.data[i] ^= 1;
		CHECK(
		    delivery_decode(text.data, text.len, &d, &e) == -1 || memcmp(&d, &good, sizeof(d)) != 0);
		text.data[i] ^= 1;
	}
	CHECK_OK(buf_put(&text, " ", 1, &e));
	CHECK_ERR(delivery_decode(text.data, text.len, &d, &e), ERR_INPUT);
	CHECK_ERR(delivery_decode(text.data, DELIVERY_MAX + 1, &d, &e), ERR_LIMIT);
	buf_free(&text);
	buf_free(&cut);
}

static void
test_fields(void)
{
	struct delivery d;
	struct buf text;

	buf_init(&text, DELIVERY_MAX);
#define REFUSED(change)                                                       \
	do {                                                                  \
		d = good;                                                     \
		change;                                                       \
		CHECK(delivery_encode(&d, &text, &e) == -1 && text.len == 0); \
	} while (0)
	REFUSED(d.house[0] = '\0');
	REFUSED(d.house[0] = 'F');
	REFUSED(d.version_id[25] = '\0');
	REFUSED(d.set[0] = '/');
	REFUSED(d.endpoint[0] = ' ');
	REFUSED(d.site[0] = '\0');
	REFUSED(d.country[1] = 'i');
	REFUSED(d.url[0] = 'x');
	REFUSED(d.objects = 0);
	REFUSED(d.bytes = 0);
	REFUSED(d.bytes = UINT64_C(1) << 60);
	REFUSED(d.at = -1);
	buf_free(&text);
}

static void
test_urls(void)
{
	static const char *const fine[] = {"dir:/a", "dir:/a/b.c/~d", "s3://b", "s3://b/p/q", "https://h",
	    "https://h:8443/p", "https://h/a%20b", "dir:/a%2eb", "http://127.0.0.1:1/x", "https://[::1]/x"};
	static const char *const wrong[] = {"", "dir:", "dir:/", "dir:a", "dir://a", "dir:/a/", "dir:/a/../b",
	    "dir:/a/.", "s3:/b", "s3://", "s3:///p", "https://", "https://h//p", "https://u@h/p",
	    "https://h/p?q", "https://h/p#f", "https://h/a b", "https://h/\x7f", "https://h/\xc3\xa9",
	    "HTTPS://h/", "ftp://h/x", "dir:/a\\b", "https://h/p/%2e%2e/q", "https://h/p/.%2E/q",
	    "https://h/p/..%2fq", "https://h/%2Fp", "https://h/p%5C..%5cq"};
	char longest[DELIVERY_URL_MAX + 2];

	for (size_t i = 0; i < sizeof(fine) / sizeof(fine[0]); i++)
		CHECK(delivery_url_ok(fine[i]));
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		CHECK(!delivery_url_ok(wrong[i]));
	memset(longest, 'a', sizeof(longest));
	memcpy(longest, "dir:/", 5);
	longest[DELIVERY_URL_MAX + 1] = '\0';
	CHECK(!delivery_url_ok(longest));
	longest[DELIVERY_URL_MAX] = '\0';
	CHECK(delivery_url_ok(longest));
	CHECK(delivery_country_ok("NL") && !delivery_country_ok("nl") && !delivery_country_ok("N") &&
	      !delivery_country_ok("NLD") && !delivery_country_ok("") && !delivery_country_ok("N1"));
}

int
main(void)
{
	test_round();
	test_fields();
	test_urls();
	return check_done();
}
