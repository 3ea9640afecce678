/* Secrets, digests, signatures, headers and the key store: the standards' vectors, and every bit that may not
 * change. */
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vectors.h"
#include "stager/digest.h"
#include "stager/header.h"
#include "stager/keystore.h"
#include "stager/sign.h"

static struct err e;

static bool
hex_is(const uint8_t *bytes, size_t len, const char *want)
{
	char text[257];

	hex_encode(bytes, len, text);
	return strcmp(text, want) == 0;
}

#ifndef STAGER_SANITIZED
static long
locked_kib(void)
{
	FILE *f = fopen("/proc/self/status", "re");
	char line[256];
	long kib = -1;

	while (f != NULL && fgets(line, sizeof(line), f) != NULL)
		if (sscanf(line, "VmLck: %ld", &kib) == 1)
			break;
	if (f != NULL)
		(void)fclose(f);
	return kib;
}

/* Where memory cannot be locked there are no secrets. Under ASan mlock does nothing, so there is nothing to
 * see. */
static void
test_lock(void)
{
	const struct rlimit none = {0, 0};
	long before = locked_kib();
	struct secret *s[200];
	int status = -1;
	pid_t pid;

	/* Small ones share pages, of which one is always there; a long one has its own. */
	CHECK(before >= 4);
	for (size_t i = 0; i < 200; i++)
		CHECK((s[i] = secret_random(1 + i % 64, &e)) != NULL);
	CHECK(locked_kib() >= before + 8 && locked_kib() <= before + 16);
	for (size_t i = 0; i < 200; i++)
		secret_free(s[i * 77 % 200]);
	CHECK(locked_kib() == before);
	CHECK((s[0] = secret_new(65, &e)) != NULL);
	CHECK(locked_kib() >= before + 4);
	secret_free(s[0]);
	CHECK(locked_kib() == before);
	if ((pid = fork()) == 0) {
		/* Root may lock past every limit; nobody may not. */
		if (setrlimit(RLIMIT_MEMLOCK, &none) == -1 ||
		    (getuid() == 0 && setresuid(65534, 65534, 65534) == -1))
			_exit(2);
		_exit(secret_new(32, &e) == NULL && e.code == ERR_SYSTEM && secret_start(&e) == -1 ? 0 : 1);
	}
	CHECK(waitpid(pid, &status, 0) == pid && status == 0);
}
#endif

/* A slot that comes back is zero, and no two live secrets lie over each other. */
static void
test_slots(void)
{
	enum { COUNT = 150 };
	struct secret *s[COUNT];
	bool zero = true, whole = true;

	for (int round = 0; round < 3; round++) {
		for (size_t i = 0; i < COUNT; i++) {
			CHECK((s[i] = secret_new(1 + i % 66, &e)) != NULL && s[i]->len == 1 + i % 66);
			for (size_t k = 0; k < s[i]->len; k++)
				zero = zero && s[i]->bytes[k] == 0;
			memset(s[i]->bytes, (int)i, s[i]->len);
		}
		for (size_t i = 0; i < COUNT; i++)
			for (size_t k = 0; k < s[i]->len; k++)
				whole = whole && s[i]->bytes[k] == (uint8_t)i;
		for (size_t i = 0; i < COUNT; i++)
			secret_free(s[i * 49 % COUNT]);
	}
	CHECK(zero && whole);
}

static void
test_secret(void)
{
	struct secret *s, *copy;
	int fds[2];

	CHECK((s = secret_new(40, &e)) != NULL && s->len == 40 && s->bytes[0] == 0 && s->bytes[39] == 0);
	secret_free(s);
	CHECK((s = secret_random(32, &e)) != NULL);
	CHECK((copy = secret_copy(s, &e)) != NULL);
	CHECK(copy->bytes != s->bytes && memcmp(copy->bytes, s->bytes, 32) == 0);
	secret_free(copy);
	CHECK((copy = secret_random(32, &e)) != NULL && memcmp(copy->bytes, s->bytes, 32) != 0);
	secret_free(copy);
	secret_free(s);
	secret_free(NULL);
	CHECK(secret_new(0, &e) == NULL && e.code == ERR_LIMIT);
	CHECK(secret_new(SIZE_MAX, &e) == NULL && e.code == ERR_LIMIT);
	for (size_t len = 31; len <= 33; len++) {
		CHECK(pipe(fds) == 0);
		CHECK(write(fds[1], "0123456789abcdef0123456789abcdef!", len) == (ssize_t)len);
		(void)close(fds[1]);
		s = secret_read(fds[0], 32, "root", &e);
		CHECK((s != NULL) == (len == 32));
		CHECK(s != NULL ? memcmp(s->bytes, "0123456789abcdef0123456789abcdef", 32) == 0
				: e.code == ERR_INPUT);
		secret_free(s);
		(void)close(fds[0]);
	}
}

