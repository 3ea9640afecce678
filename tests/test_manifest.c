/* The manifest and the shard table: against documents that another program made. */
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "mutate.h"
#include "stager/digest.h"
#include "stager/dsse.h"
#include "stager/enc.h"
#include "stager/manifest.h"
#include "stager/secret.h"

static struct err e;

static int
take_manifest(const void *data, size_t len, struct err *err)
{
	struct manifest *m = manifest_decode(data, len, err);
	struct buf again;
	int rc = -1;

	buf_init(&again, MANIFEST_MAX);
	if (m != NULL)
		rc = manifest_encode(m, &again, err) == -1 ? 1 : mutate_same(&again, data, len);
	manifest_free(m);
	buf_free(&again);
	return rc;
}

static int
take_table(const void *data, size_t len, struct err *err)
{
	struct shard_table *t = table_decode(data, len, err);
	struct buf again;
	int rc = 0;

	if (t == NULL)
		return -1;
	buf_init(&again, len + 512);
	for (size_t i = 0; i < t->count; i++)
		if (table_encode_line(&t->shards[i], &again, err) == -1)
			rc = 1;
	if (rc == 0)
		rc = mutate_same(&again, data, len);
	table_free(t);
	buf_free(&again);
	return rc;
}

static struct json *
list_of(size_t count, const char *fmt)
{
	struct json *j = json_array();
	char item[64];

	for (size_t i = 0; i < count; i++) {
		(void)snprintf(item, sizeof(item), "%s%c%c", fmt, (char)('A' + i / 26), (char)('A' + i % 26));
		json_push(j, json_string(item));
	}
	return j;
}

static void
test_manifest(void)
{
	static const char *const optional[] = {"licence", "purposes", "legal-basis", "retention", NULL};
	struct buf text = mutate_vector("release/manifest.json"),
		   table = mutate_vector("release/table.jsonl");
	const struct manifest_set *abroad;
	uint8_t digest[DIGEST_LEN];
	struct manifest *m;

	m = manifest_decode(text.data, text.len, &e);
	CHECK(m != NULL);
	if (m == NULL)
		goto out;
	CHECK(strcmp(m->house, "proefhuis") == 0 && strcmp(m->holder, "umc-voorbeeld") == 0);
	CHECK(strcmp(m->dataset, "ct-pneumonie") == 0 && m->version == 2 && m->has_predecessor);
	CHECK(strcmp(m->dataset_id, "mfrggzdfmztwq2lknnwg23tpoa") == 0);
	CHECK(strcmp(m->version_id, "n5xgk43bnvygyzjamnsxe5djmy") == 0);
	CHECK(m->purpose_count == 2 && strcmp(m->purposes[1], "DUO:0000026") == 0);
	CHECK(strcmp(m->retention, "10 jaar") == 0 && strstr(m->licence, "\"besloten\"") != NULL);
	CHECK(strcmp(m->scrubber, "stager-scrub 0.1.0") == 0);
	digest_bytes("policy", 6, digest);
	CHECK(digest_equal(digest, m->policy));
	digest_bytes("ruleset", 7, digest);
	CHECK(digest_equal(digest, m->ruleset));
	CHECK(m->set_count == 2 && manifest_set(m, "elsewhere") == NULL);
	abroad = manifest_set(m, "abroad");
	CHECK(abroad != NULL && abroad->shards == 2 && abroad->members == 4322 && abroad->hold_count == 2);
	if (abroad != NULL) {
		CHECK(strcmp(abroad->hold[1], "FI") == 0 && strcmp(abroad->open[0], "lumi") == 0);
		CHECK(strcmp(abroad->evidence, "none") == 0 && strcmp(abroad->results, "sealed") == 0);
		digest_bytes(table.data, table.len, digest);
		CHECK(digest_equal(digest, abroad->table));
		digest_bytes("index sums abroad", 17, digest);
		CHECK(digest_equal(digest, abroad->index_sums));
	}
	manifest_free(m);

	mutate_all(take_manifest, &text, optional, NULL);
	mutate_twice(take_manifest, &text);
out:
	buf_free(&text);
	buf_free(&table);
}

