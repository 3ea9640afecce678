/* DSSE envelopes: the specification's vector, envelopes of other producers, and every way to damage one. */
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "stager/dsse.h"
#include "stager/enc.h"
#include "stager/json.h"
#include "stager/secret.h"

static struct err e;

/* RFC 8032 section 7.1, TEST 1. */
static const char seed_hex[] = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
static const char public_hex[] = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";

static struct secret *
test_seed(void)
{
	struct secret *s = secret_new(SIGN_SEED_LEN, &e);

	if (s == NULL || hex_decode(seed_hex, s->bytes, s->len, "seed", &e) == -1)
		abort();
	return s;
}

static void
test_pae(void)
{
	static const char want[] = "DSSEv1 29 http://example.com/HelloWorld 11 hello world";
	static char big[DSSE_PAYLOAD_MAX + 1], type[DSSE_TYPE_MAX + 2];
	struct buf b;

	buf_init(&b, DSSE_PAE_MAX);
	CHECK_OK(dsse_pae("http://example.com/HelloWorld", "hello world", 11, &b, &e));
	CHECK(b.len == strlen(want) && memcmp(b.data, want, b.len) == 0);
	/* Lengths are of bytes, and what follows a length may look like the frame itself. */
	buf_clear(&b);
	CHECK_OK(dsse_pae("a/b", "1 x\xc3\xa9", 5, &b, &e));
	CHECK(b.len == 20 && memcmp(b.data, "DSSEv1 3 a/b 5 1 x\xc3\xa9", 20) == 0);
	buf_clear(&b);
	CHECK_ERR(dsse_pae("", "x", 1, &b, &e), ERR_INPUT);
	CHECK_ERR(dsse_pae("a b", "x", 1, &b, &e), ERR_INPUT);
	CHECK_ERR(dsse_pae("a\xc3\xa9", "x", 1, &b, &e), ERR_INPUT);
	CHECK_ERR(dsse_pae("a/b", "", 0, &b, &e), ERR_INPUT);
	CHECK_ERR(dsse_pae("a/b", big, sizeof(big), &b, &e), ERR_LIMIT);
	CHECK_OK(dsse_pae("a/b", big, sizeof(big) - 1, &b, &e));
	memset(type, 'a', DSSE_TYPE_MAX + 1);
	buf_clear(&b);
	CHECK_ERR(dsse_pae(type, "x", 1, &b, &e), ERR_INPUT);
	CHECK(b.len == 0);
	type[DSSE_TYPE_MAX] = '\0';
	CHECK_OK(dsse_pae(type, big, sizeof(big) - 1, &b, &e));
	buf_free(&b);
}

static struct dsse *
decode(const char *text)
{
	e.code = ERR_NONE;
	return dsse_decode(text, strlen(text), "envelope", &e);
}

static void
refused(const char *text)
{
	struct dsse *d = decode(text);

	CHECK(d == NULL && (e.code == ERR_INPUT || e.code == ERR_LIMIT));
	if (d != NULL)
		fprintf(stderr, "taken: %s\n", text);
	dsse_free(d);
}

#define SIG "A3JqsQGtVsJ2O2xqrI5IcnXip5GToJ3F+FnZ+O88SjtR6rDAajabZKciJTfUiHqJPcIAriEGAHTVeCUjW2JIZA=="

/* The envelope in the specification (signed with ECDSA, so that only its form is ours to read). */
static void
test_foreign(void)
{
	struct dsse *d = decode(
	    "{\"payload\": \"aGVsbG8gd29ybGQ=\",\n \"payloadType\": \"http://example.com/HelloWorld\",\n"
	    " \"signatures\": [{\"sig\": \"" SIG "\"}]}\n");

	CHECK(d != NULL);
	if (d == NULL)
		return;
	CHECK(strcmp(d->type, "http://example.com/HelloWorld") == 0);
	CHECK(d->payload.len == 11 && memcmp(d->payload.data, "hello world", 11) == 0);
	CHECK(d->count == 1 && d->signatures[0].keyid[0] == '\0');
	CHECK(d->signatures[0].signature[0] == 0x03 && d->signatures[0].signature[63] == 0x64);
	dsse_free(d);
}