static void
test_digest(void)
{
	struct digest_part parts[] = {{"ab", 2}, {"", 0}, {"c", 1}}, other[] = {{"a", 1}, {"", 0}, {"bc", 2}};
	struct secret *master, *a, *b;
	uint8_t one[DIGEST_LEN], two[DIGEST_LEN], key[131];

	/* FIPS 180-4's example. */
	digest_sha256(parts, 3, one);
	CHECK(hex_is(one, 32, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
	digest_bytes("abc", 3, two);
	CHECK(digest_equal(one, two));
	two[31] ^= 1;
	CHECK(!digest_equal(one, two));
	digest_prefixed(parts, 3, one);
	digest_bytes("\0\0\0\2ab\0\0\0\0\0\0\0\1c", 15, two);
	CHECK(digest_equal(one, two));
	digest_prefixed(other, 3, two);
	CHECK(!digest_equal(one, two));
	/* RFC 4231, cases 2 and 6. */
	parts[0] = (struct digest_part){"what do ya want ", 16};
	parts[2] = (struct digest_part){"for nothing?", 12};
	digest_hmac((const uint8_t *)"Jefe", 4, parts, 3, one);
	CHECK(hex_is(one, 32, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"));
	memset(key, 0xaa, sizeof(key));
	parts[0] = (struct digest_part){"Test Using Larger Than Block-Size Key - Hash Key First", 54};
	digest_hmac(key, sizeof(key), parts, 1, one);
	CHECK(hex_is(one, 32, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"));
	/* A subkey is what the header says, and another label or cut gives another one. */
	master = secret_of(key, 32);
	parts[0] = (struct digest_part){"ab", 2};
	parts[2] = (struct digest_part){"c", 1};
	CHECK((a = digest_subkey(master, "label", parts, 3, &e)) != NULL);
	parts[0] = (struct digest_part){"label\0\0\0\0\2ab\0\0\0\0\0\0\0\1c", 21};
	digest_hmac(key, 32, parts, 1, one);
	CHECK(memcmp(a->bytes, one, DIGEST_LEN) == 0);
	CHECK((b = digest_subkey(master, "label", other, 3, &e)) != NULL);
	CHECK(memcmp(a->bytes, b->bytes, DIGEST_LEN) != 0);
	secret_free(b);
	parts[0] = (struct digest_part){"ab", 2};
	CHECK((b = digest_subkey(master, "labe", parts, 3, &e)) != NULL);
	CHECK(memcmp(a->bytes, b->bytes, DIGEST_LEN) != 0);
	secret_free(a);
	secret_free(b);
	secret_free(master);
}

/* RFC 8032, section 7.1. */
static void
test_sign(void)
{
	static const struct {
		const char *seed, *key, *message, *signature;
		size_t len;
	} cases[] = {
	    {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
		"d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
		"e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9"
		"b46bd25bf5f0595bbe24655141438e7a100b",
		0},
	    {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
		"3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "\x72",
		"92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f1"
		"1d8c387b2eaeb4302aeeb00d291612bb0c00",
		1},
	    {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
		"fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "\xaf\x82",
		"6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984d"
		"c6594a7c15e9716ed28dc027beceea1ec40a",
		2},
	};
	uint8_t seed_bytes[32], key[32], signature[64], message[2];
	char keyid[SIGN_KEYID_LEN + 1];
	struct secret *seed;

	for (size_t i = 0; i < 3; i++) {
		CHECK_OK(hex_decode(cases[i].seed, seed_bytes, 32, "seed", &e));
		seed = secret_of(seed_bytes, 32);
		CHECK_OK(sign_public(seed, key, &e));
		CHECK(hex_is(key, 32, cases[i].key));
		memcpy(message, cases[i].message, cases[i].len);
		CHECK_OK(sign_make(seed, message, cases[i].len, signature, &e));
		CHECK(hex_is(signature, 64, cases[i].signature));
		CHECK_OK(sign_check(key, message, cases[i].len, signature, "vector", &e));
		for (size_t bit = 0; bit < 512; bit++) {
			signature[bit / 8] ^= (uint8_t)(1 << bit % 8);
			CHECK_ERR(
			    sign_check(key, message, cases[i].len, signature, "vector", &e), ERR_FORGED);
			signature[bit / 8] ^= (uint8_t)(1 << bit % 8);
		}
		for (size_t bit = 0; bit < 8 * cases[i].len; bit++) {
			message[bit / 8] ^= (uint8_t)(1 << bit % 8);
			CHECK_ERR(
			    sign_check(key, message, cases[i].len, signature, "vector", &e), ERR_FORGED);
			message[bit / 8] ^= (uint8_t)(1 << bit % 8);
		}
		secret_free(seed);
	}
	/* A key of small order would take any signature. */
	memset(key, 0, sizeof(key));
	memset(signature, 0, sizeof(signature));
	CHECK_ERR(sign_check(key, "", 0, signature, "zero key", &e), ERR_FORGED);
	digest_bytes(key, 32, seed_bytes);
	sign_keyid(key, keyid);
	CHECK(hex_is(seed_bytes, 8, keyid));
	seed = secret_of("too short", 9);
	CHECK_ERR(sign_public(seed, key, &e), ERR_INPUT);
	CHECK_ERR(sign_make(seed, "", 0, signature, &e), ERR_INPUT);
	secret_free(seed);
}

static struct secret *
pem_of(const char *text, size_t len)
{
	struct secret *seed;
	int fds[2];

	CHECK(pipe(fds) == 0 && write(fds[1], text, len) == (ssize_t)len);
	(void)close(fds[1]);
	seed = sign_read_pem(fds[0], "key", &e);
	(void)close(fds[0]);
	return seed;
}

/* The keys of RFC 8410, section 10. */
static void
test_pem(void)
{
	static const char private_pem[] = "-----BEGIN PRIVATE KEY-----\n"
					  "MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n"
					  "-----END PRIVATE KEY-----\n";
	static const char public_pem[] = "-----BEGIN PUBLIC KEY-----\n"
					 "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n"
					 "-----END PUBLIC KEY-----\n";
	uint8_t key[32], read_back[32];
	char text[sizeof(private_pem)], big[5000];
	struct secret *seed, *again;
	struct buf out;
	int fds[2];

	CHECK((seed = pem_of(private_pem, strlen(private_pem))) != NULL);
	CHECK_OK(sign_public(seed, key, &e));
	buf_init(&out, 4096);
	CHECK_OK(sign_public_pem(key, &out, &e));
	CHECK(strcmp(buf_cstr(&out, &e), public_pem) == 0);
	CHECK_OK(sign_public_from_pem(public_pem, strlen(public_pem), read_back, "key", &e));
	CHECK(memcmp(key, read_back, 32) == 0);
	CHECK_ERR(sign_public_from_pem(private_pem, strlen(private_pem), read_back, "key", &e), ERR_INPUT);
	CHECK(pem_of(public_pem, strlen(public_pem)) == NULL && e.code == ERR_INPUT);
	CHECK(pipe(fds) == 0);
	CHECK_OK(sign_write_pem(seed, fds[1], &e));
	CHECK(read(fds[0], text, sizeof(text)) == (ssize_t)strlen(private_pem));
	CHECK(memcmp(text, private_pem, strlen(private_pem)) == 0);
	(void)close(fds[0]);
	(void)close(fds[1]);
	/* Cut anywhere but in the last newline; any character changed must not give the same key. */
	for (size_t len = 0; len + 1 < strlen(private_pem); len++)
		CHECK(pem_of(private_pem, len) == NULL && e.code == ERR_INPUT);
	for (size_t i = 0; i + 1 < strlen(private_pem); i++) {
		memcpy(text, private_pem, sizeof(text));
		text[i] ^= 1;
		again = pem_of(text, strlen(private_pem));
		CHECK(again == NULL ? e.code == ERR_INPUT : memcmp(again->bytes, seed->bytes, 32) != 0);
		secret_free(again);
	}
	memset(big, '\n', sizeof(big));
	CHECK(pem_of(big, sizeof(big)) == NULL && e.code == ERR_INPUT);
	secret_free(seed);
	buf_free(&out);
}

static void
test_header(void)
{
	struct secret *reader = vector_secret("c4gh/reader.hex"), *writer = vector_secret("c4gh/writer.hex");
	struct secret *key = vector_secret("c4gh/data-key.hex"), *shared, *same, *opened;
	uint8_t reader_key[32], writer_key[32], header[HEADER_LEN], named[32], want[32], zero[32] = {0};
	struct buf file;

	/* What another program made of the same two keys. */
	CHECK_OK(header_public(reader, reader_key, &e));
	CHECK_OK(header_public(writer, writer_key, &e));
	CHECK((shared = header_shared_writer(writer, reader_key, &e)) != NULL);
	CHECK((same = header_shared_reader(reader, writer_key, &e)) != NULL);
	CHECK_OK(vector_hex("c4gh/shared.hex", want, 32, &e));
	CHECK(memcmp(shared->bytes, want, 32) == 0 && memcmp(same->bytes, want, 32) == 0);
	secret_free(same);
	header_commitment(key, want);
	CHECK_OK(vector_hex("c4gh/commitment.hex", named, 32, &e));
	CHECK(memcmp(want, named, 32) == 0);
	CHECK_OK(vector_read("c4gh/1.c4gh", &file, &e));
	CHECK((opened = header_open(shared, writer_key, file.data, &e)) != NULL);
	CHECK(memcmp(opened->bytes, key->bytes, 32) == 0);
	secret_free(opened);
	buf_free(&file);
	/* Ours, and each bit of it changed. */
	CHECK_OK(header_make(shared, writer_key, key, header, &e));
	CHECK_OK(header_writer(header, named, &e));
	CHECK(memcmp(named, writer_key, 32) == 0);
	CHECK((opened = header_open(shared, writer_key, header, &e)) != NULL);
	CHECK(memcmp(opened->bytes, key->bytes, 32) == 0);
	secret_free(opened);
	for (size_t bit = 0; bit < 8 * HEADER_LEN; bit++) {
		header[bit / 8] ^= (uint8_t)(1 << bit % 8);
		CHECK(header_open(shared, writer_key, header, &e) == NULL && e.code == ERR_FORGED);
		if (bit < 8 * 24)
			CHECK_ERR(header_writer(header, named, &e), ERR_INPUT);
		header[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	CHECK(header_open(shared, reader_key, header, &e) == NULL && e.code == ERR_FORGED);
	CHECK(header_open(key, writer_key, header, &e) == NULL && e.code == ERR_FORGED);
	/* Good packets that the profile refuses: an edit list of the same length, and two packets. */
	CHECK_OK(vector_read("c4gh/edit-list.header", &file, &e));
	CHECK(file.len == HEADER_LEN);
	CHECK(header_open(shared, writer_key, file.data, &e) == NULL && e.code == ERR_FORGED);
	CHECK(strstr(e.text, "no data key") != NULL);
	buf_free(&file);
	CHECK_OK(vector_read("c4gh/two-packets.header", &file, &e));
	CHECK(header_open(shared, writer_key, file.data, &e) == NULL && e.code == ERR_FORGED);
	CHECK_ERR(header_writer(file.data, named, &e), ERR_INPUT);
	buf_free(&file);
	/* Points of small order lead to an all-zero secret. */
	CHECK(header_shared_reader(reader, zero, &e) == NULL && e.code == ERR_FORGED);
	zero[0] = 1;
	CHECK(header_shared_writer(reader, zero, &e) == NULL && e.code == ERR_FORGED);
	CHECK((opened = header_keypair(named, &e)) != NULL);
	CHECK_OK(header_public(opened, want, &e));
	CHECK(memcmp(named, want, 32) == 0);
	secret_free(opened);
	secret_free(shared);
	secret_free(reader);
	secret_free(writer);
	secret_free(key);
}

static void
test_keystore(void)
{
	struct secret *root = vector_secret("c4gh/reader.hex"), *keys = secret_random(96, &e), *subkey,
		      *other;
	struct secret *opened, *kek = secret_random(32, &e), *data_key = secret_random(32, &e);
	uint8_t wrapped[WRAPPED_LEN], commitment[32];
	uint32_t generation = 0;
	struct buf blob;

	buf_init(&blob, 4096);
	CHECK((subkey = keystore_subkey(root, KEY_OPEN, "house", &e)) != NULL);
	CHECK_OK(keystore_seal(subkey, KEY_OPEN, 7, "house", keys, &blob, &e));
	CHECK(blob.len == 13 + 24 + 96 + 16 && memcmp(blob.data, "stgrkey1\1\7\0\0\0", 13) == 0);
	CHECK((opened = keystore_open(subkey, KEY_OPEN, "house", blob.data, blob.len, &generation, &e)) !=
	      NULL);
	CHECK(generation == 7 && opened->len == 96 && memcmp(opened->bytes, keys->bytes, 96) == 0);
	secret_free(opened);
	for (size_t bit = 0; bit < 8 * blob.len; bit++) {
		blob.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
		CHECK(keystore_open(subkey, KEY_OPEN, "house", blob.data, blob.len, NULL, &e) == NULL &&
		      e.code == ERR_FORGED);
		blob.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	for (size_t len = 0; len < blob.len; len++)
		CHECK(keystore_open(subkey, KEY_OPEN, "house", blob.data, len, NULL, &e) == NULL &&
		      e.code == ERR_FORGED);
	CHECK(keystore_open(subkey, KEY_SIGN, "house", blob.data, blob.len, NULL, &e) == NULL &&
	      e.code == ERR_FORGED);
	CHECK(keystore_open(subkey, KEY_OPEN, "hous", blob.data, blob.len, NULL, &e) == NULL &&
	      e.code == ERR_FORGED);
	CHECK((other = keystore_subkey(root, KEY_SIGN, "house", &e)) != NULL);
	CHECK(keystore_open(other, KEY_OPEN, "house", blob.data, blob.len, NULL, &e) == NULL &&
	      e.code == ERR_FORGED);
	secret_free(other);
	CHECK((other = keystore_subkey(root, KEY_OPEN, "horse", &e)) != NULL);
	CHECK(keystore_open(other, KEY_OPEN, "house", blob.data, blob.len, NULL, &e) == NULL &&
	      e.code == ERR_FORGED);
	secret_free(other);

	header_commitment(data_key, commitment);
	CHECK_OK(keystore_wrap(kek, "dataset", "v/set/shard-00000", commitment, data_key, wrapped, &e));
	CHECK(
	    (opened = keystore_unwrap(kek, "dataset", "v/set/shard-00000", commitment, wrapped, &e)) != NULL);
	CHECK(memcmp(opened->bytes, data_key->bytes, 32) == 0);
	secret_free(opened);
	for (size_t bit = 0; bit < 8 * WRAPPED_LEN; bit++) {
		wrapped[bit / 8] ^= (uint8_t)(1 << bit % 8);
		CHECK(keystore_unwrap(kek, "dataset", "v/set/shard-00000", commitment, wrapped, &e) == NULL &&
		      e.code == ERR_FORGED);
		wrapped[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	CHECK(keystore_unwrap(kek, "datasetv", "/set/shard-00000", commitment, wrapped, &e) == NULL &&
	      e.code == ERR_FORGED);
	CHECK(keystore_unwrap(kek, "dataset", "v/set/shard-00001", commitment, wrapped, &e) == NULL &&
	      e.code == ERR_FORGED);
	CHECK(keystore_unwrap(data_key, "dataset", "v/set/shard-00000", commitment, wrapped, &e) == NULL &&
	      e.code == ERR_FORGED);
	commitment[0] ^= 1;
	CHECK(keystore_unwrap(kek, "dataset", "v/set/shard-00000", commitment, wrapped, &e) == NULL &&
	      e.code == ERR_FORGED);
	buf_free(&blob);
	secret_free(data_key);
	secret_free(kek);
	secret_free(subkey);
	secret_free(keys);
	secret_free(root);
}

int
main(void)
{
	CHECK_OK(secret_start(&e));
#ifndef STAGER_SANITIZED
	test_lock();
#endif
	test_secret();
	test_slots();
	test_digest();
	test_sign();
	test_pem();
	test_header();
	test_keystore();
	return check_done();
}