static void
test_manifest_values(void)
{
	struct buf text = mutate_vector("release/manifest.json");
	char path[64];
	struct json *sets;

#define TAKEN(path, value) mutate_value(take_manifest, &text, path, value, true)
#define REFUSED(path, value) mutate_value(take_manifest, &text, path, value, false)
	/* The longest of each, and one past it. */
	TAKEN("predicate.holder", mutate_text(MANIFEST_NAME_MAX, 'a'));
	REFUSED("predicate.holder", mutate_text(MANIFEST_NAME_MAX + 1, 'a'));
	REFUSED("predicate.holder", json_string("a..b"));
	REFUSED("predicate.holder", json_string("../x"));
	REFUSED("predicate.holder", json_string(".a"));
	REFUSED("predicate.holder", json_string("-a"));
	REFUSED("predicate.holder", json_string("A"));
	REFUSED("predicate.holder", json_string("a/b"));
	REFUSED("predicate.holder", json_string("a b"));
	TAKEN("predicate.holder", json_string("a.b-c"));
	REFUSED("predicate.version-id", json_string("n5xgk43bnvygyzjamnsxe5djm"));
	REFUSED("predicate.version-id", json_string("n5xgk43bnvygyzjamnsxe5djmyy"));
	REFUSED("predicate.version-id", json_string("n5xgk43bnvygyzjamnsxe5djm1"));
	REFUSED("predicate.version-id", json_string("N5XGK43BNVYGYZJAMNSXE5DJMY"));
	TAKEN("predicate.version", json_int(JSON_INT_MAX));
	REFUSED("predicate.version", json_int(0));
	REFUSED("predicate.version", json_int(1)); /* the first has no predecessor */
	TAKEN("predicate.predecessor", json_null());
	REFUSED("predicate.predecessor", mutate_text(63, 'a'));
	REFUSED("predicate.predecessor", mutate_text(65, 'a'));
	REFUSED("predicate.predecessor", mutate_text(64, 'A'));
	TAKEN("predicate.predecessor", mutate_text(64, 'a'));
	TAKEN("predicate.meta.licence", mutate_text(256, 'x'));
	REFUSED("predicate.meta.licence", mutate_text(257, 'x'));
	REFUSED("predicate.meta.licence", json_string("a\x1b[2J"));
	REFUSED("predicate.meta.licence", json_string("a\xc2\x9b"
						      "2J"));
	REFUSED("predicate.meta.licence", json_string("a\nb"));
	TAKEN("predicate.meta.purposes", list_of(MANIFEST_LIST_MAX, "DUO:"));
	REFUSED("predicate.meta.purposes", list_of(MANIFEST_LIST_MAX + 1, "DUO:"));
	REFUSED("predicate.meta.purposes.0", json_string("DUO:0000026")); /* twice */
	REFUSED("predicate.meta.purposes.0", json_string("a b"));
	REFUSED("predicate.meta.purposes", json_array());
	TAKEN("predicate.meta", json_object());
	TAKEN("predicate.sets.abroad.hold", list_of(MANIFEST_LIST_MAX, ""));
	REFUSED("predicate.sets.abroad.hold", list_of(MANIFEST_LIST_MAX + 1, ""));
	TAKEN("predicate.sets.abroad.open", json_array());
	REFUSED("predicate.sets.abroad.hold.0", json_string("nl"));
	REFUSED("predicate.sets.abroad.hold.0", json_string("NLD"));
	REFUSED("predicate.sets.abroad.hold.0", json_string("FI"));
	REFUSED("predicate.sets.abroad.open.0", json_string("Lumi"));
	REFUSED("predicate.sets.abroad.results", json_string("all"));
	REFUSED("predicate.sets.abroad.evidence", json_string("No ne"));
	TAKEN("predicate.sets.abroad.shards", json_int(MANIFEST_SHARDS_MAX));
	REFUSED("predicate.sets.abroad.shards", json_int(MANIFEST_SHARDS_MAX + 1));
	REFUSED("predicate.sets.abroad.shards", json_int(0));
	REFUSED("predicate.sets.abroad.members", json_int(0));
	REFUSED("predicate.sets", json_object());
	/* Subjects are those of the sets, in their order. */
	REFUSED("subject.0.name", json_string("abroad/index.sums"));
	REFUSED("subject.0.name", json_string("domestic/shards.jsonl"));
	REFUSED("subject.4", json_object());
	REFUSED("subject", json_array());
	REFUSED("_type", json_string("https://in-toto.io/Statement/v0.1"));
	REFUSED("predicateType", json_string("urn:stager:manifest:2"));
#undef TAKEN
#undef REFUSED
	/* As many sets as allowed, and one more, by the writer. */
	for (size_t n = MANIFEST_SETS_MAX; n <= MANIFEST_SETS_MAX + 1; n++) {
		struct json *statement = json_parse(text.data, text.len, "vector", &e);
		struct json *subjects = json_array(), *one;
		struct buf out;

		sets = json_object();
		for (size_t i = 0; i < n; i++) {
			const struct json *like =
			    json_get(json_get(json_get(statement, "predicate"), "sets"), "abroad");

			(void)snprintf(path, sizeof(path), "set%zu", i);
			json_set(sets, path, json_copy(like));
			for (size_t k = 0; k < 2; k++) {
				one = json_copy(json_get(statement, "subject")->items[0]);
				(void)snprintf(path, sizeof(path), "set%zu/%s", i,
				    k == 0 ? "shards.jsonl" : "index.sums");
				json_set_string(one, "name", path);
				json_push(subjects, one);
			}
		}
		json_set(statement, "subject", subjects);
		buf_init(&out, MANIFEST_MAX);
		CHECK_OK(json_encode(statement, &out, &e));
		mutate_value(take_manifest, &out, "predicate.sets", sets, n == MANIFEST_SETS_MAX);
		buf_free(&out);
		json_free(statement);
	}
	buf_free(&text);
}