static void
test_form(void)
{
	struct buf many;
	struct dsse *d;

	refused("");
	refused("{}");
	refused("[]");
	refused("null");
	refused("{\"payload\":\"eA==\",\"payloadType\":\"a/b\"}");
	refused("{\"payload\":\"eA==\",\"payloadType\":\"a/b\",\"signatures\":[]}");
	refused("{\"payload\":\"eA==\",\"signatures\":[{\"sig\":\"" SIG "\"}]}");
	refused("{\"payloadType\":\"a/b\",\"signatures\":[{\"sig\":\"" SIG "\"}]}");
	refused("{\"payload\":\"\",\"payloadType\":\"a/b\",\"signatures\":[{\"sig\":\"" SIG "\"}]}");
	refused("{\"payload\":\"eA=\",\"payloadType\":\"a/b\",\"signatures\":[{\"sig\":\"" SIG "\"}]}");
	refused("{\"payload\":\"eB==\",\"payloadType\":\"a/b\",\"signatures\":[{\"sig\":\"" SIG "\"}]}");
	refused("{\"payload\":1,\"payloadType\":\"a/b\",\"signatures\":[{\"sig\":\"" SIG "\"}]}");
	refused("{\"payload\":\"eA==\",\"payloadType\":\"\",\"signatures\":[{\"sig\":\"" SIG "\"}]}");
	refused("{\"payload\":\"eA==\",\"payloadType\":\"a b\",\"signatures\":[{\"sig\":\"" SIG "\"}]}");
	refused("{\"payload\":\"eA==\",\"payloadType\":\"a/b\",\"signatures\":{\"sig\":\"" SIG "\"}}");
	refused("{\"payload\":\"eA==\",\"payloadType\":\"a/b\",\"signatures\":[\"" SIG "\"]}");
	refused("{\"payload\":\"eA==\",\"payloadType\":\"a/b\",\"signatures\":[{\"sig\":\"\"}]}");
	refused("{\"payload\":\"eA==\",\"payloadType\":\"a/b\",\"signatures\":[{\"keyid\":\"\"}]}");
	refused("{\"payload\":\"eA==\",\"payloadType\":\"a/b\",\"signatures\":[{\"sig\":\"eA==\"}]}");
	refused("{\"payload\":\"eA==\",\"payloadType\":\"a/b\",\"signatures\":[{\"sig\":\"AAAA" SIG "\"}]}");
	refused(
	    "{\"payload\":\"eA==\",\"payloadType\":\"a/b\",\"signatures\":[{\"keyid\":\"00\",\"sig\":\"" SIG
	    "\"}]}");
	refused("{\"payload\":\"eA==\",\"payloadType\":\"a/"
		"b\",\"signatures\":[{\"keyid\":\"0123456789ABCDEF\",\"sig\":\"" SIG "\"}]}");
	refused("{\"payload\":\"eA==\",\"payloadType\":\"a/"
		"b\",\"signatures\":[{\"keyid\":\"0123456789abcdef0\",\"sig\":\"" SIG "\"}]}");
	refused(
	    "{\"payload\":\"eA==\",\"payloadType\":\"a/b\",\"signatures\":[{\"sig\":\"" SIG "\",\"x\":1}]}");
	refused(
	    "{\"payload\":\"eA==\",\"payloadType\":\"a/b\",\"signatures\":[{\"sig\":\"" SIG "\"}],\"x\":1}");
	refused("{\"payload\":\"eA==\",\"payload\":\"eA==\",\"payloadType\":\"a/"
		"b\",\"signatures\":[{\"sig\":\"" SIG "\"}]}");
	refused("{\"payload\":\"eA==\",\"payloadType\":\"a/b\",\"signatures\":[{\"sig\":\"" SIG "\"}]}x");

	/* As many signatures as allowed, and one more. */
	for (size_t n = DSSE_SIGNATURES_MAX; n <= DSSE_SIGNATURES_MAX + 1; n++) {
		buf_init(&many, 1 << 16);
		CHECK_OK(
		    buf_put_str(&many, "{\"payload\":\"eA==\",\"payloadType\":\"a/b\",\"signatures\":[", &e));
		for (size_t i = 0; i < n; i++)
			CHECK_OK(buf_printf(&many, &e, "%s{\"sig\":\"" SIG "\"}", i == 0 ? "" : ","));
		CHECK_OK(buf_put_str(&many, "]}", &e));
		d = dsse_decode(many.data, many.len, "envelope", &e);
		CHECK((d != NULL) == (n == DSSE_SIGNATURES_MAX));
		dsse_free(d);
		buf_free(&many);
	}
}

