/* The log on disk: growth against a plain recomputation, and two who have it open. */
#include "log_disk.h"

static void
test_empty(void)
{
	uint8_t root[DIGEST_LEN], other[SIGN_PUBLIC_LEN];
	struct tree_proof proof;
	struct secret *stranger;
	struct log *log;
	struct buf out;

	start();
	log = reopen();
	tree_empty(root);
	CHECK(log_checkpoint(log)->size == 0 && memcmp(log_checkpoint(log)->root, root, DIGEST_LEN) == 0);
	CHECK(strcmp(log_checkpoint(log)->origin, ORIGIN) == 0);
	CHECK_OK(log_verify(log, &e));
	buf_init(&out, NOTE_MAX);
	CHECK_OK(log_note(log, &out, &e));
	CHECK(out.len == 0);
	CHECK_ERR(log_entry(log, 0, &out, &e), ERR_INPUT);
	CHECK_ERR(log_inclusion(log, 0, &proof, &e), ERR_INPUT);
	CHECK_ERR(log_consistency(log, 1, &proof, &e), ERR_INPUT);

	/* What may not be appended leaves nothing behind. */
	CHECK_ERR(make_append(log, 0, 0, &e), ERR_LIMIT);
	CHECK_ERR(make_append(log, LOG_BATCH_MAX + 1, 0, &e), ERR_LIMIT);
	{
		static const uint8_t big[LOG_ENTRY_MAX + 1];
		struct view entry = view_of(big, sizeof(big), "entry");
		uint64_t first;

		CHECK_ERR(log_append(log, seed, &entry, 1, &first, &e), ERR_LIMIT);
		entry.len--;
		if ((stranger = secret_copy(seed, &e)) == NULL)
			abort();
		stranger->bytes[0] ^= 1;
		CHECK_ERR(log_append(log, stranger, &entry, 1, &first, &e), ERR_REFUSED);
		secret_free(stranger);
	}
	CHECK(!exists("tile") && !exists("checkpoint"));

	/* Somebody else's key, and another origin. */
	CHECK_OK(make_append(log, 1, 0, &e));
	memcpy(other, key, sizeof(other));
	other[3] ^= 1;
	e.code = ERR_NONE;
	CHECK(log_open(dirfd, ORIGIN, other, &e) == NULL && e.code == ERR_FORGED);
	e.code = ERR_NONE;
	CHECK(log_open(dirfd, ORIGIN "2", key, &e) == NULL && e.code == ERR_FORGED);
	buf_free(&out);
	log_free(log);
	end();
}

static void
test_growth(void)
{
	static const size_t batches[] = {1, 2, 252, 1, 1, 255, 256, 1, 256, 3, 253, 256};
	struct {
		uint64_t size;
		uint8_t root[DIGEST_LEN];
	} seen[sizeof(batches) / sizeof(batches[0])];
	struct tree_proof proof;
	struct checkpoint c;
	struct log *log;
	struct buf note;
	uint64_t size = 0;

	start();
	log = reopen();
	buf_init(&note, NOTE_MAX);
	for (size_t i = 0; i < sizeof(batches) / sizeof(batches[0]); i++) {
		CHECK_OK(make_append(log, batches[i], 0, &e));
		size += batches[i];
		CHECK(root_is(log, size, size, 0));
		if (i % 2 == 1) {
			log_free(log);
			log = reopen();
			CHECK(root_is(log, size, size, 0));
		}
		CHECK_OK(log_verify(log, &e));
		buf_clear(&note);
		CHECK_OK(log_note(log, &note, &e));
		CHECK_OK(checkpoint_open(note.data, note.len, ORIGIN, key, &c, &e));
		CHECK(c.size == size && memcmp(c.root, log_checkpoint(log)->root, DIGEST_LEN) == 0);
		for (uint64_t k = 0; k < size; k += 1 + size / 23)
			check_entry(log, k);
		check_entry(log, size - 1);
		CHECK_ERR(log_entry(log, size, &note, &e), ERR_INPUT);

		seen[i].size = size;
		memcpy(seen[i].root, c.root, DIGEST_LEN);
		for (size_t k = 0; k <= i; k++) {
			CHECK_OK(log_consistency(log, seen[k].size, &proof, &e));
			CHECK_OK(
			    tree_check_consistency(seen[k].size, seen[k].root, size, c.root, &proof, &e));
			if (k > 0)
				CHECK_ERR(tree_check_consistency(
					      seen[k].size, seen[k - 1].root, size, c.root, &proof, &e),
				    ERR_FORGED);
		}
	}
	/* Full tiles stand alone; the partial ones of earlier checkpoints stay until theirs is full. */
	CHECK(exists("tile/0/000") && !exists("tile/0/000.p"));
	CHECK(exists("tile/entries/000") && !exists("tile/entries/000.p"));
	CHECK(exists("tile/1/000.p/1") && exists("tile/1/000.p/6"));
	CHECK(!exists("checkpoint.tmp"));
	buf_free(&note);
	log_free(log);
	end();
}

/* Past 65536 entries a full tile of level 1 and a level 2 appear; the cost of an append stays the same. */
static void
test_large(void)
{
	struct tree_proof proof;
	struct log *log;
	uint8_t old_root[DIGEST_LEN];

	start();
	log = reopen();
	CHECK_OK(make_grow(log, 65535, &e));
	memcpy(old_root, log_checkpoint(log)->root, DIGEST_LEN);
	CHECK_OK(make_append(log, 1, 0, &e));
	CHECK(exists("tile/0/255") && exists("tile/1/000") && exists("tile/2/000.p/1"));
	CHECK(!exists("tile/1/000.p") && !exists("tile/0/255.p") && !exists("tile/0/256.p"));
	rename_count = 0;
	CHECK_OK(make_append(log, 1, 0, &e));
	CHECK(rename_count == 3); /* bundle, tile, checkpoint */
	CHECK_OK(make_append(log, 256, 0, &e));
	log_free(log);
	log = reopen();
	CHECK(root_is(log, 65793, 65793, 0));
	CHECK_OK(log_verify(log, &e));
	check_entry(log, 0);
	check_entry(log, 65535);
	check_entry(log, 65536);
	check_entry(log, 65792);
	CHECK_OK(log_consistency(log, 65535, &proof, &e));
	CHECK_OK(tree_check_consistency(65535, old_root, 65793, log_checkpoint(log)->root, &proof, &e));
	log_free(log);
	end();
}

/* Reading goes on at the old size while somebody else appends; a second writer is refused. */
static void
test_two(void)
{
	struct log *writer, *reader;

	start();
	writer = reopen();
	CHECK_OK(make_grow(writer, 200, &e));
	reader = reopen();
	CHECK_OK(make_grow(writer, 300, &e));
	CHECK(!exists("tile/0/000.p"));
	CHECK(root_is(reader, 200, 200, 0));
	CHECK_OK(log_verify(reader, &e));
	check_entry(reader, 0);
	check_entry(reader, 199);
	CHECK_ERR(make_append(reader, 1, 0, &e), ERR_REMOTE);
	CHECK_OK(make_append(writer, 1, 0, &e));
	CHECK(verdict() == ERR_NONE);
	log_free(reader);
	log_free(writer);
	end();
}

int
main(void)
{
	make_key();
	test_empty();
	test_growth();
	test_large();
	test_two();
	secret_free(seed);
	return check_done();
}