/* What the writer refuses: nothing of it may come out. */
static void
test_manifest_encode(void)
{
	struct buf text = mutate_vector("release/manifest.json"), out;
	struct manifest *m = manifest_decode(text.data, text.len, &e);
	struct manifest_set swap;

	CHECK(m != NULL);
	if (m == NULL)
		abort();
	buf_init(&out, MANIFEST_MAX + 1);
	CHECK_OK(buf_put_str(&out, "x", &e));
	/* Sets in another order than their names': written in order of name all the same. */
	swap = m->sets[0];
	m->sets[0] = m->sets[1];
	m->sets[1] = swap;
	CHECK_OK(manifest_encode(m, &out, &e));
	CHECK(out.len == text.len + 1 && memcmp(out.data + 1, text.data, text.len) == 0);
	out.len = 1;
	m->house[0] = 'A';
	CHECK_ERR(manifest_encode(m, &out, &e), ERR_INPUT);
	m->house[0] = 'a';
	m->version = 1;
	CHECK_ERR(manifest_encode(m, &out, &e), ERR_INPUT);
	m->version = UINT64_MAX;
	CHECK_ERR(manifest_encode(m, &out, &e), ERR_LIMIT);
	m->version = 2;
	memcpy(m->sets[1].name, m->sets[0].name, sizeof(m->sets[1].name));
	CHECK_ERR(manifest_encode(m, &out, &e), ERR_INPUT);
	memcpy(m->sets[1].name, "zzz", 4);
	CHECK_OK(manifest_encode(m, &out, &e));
	out.len = 1;
	free(m->scrubber);
	m->scrubber = NULL;
	CHECK_ERR(manifest_encode(m, &out, &e), ERR_INPUT);
	CHECK(out.len == 1);
	manifest_free(m);
	manifest_free(NULL);
	buf_free(&out);
	buf_free(&text);
}