static void
test_limits(void)
{
	static uint8_t payload[DSSE_PAYLOAD_MAX + 3];
	struct secret *seed = test_seed();
	struct buf text, envelope;
	struct dsse *d;

	buf_init(&envelope, 4u << 20);
	buf_init(&text, 4u << 20);
	CHECK_OK(dsse_sign(seed, DSSE_MANIFEST, payload, DSSE_PAYLOAD_MAX, &envelope, &e));
	d = dsse_decode(envelope.data, envelope.len, "envelope", &e);
	CHECK(d != NULL && d->payload.len == DSSE_PAYLOAD_MAX);
	dsse_free(d);
	CHECK_ERR(dsse_sign(seed, DSSE_MANIFEST, payload, DSSE_PAYLOAD_MAX + 1, &envelope, &e), ERR_LIMIT);
	/* The same from somebody who does not keep to it. */
	CHECK_OK(buf_put_str(&text, "{\"payload\":\"", &e));
	CHECK_OK(base64_encode(payload, DSSE_PAYLOAD_MAX + 1, &text, &e));
	CHECK_OK(
	    buf_put_str(&text, "\",\"payloadType\":\"a/b\",\"signatures\":[{\"sig\":\"" SIG "\"}]}", &e));
	d = dsse_decode(text.data, text.len, "envelope", &e);
	CHECK(d == NULL && e.code == ERR_LIMIT);
	dsse_free(d);
	/* White space without end. */
	buf_clear(&text);
	while (text.len <= (2u << 20))
		CHECK_OK(buf_put(
		    &text, "                                                                ", 64, &e));
	CHECK(dsse_decode(text.data, text.len, "envelope", &e) == NULL && e.code == ERR_LIMIT);
	buf_free(&text);
	buf_free(&envelope);
	secret_free(seed);
}

