/* Checkpoints against notes signed by Go's sumdb/note, and everything that is none. */
#include "stager/note.h"

#include <stdbool.h>
#include <stdlib.h>

#include "check.h"
#include "stager/enc.h"
#include "stager/secret.h"

static struct err e;

/*
 * Made with golang.org/x/mod/sumdb/note and tlog: the seeds are 00 01 .. 1f for the log and 07 x 32 for the
 * witness; the root is that of one record, "one entry".
 */
#define ORIGIN "stager/house-1"
#define VKEY "stager/house-1+09eb69cf+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4"
#define TEXT ORIGIN "\n1\n1ewqhBRmf3Lc2+veZwCQBIEABvRztY27Za0iXplK32M=\n"
#define OURS                           \
	"\xe2\x80\x94 stager/house-1 " \
	"Cetpz3zzrjtRlT3vqvUEJKshw5cK+2QoEw8N+9UzM6jkMQ9vtbWXgzrZcoK+52ZT3Gh+WrRCevEJ0d6U4ef0I5b0Dww=\n"
#define WITNESS                            \
	"\xe2\x80\x94 witness.example/w1 " \
	"aMyl1FVRAfcpFR6q3YIZu+vpM77JKDQHhucY2dV45LCUA2IVNOXPTz1AKGT0jp2gvTCqTnCoLyV9pfCDSVNZVFIwKgk=\n"

static struct secret *seed;
static uint8_t key[SIGN_PUBLIC_LEN];

static int
note_open(const char *note, struct checkpoint *out)
{
	return checkpoint_open(note, strlen(note), ORIGIN, key, out, &e);
}

static void
test_vectors(void)
{
	struct checkpoint c;
	uint8_t signature[SIGNATURE_LEN], leaf[DIGEST_LEN], other[SIGN_PUBLIC_LEN] = {0};
	static const uint8_t entry[] = "\0one entry";
	struct buf out;

	buf_init(&out, NOTE_MAX);
	CHECK_OK(note_vkey(ORIGIN, key, &out, &e));
	CHECK(out.len == strlen(VKEY) && memcmp(out.data, VKEY, out.len) == 0);
	buf_clear(&out);

	/* The vkey of sum.golang.org, as the go command has it. */
	CHECK_OK(base64_decode("Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8", 44, &out, "key", &e));
	memcpy(other, out.data + 1, SIGN_PUBLIC_LEN);
	buf_clear(&out);
	CHECK_OK(note_vkey("sum.golang.org", other, &out, &e));
	CHECK(out.len == 68 &&
	      memcmp(out.data, "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8", 68) ==
		  0);
	buf_clear(&out);

	CHECK_OK(note_open(TEXT "\n" OURS, &c));
	digest_bytes(entry, sizeof(entry) - 1, leaf);
	CHECK(strcmp(c.origin, ORIGIN) == 0 && c.size == 1 && memcmp(c.root, leaf, DIGEST_LEN) == 0);
	CHECK_OK(note_open(TEXT "\n" WITNESS OURS, &c));
	CHECK_OK(note_open(TEXT "\n" OURS WITNESS, &c));

	/* And what we write is what Go writes: Ed25519 has one signature for each text and key. */
	CHECK_OK(checkpoint_body(&c, &out, &e));
	CHECK(out.len == strlen(TEXT) && memcmp(out.data, TEXT, out.len) == 0);
	CHECK_OK(sign_make(seed, out.data, out.len, signature, &e));
	buf_clear(&out);
	CHECK_OK(checkpoint_note(&c, key, signature, &out, &e));
	CHECK(out.len == strlen(TEXT "\n" OURS) && memcmp(out.data, TEXT "\n" OURS, out.len) == 0);
	buf_free(&out);
}