/* The envelope that PyNaCl signed. */
static void
test_envelope(void)
{
	struct buf text = mutate_vector("release/manifest.envelope");
	struct buf statement = mutate_vector("release/manifest.json");
	struct dsse *d = dsse_decode(text.data, text.len, "manifest", &e);
	uint8_t seed_digest[DIGEST_LEN], key[SIGN_PUBLIC_LEN];
	struct secret *seed = secret_new(SIGN_SEED_LEN, &e);
	struct buf ours;

	buf_init(&ours, MANIFEST_MAX);
	CHECK(d != NULL && seed != NULL);
	if (d == NULL || seed == NULL)
		abort();
	digest_bytes("house", 5, seed_digest);
	memcpy(seed->bytes, seed_digest, SIGN_SEED_LEN);
	CHECK_OK(sign_public(seed, key, &e));
	CHECK_OK(dsse_check(d, DSSE_MANIFEST, key, "manifest", &e));
	CHECK(mutate_same(&d->payload, statement.data, statement.len) == 0);
	/* Ed25519 is deterministic: signing it here gives their bytes. */
	CHECK_OK(dsse_sign(seed, DSSE_MANIFEST, statement.data, statement.len, &ours, &e));
	CHECK(mutate_same(&ours, text.data, text.len) == 0);
	dsse_free(d);
	secret_free(seed);
	buf_free(&ours);
	buf_free(&text);
	buf_free(&statement);
}