static void
test_check(void)
{
	static const char payload[] = "{\"a\":1}";
	struct secret *seed = test_seed(), *other = secret_random(SIGN_SEED_LEN, &e);
	uint8_t key[SIGN_PUBLIC_LEN], other_key[SIGN_PUBLIC_LEN];
	char want[64], keyid[SIGN_KEYID_LEN + 1];
	struct buf text, again;
	struct json *j;
	struct dsse *d;

	buf_init(&text, 1 << 16);
	buf_init(&again, 1 << 16);
	CHECK_OK(hex_decode(public_hex, key, sizeof(key), "key", &e));
	CHECK(other != NULL);
	CHECK_OK(sign_public(other, other_key, &e));
	CHECK_OK(dsse_sign(seed, DSSE_REQUEST, payload, sizeof(payload) - 1, &text, &e));

	/* What is written is canonical, with the key's name in it. */
	j = json_parse_canonical(text.data, text.len, "envelope", &e);
	CHECK(j != NULL);
	sign_keyid(key, keyid);
	(void)snprintf(want, sizeof(want), "\"keyid\":\"%s\"", keyid);
	CHECK(memmem(text.data, text.len, want, strlen(want)) != NULL);
	json_free(j);

	d = dsse_decode(text.data, text.len, "envelope", &e);
	CHECK(d != NULL && d->count == 1 && strcmp(d->signatures[0].keyid, keyid) == 0);
	if (d == NULL)
		goto out;
	CHECK(d->payload.len == sizeof(payload) - 1 && memcmp(d->payload.data, payload, d->payload.len) == 0);
	CHECK_OK(dsse_check(d, DSSE_REQUEST, key, "request", &e));
	CHECK_ERR(dsse_check(d, DSSE_REPORT, key, "request", &e), ERR_FORGED);
	CHECK_ERR(dsse_check(d, DSSE_REQUEST, other_key, "request", &e), ERR_FORGED);
	/* A type of the same length that is not the signed one: the signature covers it. */
	d->type[0] = 'b';
	CHECK_ERR(dsse_check(d, "bpplication/vnd.stager.request+json", key, "request", &e), ERR_FORGED);
	d->type[0] = 'a';
	/* Every bit of the payload and of the signature. */
	for (size_t i = 0; i < 8 * d->payload.len; i++) {
		d->payload.data[i / 8] ^= (uint8_t)(1u << i % 8);
		CHECK_ERR(dsse_check(d, DSSE_REQUEST, key, "request", &e), ERR_FORGED);
		d->payload.data[i / 8] ^= (uint8_t)(1u << i % 8);
	}
	for (size_t i = 0; i < 8 * SIGNATURE_LEN; i++) {
		d->signatures[0].signature[i / 8] ^= (uint8_t)(1u << i % 8);
		CHECK_ERR(dsse_check(d, DSSE_REQUEST, key, "request", &e), ERR_FORGED);
		d->signatures[0].signature[i / 8] ^= (uint8_t)(1u << i % 8);
	}
	d->payload.len--;
	CHECK_ERR(dsse_check(d, DSSE_REQUEST, key, "request", &e), ERR_FORGED);
	d->payload.len++;
	/* Under another key's name it is not this key's; without a name it is tried. */
	d->signatures[0].keyid[0] ^= 1;
	CHECK_ERR(dsse_check(d, DSSE_REQUEST, key, "request", &e), ERR_FORGED);
	d->signatures[0].keyid[0] = '\0';
	CHECK_OK(dsse_check(d, DSSE_REQUEST, key, "request", &e));
	/* The second signature of two counts as well as the first. */
	d->signatures[1] = d->signatures[0];
	d->signatures[0].signature[5] ^= 4;
	d->count = 2;
	CHECK_OK(dsse_check(d, DSSE_REQUEST, key, "request", &e));
	d->count = 1;
	CHECK_ERR(dsse_check(d, DSSE_REQUEST, key, "request", &e), ERR_FORGED);
	dsse_free(d);

	/* The text: cut at every length, and each byte changed: refused, or it does not prove the same. */
	for (size_t n = 0; n < text.len; n++) {
		d = dsse_decode(text.data, n, "envelope", &e);
		CHECK(d == NULL);
		dsse_free(d);
	}
	for (size_t i = 0; i < 8 * text.len; i++) {
		text.data[i / 8] ^= (uint8_t)(1u << i % 8);
		d = dsse_decode(text.data, text.len, "envelope", &e);
		CHECK(d == NULL || dsse_check(d, DSSE_REQUEST, key, "request", &e) == -1);
		dsse_free(d);
		text.data[i / 8] ^= (uint8_t)(1u << i % 8);
	}
out:
	buf_free(&again);
	buf_free(&text);
	secret_free(other);
	secret_free(seed);
}

int
main(void)
{
	if (secret_start(&e) == -1) {
		fprintf(stderr, "%s\n", e.text);
		return 1;
	}
	test_pae();
	test_foreign();
	test_form();
	test_limits();
	test_check();
	return check_done();
}
