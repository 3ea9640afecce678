/*
 * The manifest: an in-toto Statement v1 with predicateType urn:stager:manifest:1, canonical JSON, in a DSSE
 * envelope signed by the house; and the shard table it names. manifests/manifest.c, manifests/table.c.
 *
 * {"_type": "https://in-toto.io/Statement/v1",
 *  "subject": [{"name": "SET/shards.jsonl", "digest": {"sha256"}}, {"name": "SET/index.sums", "digest":
 * {"sha256"}}, ...], "predicateType": "urn:stager:manifest:1", "predicate": {"house", "holder", "dataset",
 * "dataset-id", "version": n, "version-id", "predecessor": sha256 or null, "meta": {"licence", "purposes":
 * [DUO codes], "legal-basis", "retention"} (each where given), "sets": {SET: {"hold": [countries], "open":
 * [sites], "evidence", "results", "shards": n, "members": n}}, "policy": hex, "report": hex (salted:
 * SHA-256(salt 32 | bytes); the salts stay in the ledger), "ruleset": hex, "scrubber": version string}}
 *
 * Table, one canonical JSON line a shard, in order, then the index:
 * {"name": "shard-00000" ... | "index", "body": n, "plain": n, "segments": n, "members": n, "sums": hex
 * SHA-256 of the sums file, "commitment": hex}
 */
#ifndef STAGER_MANIFEST_H
#define STAGER_MANIFEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stager/buf.h"
#include "stager/digest.h"
#include "stager/err.h"

#define MANIFEST_ID_LEN 26   /* dataset and version ids: 128 random bits in base32 */
#define MANIFEST_NAME_MAX 64 /* names of houses, holders, datasets, sets, sites: [a-z0-9][a-z0-9.-]* */
#define MANIFEST_SETS_MAX 8
#define SET_DOMESTIC "domestic" /* the set that never leaves the house, whatever its lists say */
#define MANIFEST_LIST_MAX 64    /* countries, sites, purposes */
#define MANIFEST_SHARDS_MAX 100000
#define MANIFEST_MAX (1u << 20) /* bytes of the statement */

struct manifest_set {
	char name[MANIFEST_NAME_MAX + 1];
	char **hold; /* countries */
	size_t hold_count;
	char **open; /* sites */
	size_t open_count;
	char *evidence; /* least evidence asked: "none" */
	char *results;  /* "sealed" or "none" */
	uint64_t shards, members;
	uint8_t table[DIGEST_LEN]; /* SHA-256 of SET/shards.jsonl */
	uint8_t index_sums[DIGEST_LEN];
};

struct manifest {
	char house[MANIFEST_NAME_MAX + 1];
	char holder[MANIFEST_NAME_MAX + 1];
	char dataset[MANIFEST_NAME_MAX + 1];
	char dataset_id[MANIFEST_ID_LEN + 1];
	uint64_t version; /* 1, 2, ... of the dataset */
	char version_id[MANIFEST_ID_LEN + 1];
	bool has_predecessor;
	uint8_t predecessor[DIGEST_LEN];         /* SHA-256 of the predecessor's statement */
	char *licence, *legal_basis, *retention; /* NULL where not given */
	char **purposes;
	size_t purpose_count;
	struct manifest_set sets[MANIFEST_SETS_MAX];
	size_t set_count;
	uint8_t policy[DIGEST_LEN], report[DIGEST_LEN], ruleset[DIGEST_LEN];
	char *scrubber;
};

/* [a-z0-9][a-z0-9.-]{0,63}, no "..": what may stand in object paths and manifests. */
bool manifest_name_ok(const char *name);
/* The canonical statement, appended to out. */
int manifest_encode(const struct manifest *m, struct buf *out, struct err *e) MUST_CHECK;
/* From canonical bytes; NULL with ERR_INPUT. Caller frees. Checks all forms and limits. */
struct manifest *manifest_decode(const void *data, size_t len, struct err *e) MUST_CHECK;
void manifest_free(struct manifest *m); /* frees m too; m came from calloc or manifest_decode */
/* NULL where there is none of that name. */
const struct manifest_set *manifest_set(const struct manifest *m, const char *name);

struct shard_line {
	char name[16];
	uint64_t body, plain, segments, members;
	uint8_t sums[DIGEST_LEN];
	uint8_t commitment[DIGEST_LEN];
};

struct shard_table {
	struct shard_line *shards; /* the last one is the index */
	size_t count;              /* with the index: shards + 1 */
};

/* One line with its newline, appended to out. */
int table_encode_line(const struct shard_line *line, struct buf *out, struct err *e) MUST_CHECK;
/* One JSON object of the form above, as seal sends it (extra keys "header" allowed where `extra` is true). */
struct json;
int table_decode_line(const struct json *j, bool extra, struct shard_line *out, struct err *e) MUST_CHECK;
/* A whole table: names in order without gap, index last, body lengths that fit segments and plaintext.
 * ERR_INPUT. */
struct shard_table *table_decode(const void *data, size_t len, struct err *e) MUST_CHECK;
void table_free(struct shard_table *t);

#endif