static void
test_refused(void)
{
	static const struct {
		const char *note;
		enum err_code code;
	} bad[] = {
	    {"", ERR_INPUT}, {"\n", ERR_INPUT}, {"\n\n", ERR_INPUT}, {TEXT, ERR_INPUT},
	    {TEXT "\n", ERR_INPUT}, {TEXT OURS, ERR_INPUT}, /* no blank line */
	    {TEXT "\n" WITNESS, ERR_FORGED},                /* not by us */
	    {TEXT "\n" OURS "\n", ERR_INPUT},               /* the last blank line counts */
	    {TEXT "\n" OURS "x\n", ERR_INPUT},              /* no signature line */
	    {TEXT "\n" OURS OURS "\r\n", ERR_INPUT},        /* control character */
	    {TEXT "x\n\n" OURS, ERR_FORGED},                /* an extension line nobody signed */
	    {ORIGIN "\n2\n1ewqhBRmf3Lc2+veZwCQBIEABvRztY27Za0iXplK32M=\n\n" OURS, ERR_FORGED},
	    {TEXT "\n\xe2\x80\x94 stager/house-1 Cetpzw==\n", ERR_INPUT},  /* key id alone */
	    {TEXT "\n\xe2\x80\x94 stager/house-1 Cetpz3w=\n", ERR_FORGED}, /* too short to be Ed25519 */
	    {TEXT "\n\xe2\x80\x94  Cetpz3w=\n", ERR_INPUT},                /* no name */
	    {TEXT "\n\xe2\x80\x94 a+b Cetpz3w=\n" OURS, ERR_INPUT},        /* plus in a name */
	    {TEXT "\n\xe2\x80\x94 other Cetpz3w\n" OURS, ERR_INPUT},       /* bad base64 */
	    {TEXT "\n\xe2\x80\x94 other\xff Cetpz3w=\n" OURS, ERR_INPUT},  /* no UTF-8 */
	    {TEXT "\n- stager/house-1 Cetpz3w=\n" OURS, ERR_INPUT},        /* another dash */
	};
	struct checkpoint c;
	uint8_t other[SIGN_PUBLIC_LEN];
	char *big;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		e.code = ERR_NONE;
		CHECK(note_open(bad[i].note, &c) == -1);
		if (e.code != bad[i].code)
			fprintf(stderr, "case %zu: code %d: %s\n", i, (int)e.code, e.text);
		CHECK(e.code == bad[i].code);
	}
	CHECK_ERR(checkpoint_open(TEXT "\n" OURS, strlen(TEXT "\n" OURS), "stager/house-2", key, &c, &e),
	    ERR_FORGED);
	memcpy(other, key, sizeof(other));
	other[0] ^= 1;
	CHECK_ERR(checkpoint_open(TEXT "\n" OURS, strlen(TEXT "\n" OURS), ORIGIN, other, &c, &e), ERR_FORGED);
	CHECK_ERR(checkpoint_open("a\n", 2, "", key, &c, &e), ERR_INPUT);
	CHECK_ERR(checkpoint_open("a\n", 2, "a b", key, &c, &e), ERR_INPUT);
	CHECK_ERR(checkpoint_open("a\n", 2, "a+b", key, &c, &e), ERR_INPUT);
	CHECK_ERR(checkpoint_open("a\n", 2, "a\nb", key, &c, &e), ERR_INPUT);

	if ((big = malloc(NOTE_MAX + 1)) == NULL)
		abort();
	memset(big, '\n', NOTE_MAX + 1);
	CHECK_ERR(checkpoint_open(big, NOTE_MAX + 1, ORIGIN, key, &c, &e), ERR_LIMIT);
	free(big);
}

/* Texts that are well signed and still no checkpoint of ours. */
static int
open_signed(const char *text, struct checkpoint *out)
{
	uint8_t bytes[4 + SIGNATURE_LEN] = {0x09, 0xeb, 0x69, 0xcf};
	struct buf note;
	int rc;

	buf_init(&note, NOTE_MAX);
	CHECK_OK(sign_make(seed, text, strlen(text), bytes + 4, &e));
	CHECK_OK(buf_printf(&note, &e, "%s\n\xe2\x80\x94 " ORIGIN " ", text));
	CHECK_OK(base64_encode(bytes, sizeof(bytes), &note, &e));
	CHECK_OK(buf_put_u8(&note, '\n', &e));
	rc = checkpoint_open(note.data, note.len, ORIGIN, key, out, &e);
	buf_free(&note);
	return rc;
}