static void
test_table(void)
{
	struct buf text = mutate_vector("release/table.jsonl"), b;
	struct shard_table *t = table_decode(text.data, text.len, &e);
	uint8_t digest[DIGEST_LEN], *copy;
	struct shard_line line;
	struct json *j;
	size_t first, second;

	CHECK(t != NULL && t->count == 3);
	if (t == NULL)
		abort();
	CHECK(strcmp(t->shards[0].name, "shard-00000") == 0 && strcmp(t->shards[2].name, "index") == 0);
	CHECK(t->shards[0].plain == 536870912 && t->shards[0].segments == 8192 &&
	      t->shards[0].body == 536870912 + 28 * 8192);
	CHECK(t->shards[1].segments == 2 && t->shards[1].members == 1 && t->shards[2].members == 0);
	digest_bytes("sums shard-00001", 16, digest);
	CHECK(digest_equal(digest, t->shards[1].sums));
	digest_bytes("commitment index", 16, digest);
	CHECK(digest_equal(digest, t->shards[2].commitment));

	/* Cut at each length: only whole lines are looked at, and the last must be the index. */
	for (size_t n = 0; n < text.len; n++)
		CHECK(take_table(text.data, n, &e) == -1);
	for (size_t i = 0; i < 8 * text.len; i += MUTATE_STEP) {
		text.data[i / 8] ^= (uint8_t)(1u << i % 8);
		CHECK(take_table(text.data, text.len, &e) != 1);
		text.data[i / 8] ^= (uint8_t)(1u << i % 8);
	}
	CHECK(take_table(text.data, text.len, &e) == 0);

	/* Lines swapped, missing, doubled; an empty line. */
	first = (size_t)((uint8_t *)memchr(text.data, '\n', text.len) - text.data) + 1;
	second = (size_t)((uint8_t *)memchr(text.data + first, '\n', text.len - first) - text.data) + 1;
	copy = malloc(2 * text.len);
	if (copy == NULL)
		abort();
	memcpy(copy, text.data + first, second - first);
	memcpy(copy + second - first, text.data, first);
	memcpy(copy + second, text.data + second, text.len - second);
	CHECK(take_table(copy, text.len, &e) == -1 && e.code == ERR_INPUT);
	CHECK(take_table(text.data + first, text.len - first, &e) == -1 && e.code == ERR_INPUT);
	CHECK(take_table(text.data + second, text.len - second, &e) == -1 && e.code == ERR_INPUT);
	memcpy(copy, text.data, first);
	memcpy(copy + first, text.data, text.len);
	CHECK(take_table(copy, text.len + first, &e) == -1 && e.code == ERR_INPUT);
	memcpy(copy, text.data, text.len);
	memcpy(copy + text.len, text.data + second, text.len - second);
	CHECK(take_table(copy, 2 * text.len - second, &e) == -1 && e.code == ERR_INPUT);
	copy[text.len] = '\n';
	CHECK(take_table(copy, text.len + 1, &e) == -1 && e.code == ERR_INPUT);
	free(copy);

	/* One line, as seal sends it. */
	j = json_parse(text.data, first, "line", &e);
	CHECK_OK(table_decode_line(j, false, &line, &e));
	json_set_string(j, "header", "00");
	CHECK_OK(table_decode_line(j, true, &line, &e));
	CHECK_ERR(table_decode_line(j, false, &line, &e), ERR_INPUT);
	json_set_string(j, "more", "00");
	CHECK_ERR(table_decode_line(j, true, &line, &e), ERR_INPUT);
	json_free(j);
	CHECK_ERR(table_decode_line(NULL, true, &line, &e), ERR_INPUT);

	/* Lengths that do not fit each other. */
	buf_init(&b, 1024);
	line.body++;
	CHECK_ERR(table_encode_line(&line, &b, &e), ERR_INPUT);
	line.body--;
	line.segments++;
	CHECK_ERR(table_encode_line(&line, &b, &e), ERR_INPUT);
	line.segments--;
	line.plain -= 65536;
	CHECK_ERR(table_encode_line(&line, &b, &e), ERR_INPUT);
	line.plain += 65536;
	line.members = 0;
	CHECK_ERR(table_encode_line(&line, &b, &e), ERR_INPUT);
	line.members = 1;
	CHECK_OK(table_encode_line(&line, &b, &e));
	/* 64 GiB is the most, one byte more is refused. */
	line.plain = UINT64_C(65536) << 20;
	line.segments = 1u << 20;
	line.body = line.plain + 28 * line.segments;
	CHECK_OK(table_encode_line(&line, &b, &e));
	line.plain++;
	line.segments++;
	line.body += 29;
	CHECK_ERR(table_encode_line(&line, &b, &e), ERR_INPUT);
	line.plain = line.segments = line.body = UINT64_MAX;
	CHECK_ERR(table_encode_line(&line, &b, &e), ERR_LIMIT);
	line.plain = line.segments = line.body = 0;
	CHECK_ERR(table_encode_line(&line, &b, &e), ERR_INPUT);
	buf_free(&b);
	table_free(t);
	table_free(NULL);
	buf_free(&text);
}

/* Too many lines are refused by their number alone, before one is read. */
static void
test_table_limit(void)
{
	size_t len = MANIFEST_SHARDS_MAX + 2;
	uint8_t *lines = malloc(len);

	if (lines == NULL)
		abort();
	memset(lines, '\n', len);
	CHECK(table_decode(lines, len, &e) == NULL && e.code == ERR_LIMIT);
	CHECK(table_decode(lines, len - 1, &e) == NULL && e.code == ERR_INPUT);
	memset(lines, ' ', 1024);
	CHECK(table_decode(lines, 1027, &e) == NULL && e.code == ERR_LIMIT);
	free(lines);
}

int
main(void)
{
	if (secret_start(&e) == -1) {
		fprintf(stderr, "%s\n", e.text);
		return 1;
	}
	test_manifest();
	test_manifest_values();
	test_manifest_encode();
	test_envelope();
	test_table();
	test_table_limit();
	return check_done();
}
