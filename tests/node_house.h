/* A house as a node sees one, in memory: real shards in a folder, and the two lines it says. For test_node*.c. */
#ifndef TESTS_NODE_HOUSE_H
#define TESTS_NODE_HOUSE_H

#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "stager/c4gh.h"
#include "stager/dsse.h"
#include "stager/enc.h"
#include "stager/entry.h"
#include "stager/io.h"
#include "stager/json.h"
#include "stager/node.h"
#include "stager/note.h"
#include "stager/secret.h"
#include "stager/shard.h"

static struct err e;

#ifndef MEMBERS
#define MEMBERS 7
#endif
#define ROWS_MAX (MEMBERS / 2 + 13)
#define MEMBER_SIZE 70001
#define INDEX 5 /* of the release in a log of */
#define LOG_SIZE 9

/* A house as far as a node can see one, and one release of it that is good as it stands. */
static struct {
	struct secret *sign, *log, *job, *vault, *own, *writer, *data_key[ROWS_MAX];
	uint8_t own_public[X25519_LEN], vault_public[X25519_LEN];
	struct node node;
	struct buf manifest, table, request_text, envelope;
	struct shard_line line[ROWS_MAX];
	size_t rows;
	int folder, version; /* of the set, within the version's, which is at path */
	char path[64];
	/* what it says */
	struct ask ask;
	struct answer answer;
	struct buf headers, challenge_line, answer_line;
} h;

/* What can be wrong with an answer that is signed all the same. */
static struct {
	const struct secret *sign, *log; /* other keys */
	const char *origin;
	bool other_manifest, other_t, flip_after, swap, missing, range, index, other_writer, extra;
} twist;

static inline void
must(int rc)
{
	if (rc == -1) {
		fprintf(stderr, "cannot go on: %s\n", e.text);
		abort();
	}
}

static inline int
file_in_folder(const char *name, const char *ext, int how)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "%s.%s", name, ext);
	return openat(h.folder, path, how | O_CLOEXEC, 0600);
}

static inline int
vault_open(void *ctx, const char *name, int *body, int *sums, struct err *err)
{
	(void)ctx;
	(void)err;
	*body = file_in_folder(name, "body", O_RDWR | O_CREAT);
	*sums = file_in_folder(name, "sums", O_RDWR | O_CREAT);
	return *body == -1 || *sums == -1 ? -1 : 0;
}

static inline int
vault_done(void *ctx, const struct shard_line *line, const uint8_t header[static HEADER_LEN], struct err *err)
{
	uint8_t writer[X25519_LEN];
	struct secret *shared;

	(void)ctx;
	must(header_writer(header, writer, err));
	shared = header_shared_reader(h.vault, writer, err);
	h.data_key[h.rows] = header_open(shared, writer, header, err);
	h.line[h.rows++] = *line;
	must(table_encode_line(line, &h.table, err));
	secret_free(shared);
	return h.data_key[h.rows - 1] == NULL ? -1 : 0;
}

static inline uint8_t
member_byte(int member, size_t at)
{
	return (uint8_t)((at * 2654435761u) >> 13) ^ (uint8_t)member;
}

/* Shards of real sealing: MEMBERS members, two a shard. */
static inline void
make_shards(void)
{
	const struct shard_sink sink = {NULL, vault_open, vault_done};
	struct shard_writer *w = shard_new(160000, h.vault_public, &sink, &e);
	static uint8_t data[MEMBER_SIZE];
	struct entry entry;

	must(w == NULL ? -1 : 0);
	for (int i = 0; i < MEMBERS; i++) {
		for (size_t k = 0; k < sizeof(data); k++)
			data[k] = member_byte(i, k);
		entry_init(&entry, "abc", "txt", RESCAN_TEXT, sizeof(data));
		must(shard_entry(w, &entry, &e));
		must(shard_write(w, data, sizeof(data), &e));
	}
	must(shard_finish(w, &e));
	shard_free(w);
}