static void
test_bodies(void)
{
#define ROOT "1ewqhBRmf3Lc2+veZwCQBIEABvRztY27Za0iXplK32M="
	struct checkpoint c;

	CHECK_OK(open_signed(TEXT, &c));
	CHECK_OK(open_signed(TEXT "an extension\n\xc3\xa9\n", &c));
	CHECK_OK(open_signed(ORIGIN "\n0\n" ROOT "\n", &c));
	CHECK(c.size == 0);
	CHECK_OK(open_signed(ORIGIN "\n4611686018427387904\n" ROOT "\n", &c));
	CHECK(c.size == UINT64_C(1) << 62);
	CHECK_ERR(open_signed(ORIGIN "\n4611686018427387905\n" ROOT "\n", &c), ERR_LIMIT);
	CHECK_ERR(open_signed(ORIGIN "\n18446744073709551617\n" ROOT "\n", &c), ERR_INPUT);
	CHECK_ERR(open_signed(ORIGIN "\n01\n" ROOT "\n", &c), ERR_INPUT);
	CHECK_ERR(open_signed(ORIGIN "\n-1\n" ROOT "\n", &c), ERR_INPUT);
	CHECK_ERR(open_signed(ORIGIN "\n1 \n" ROOT "\n", &c), ERR_INPUT);
	CHECK_ERR(open_signed(ORIGIN "\n\n" ROOT "\n", &c), ERR_INPUT);
	CHECK_ERR(open_signed("stager/house-2\n1\n" ROOT "\n", &c), ERR_FORGED);
	CHECK_ERR(open_signed(ORIGIN "\n", &c), ERR_INPUT);
	CHECK_ERR(open_signed(ORIGIN "\n1\n", &c), ERR_INPUT);
	CHECK_ERR(open_signed(TEXT "\nx\n", &c), ERR_INPUT);
	CHECK_ERR(open_signed(ORIGIN "\n1\n1ewqhBRmf3Lc2+veZwCQBIEABvRztY27Za0iXplK32N=\n", &c), ERR_INPUT);
	CHECK_ERR(open_signed(ORIGIN "\n1\n1ewqhBRmf3Lc2+veZwCQBIEABvRztY27Za0iXplK\n", &c), ERR_INPUT);
	CHECK_ERR(open_signed(ORIGIN "\n1\n" ROOT "AAAA\n", &c), ERR_INPUT);
	CHECK_ERR(
	    open_signed(ORIGIN "\n1\n1ewqhBRmf3Lc2+veZwCQBIEABvRztY27Za0iXplK32NzAAAA\n", &c), ERR_LIMIT);
}

/* Every bit flipped, every length: never accepted, and out is left alone. */
static void
test_damage(void)
{
	char note[] = TEXT "\n" OURS;
	struct checkpoint c = {.size = 77};

	for (size_t i = 0; i < strlen(TEXT "\n" OURS); i++)
		for (unsigned bit = 0; bit < 8; bit++) {
			note[i] = (char)(note[i] ^ 1 << bit);
			CHECK(checkpoint_open(note, sizeof(note) - 1, ORIGIN, key, &c, &e) == -1);
			note[i] = (char)(note[i] ^ 1 << bit);
		}
	for (size_t len = 0; len < sizeof(note) - 1; len++)
		CHECK(checkpoint_open(note, len, ORIGIN, key, &c, &e) == -1);
	CHECK(c.size == 77);
	CHECK_OK(checkpoint_open(note, sizeof(note) - 1, ORIGIN, key, &c, &e));
}

static void
test_writer(void)
{
	struct checkpoint c = {.origin = "no spaces please"};
	struct buf out;

	buf_init(&out, NOTE_MAX);
	CHECK_ERR(checkpoint_body(&c, &out, &e), ERR_INPUT);
	c.origin[0] = '\0';
	CHECK_ERR(checkpoint_body(&c, &out, &e), ERR_INPUT);
	CHECK_ERR(note_vkey("\xc3\xa9", key, &out, &e), ERR_INPUT);
	memcpy(c.origin, ORIGIN, sizeof(ORIGIN));
	out.limit = 20;
	CHECK_ERR(checkpoint_body(&c, &out, &e), ERR_LIMIT);
	buf_free(&out);
}

int
main(void)
{
	CHECK_OK(secret_start(&e));
	if ((seed = secret_new(SIGN_SEED_LEN, &e)) == NULL)
		abort();
	for (size_t i = 0; i < SIGN_SEED_LEN; i++)
		seed->bytes[i] = (uint8_t)i;
	CHECK_OK(sign_public(seed, key, &e));
	test_vectors();
	test_refused();
	test_bodies();
	test_damage();
	test_writer();
	secret_free(seed);
	return check_done();
}