/* The statement over the table, and the request for it. */
static inline void
make_documents(void)
{
	struct manifest m;
	struct request *r = &h.node.request;
	char nl[] = "NL", lumi[] = "lumi", none[] = "none", sealed[] = "sealed", scrubber[] = "0.1.0";
	char *hold[] = {nl}, *open[] = {lumi};

	memset(&m, 0, sizeof(m));
	(void)snprintf(m.house, sizeof(m.house), "house-a");
	(void)snprintf(m.holder, sizeof(m.holder), "umc");
	(void)snprintf(m.dataset, sizeof(m.dataset), "letters");
	(void)snprintf(m.dataset_id, sizeof(m.dataset_id), "abcdefghijklmnopqrstuvwxyz");
	(void)snprintf(m.version_id, sizeof(m.version_id), "234567abcdefghijklmnopqrst");
	m.version = 1;
	m.scrubber = scrubber;
	m.set_count = 1;
	m.sets[0] = (struct manifest_set){.name = "abroad",
	    .hold = hold,
	    .hold_count = 1,
	    .open = open,
	    .open_count = 1,
	    .evidence = none,
	    .results = sealed,
	    .shards = h.rows - 1,
	    .members = MEMBERS};
	digest_bytes(h.table.data, h.table.len, m.sets[0].table);
	memcpy(m.sets[0].index_sums, h.line[h.rows - 1].sums, DIGEST_LEN);
	must(manifest_encode(&m, &h.manifest, &e));
	must(dsse_sign(h.sign, DSSE_MANIFEST, h.manifest.data, h.manifest.len, &h.envelope, &e));

	memset(r, 0, sizeof(*r));
	(void)snprintf(r->holder, sizeof(r->holder), "umc");
	(void)snprintf(r->dataset, sizeof(r->dataset), "letters");
	(void)snprintf(r->version_id, sizeof(r->version_id), "234567abcdefghijklmnopqrst");
	(void)snprintf(r->set, sizeof(r->set), "abroad");
	(void)snprintf(r->site, sizeof(r->site), "lumi");
	(void)snprintf(r->requester, sizeof(r->requester), "ria@uni.example");
	r->slots = r->redemptions = 4;
	r->not_before = 1800000000;
	r->not_after = 1800086400;
	digest_bytes(h.manifest.data, h.manifest.len, r->manifest);
	must(sign_public(h.job, r->job_key, &e));
	must(request_encode(r, &h.request_text, &e));
}

static inline void
setup(void)
{
	struct buf *const bufs[] = {&h.manifest, &h.table, &h.request_text, &h.envelope, &h.headers,
	    &h.challenge_line, &h.answer_line};

	for (size_t i = 0; i < sizeof(bufs) / sizeof(bufs[0]); i++)
		buf_init(bufs[i], 1u << 20);
	must(secret_start(&e));
	h.sign = secret_random(32, &e);
	h.log = secret_random(32, &e);
	h.job = secret_random(32, &e);
	h.vault = header_keypair(h.vault_public, &e);
	h.own = header_keypair(h.own_public, &e);
	(void)snprintf(h.path, sizeof(h.path), "/tmp/stager-node-XXXXXX");
	must(mkdtemp(h.path) == NULL ? -1 : 0);
	must(h.version = open(h.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	must(mkdirat(h.version, "abroad", 0700));
	must(h.folder = openat(h.version, "abroad", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	make_shards();
	make_documents();
	(void)snprintf(h.node.card.house, sizeof(h.node.card.house), "house-a");
	must(sign_public(h.sign, h.node.card.key, &e));
	must(sign_public(h.log, h.node.card.log_key, &e));
	h.node.job = h.job;
	h.node.slot = 2;
	h.node.restart = 1;
	h.node.facts = json_object();
	json_set_string(h.node.facts, "node", "nid000001");
}

static inline void
put_base64(struct json *j, const char *key, const struct buf *b)
{
	struct buf text;

	buf_init(&text, 2u << 20);
	must(base64_encode(b->data, b->len, &text, &e));
	json_set(j, key, json_string_len((const char *)text.data, text.len));
	buf_free(&text);
}

static inline void
put_line(struct json *j, struct buf *line)
{
	buf_clear(line);
	must(json_encode(j, line, &e));
	must(buf_put_u8(line, '\n', &e));
	json_free(j);
}

static inline void
make_challenge(const struct buf *envelope, const struct buf *request, const struct buf *table)
{
	struct json *j = json_object();
	char hex[65];

	memset(h.ask.nonce, 'n', sizeof(h.ask.nonce));
	memset(h.ask.mac, 'm', sizeof(h.ask.mac));
	h.ask.expiry = 1800000060;
	json_set_string(j, "type", "challenge");
	hex_encode(h.ask.nonce, 32, hex);
	json_set_string(j, "nonce", hex);
	hex_encode(h.ask.mac, 32, hex);
	json_set_string(j, "mac", hex);
	json_set_int(j, "expiry", h.ask.expiry);
	put_base64(j, "manifest", envelope);
	put_base64(j, "request", request);
	put_base64(j, "table", table);
	put_line(j, &h.challenge_line);
}

static inline void
make_note(char out[static NOTE_MAX + 1])
{
	struct checkpoint c = {.size = LOG_SIZE};
	uint8_t key[SIGN_PUBLIC_LEN], signature[SIGNATURE_LEN];
	const struct secret *seed = twist.log != NULL ? twist.log : h.log;
	struct buf body, note;

	(void)snprintf(
	    c.origin, sizeof(c.origin), "%s", twist.origin != NULL ? twist.origin : "stager/house-a");
	buf_init(&body, NOTE_MAX);
	buf_init(&note, NOTE_MAX);
	must(checkpoint_body(&c, &body, &e));
	must(sign_public(seed, key, &e));
	must(sign_make(seed, body.data, body.len, signature, &e));
	must(checkpoint_note(&c, key, signature, &note, &e));
	memcpy(out, note.data, note.len);
	out[note.len] = '\0';
	buf_free(&body);
	buf_free(&note);
}

/* Headers for rows [first, end), by a writer key of the release's own. */
static inline void
make_headers(uint64_t first, uint64_t end)
{
	uint8_t header[HEADER_LEN], swapped[HEADER_LEN];
	struct secret *shared;

	secret_free(h.writer);
	h.writer = header_keypair(h.answer.writer, &e);
	shared = header_shared_writer(h.writer, h.own_public, &e);
	buf_clear(&h.headers);
	for (uint64_t row = first; row < end; row++) {
		must(header_make(shared, h.answer.writer, h.data_key[row], header, &e));
		must(buf_put(&h.headers, header, HEADER_LEN, &e));
	}
	secret_free(shared);
	if (twist.swap) {
		memcpy(swapped, h.headers.data, HEADER_LEN);
		memmove(h.headers.data, h.headers.data + HEADER_LEN, HEADER_LEN);
		memcpy(h.headers.data + HEADER_LEN, swapped, HEADER_LEN);
	}
	if (twist.missing)
		h.headers.len -= HEADER_LEN;
}

static inline void
make_answer(uint64_t first, uint64_t end)
{
	struct json *j = json_object();
	struct buf payload, envelope;
	struct ask *a = &h.ask;

	memcpy(a->house_key, h.node.card.key, SIGN_PUBLIC_LEN);
	memcpy(a->request, h.node.request.digest, DIGEST_LEN);
	memcpy(a->manifest, h.node.request.manifest, DIGEST_LEN);
	a->slot = h.node.slot;
	a->restart = h.node.restart + (twist.other_t ? 1 : 0);
	memcpy(a->node, h.own_public, X25519_LEN);
	must(ask_facts(h.node.facts, a->facts, &e));
	(void)snprintf(a->evidence_type, sizeof(a->evidence_type), "none");
	ask_transcript(a, h.answer.t);
	memcpy(h.answer.manifest, a->manifest, DIGEST_LEN);
	h.answer.manifest[0] ^= twist.other_manifest ? 1 : 0;
	make_headers(first, end);
	h.answer.writer[3] ^= twist.other_writer ? 1 : 0;
	digest_bytes(h.headers.data, h.headers.len, h.answer.headers);
	if (twist.flip_after)
		h.headers.data[HEADER_LEN - 1] ^= 1;
	h.answer.index = twist.index ? LOG_SIZE : INDEX;
	h.answer.first = first;
	h.answer.end = end - (twist.range ? 1 : 0);
	make_note(h.answer.checkpoint);
	buf_init(&payload, 65536);
	buf_init(&envelope, 1u << 20);
	must(answer_encode(&h.answer, &payload, &e));
	must(dsse_sign(
	    twist.sign != NULL ? twist.sign : h.sign, DSSE_ANSWER, payload.data, payload.len, &envelope, &e));
	json_set_string(j, "type", "answer");
	put_base64(j, "envelope", &envelope);
	put_base64(j, "headers", &h.headers);
	if (twist.extra)
		json_set_int(j, "more", 1);
	put_line(j, &h.answer_line);
	buf_free(&payload);
	buf_free(&envelope);
}

/* The house has said one line, or two: what comes of it. A packet a line, so that none runs into the next. */
static inline int
hold_talk(
    const struct buf *first, const struct buf *second, const struct node_want *want, struct node_release *r)
{
	int pair[2], rc;

	must(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair));
	if (first != NULL && send(pair[0], first->data, first->len, 0) != (ssize_t)first->len)
		abort();
	if (second != NULL && send(pair[0], second->data, second->len, 0) != (ssize_t)second->len)
		abort();
	/* What the node says is kept for nobody here. */
	(void)shutdown(pair[0], SHUT_WR);
	rc = node_ask(&h.node, pair[1], pair[1], h.own, h.own_public, want, r, &e);
	(void)close(pair[0]);
	(void)close(pair[1]);
	return rc;
}

static const struct node_want want_all = {.kind = NODE_WANT_ALL};

static inline void
all_good(void)
{
	memset(&twist, 0, sizeof(twist));
	make_challenge(&h.envelope, &h.request_text, &h.table);
	make_answer(0, h.rows - 1);
}

/* Remove the folder. */
static inline void
teardown(void)
{
	(void)close(h.folder);
	(void)close(h.version);
	(void)!io_remove_tree(AT_FDCWD, h.path, NULL);
	secret_free(h.sign);
	secret_free(h.log);
	secret_free(h.job);
	secret_free(h.vault);
	secret_free(h.own);
	secret_free(h.writer);
	for (size_t i = 0; i < h.rows; i++)
		secret_free(h.data_key[i]);
	json_free(h.node.facts);
	buf_free(&h.manifest);
	buf_free(&h.table);
	buf_free(&h.request_text);
	buf_free(&h.envelope);
	buf_free(&h.headers);
	buf_free(&h.challenge_line);
	buf_free(&h.answer_line);
}

#endif
