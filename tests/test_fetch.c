/* Fetching: fresh, gone on with, mended; and everything that can be wrong where it comes from. */
#include "node_house.h"

#include "../stager/node/store.h"
#include "stager/fetch.h"

static int to; /* the folder that it goes to */
static char to_path[64];
static struct fetch f;
static struct fetch_result result;

/* A store over the real one, in whose reads things happen. */
static struct {
	struct node_store store;
	struct node_store *real;
	struct node_object *seen;
	unsigned damage, after; /* so many reads of bodies come damaged, after so many others */
	unsigned reads;
	bool gone; /* no body can be read any more, after `after` reads */
} bad;

struct bad_object {
	struct node_object object;
	struct node_object *real;
	bool body;
};

static int
bad_size(struct node_store *s, const char *name, uint64_t *size, struct err *err)
{
	(void)s;
	return node_store_size(bad.real, name, size, err);
}

static int
bad_open(struct node_store *s, const char *name, uint64_t size, struct node_object **out, struct err *err)
{
	struct bad_object *o = calloc(1, sizeof(*o));

	o->object.store = s;
	o->body = strstr(name, ".body") != NULL;
	*out = &o->object;
	if (node_object_open(bad.real, name, size, &o->real, err) == 0)
		return 0;
	free(o);
	return -1;
}

static int
bad_read(struct node_object *object, uint64_t offset, uint8_t *out, size_t len, struct err *err)
{
	struct bad_object *o = (struct bad_object *)object;
	unsigned now = o->body ? __atomic_fetch_add(&bad.reads, 1, __ATOMIC_RELAXED) : 0;

	if (o->body && bad.gone && now >= bad.after)
		return err_set(err, ERR_REMOTE, "gone");
	if (node_object_read(o->real, offset, out, len, err) == -1)
		return -1;
	if (o->body && now >= bad.after && now < bad.after + bad.damage)
		out[len / 2] ^= 1;
	return 0;
}

static void
bad_close(struct node_object *object)
{
	node_object_free(((struct bad_object *)object)->real);
	free(object);
}

static void
bad_free(struct node_store *s)
{
	(void)s;
}

static const struct node_store_ops bad_ops = {bad_size, bad_open, bad_read, bad_close, bad_free};

static void
clean(void)
{
	(void)close(to);
	must(io_remove_tree(AT_FDCWD, to_path, &e));
	must(mkdir(to_path, 0700));
	must(to = open(to_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	f.folder = to;
	memset(&bad, 0, sizeof(bad));
	bad.store.ops = &bad_ops;
	bad.store.streams = 3;
	bad.real = f.store;
}

static int
fetch(void)
{
	e.code = ERR_NONE;
	return node_fetch(&f, &result, &e);
}

static int
fetch_badly(void)
{
	struct fetch other = f;

	other.store = &bad.store;
	e.code = ERR_NONE;
	return node_fetch(&other, &result, &e);
}

/* The same bytes there as here. */
static bool
same_file(const char *name)
{
	struct buf a, b;
	bool same;

	buf_init(&a, 8u << 20);
	buf_init(&b, 8u << 20);
	same = io_read_file(h.version, name, &a, NULL) == 0 && io_read_file(to, name, &b, NULL) == 0 &&
	       a.len == b.len && memcmp(a.data, b.data, a.len) == 0;
	buf_free(&a);
	buf_free(&b);
	return same;
}

static bool
is_there(const char *name)
{
	struct stat st;

	return fstatat(to, name, &st, 0) == 0;
}

static void
check_all(void)
{
	char name[64];

	CHECK(same_file("manifest.json") && same_file("abroad/shards.jsonl"));
	for (size_t i = 0; i < h.rows; i++) {
		(void)snprintf(name, sizeof(name), "abroad/%s.body", h.line[i].name);
		CHECK(same_file(name));
		(void)snprintf(name, sizeof(name), "abroad/%s.sums", h.line[i].name);
		CHECK(same_file(name));
		(void)snprintf(name, sizeof(name), "abroad/%s.body.part", h.line[i].name);
		CHECK(!is_there(name));
	}
}

static void
flip(int folder, const char *name, off_t at)
{
	int fd = openat(folder, name, O_RDWR | O_CLOEXEC);
	uint8_t byte;

	must(fd);
	must(pread(fd, &byte, 1, at) == 1 ? 0 : -1);
	byte ^= 1;
	must(pwrite(fd, &byte, 1, at) == 1 ? 0 : -1);
	(void)close(fd);
}

static uint64_t
total(void)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < h.rows; i++)
		sum += h.line[i].body;
	return sum;
}

static void
test_good(void)
{
	const uint64_t some[] = {2, 0};

	clean();
	CHECK_OK(fetch());
	CHECK(strcmp(result.set, "abroad") == 0 && result.shards == h.rows && result.bytes == total() &&
	      result.fetched == total() && result.repaired == 0);
	check_all();
	/* Again: nothing comes. */
	CHECK_OK(fetch());
	CHECK(result.fetched == 0 && result.bytes == total());
	check_all();
	/* Some shards, and the index with them. */
	clean();
	f.rows = some;
	f.row_count = 2;
	CHECK_OK(fetch());
	CHECK(result.shards == 3 && is_there("abroad/shard-00000.body") &&
	      is_there("abroad/shard-00002.body") && is_there("abroad/index.body") &&
	      !is_there("abroad/shard-00001.body"));
	f.rows = NULL;
	f.row_count = 0;
	CHECK_OK(fetch());
	CHECK(result.fetched == total() - h.line[0].body - h.line[2].body - h.line[h.rows - 1].body);
	check_all();
}

/* What somebody or something did to what was fetched is found and mended, and no more is fetched than that. */
static void
test_mend(void)
{
	uint64_t len = h.line[0].body;
	int fd;

	clean();
	CHECK_OK(fetch());
	for (uint64_t segment = 0; segment < h.line[0].segments; segment++) {
		uint64_t left = len - segment * C4GH_SEGMENT_MAX;

		flip(to, "abroad/shard-00000.body", (off_t)(segment * C4GH_SEGMENT_MAX + 5));
		CHECK_OK(fetch());
		CHECK(result.fetched == (left < C4GH_SEGMENT_MAX ? left : C4GH_SEGMENT_MAX));
		check_all();
	}
	flip(to, "abroad/shard-00001.sums", 3);
	CHECK_OK(fetch());
	CHECK(result.fetched == 0);
	check_all();
	/* Cut; too long; one that was under way, with a hole and a damaged segment; a link; gone. */
	must(fd = openat(to, "abroad/shard-00000.body", O_RDWR | O_CLOEXEC));
	must(ftruncate(fd, (off_t)C4GH_SEGMENT_MAX + 9));
	CHECK_OK(fetch());
	CHECK(result.fetched == len - C4GH_SEGMENT_MAX);
	check_all();
	must(ftruncate(fd, (off_t)len + 1));
	CHECK_OK(fetch());
	CHECK(result.fetched == 0);
	check_all();
	(void)close(fd);
	must(renameat(to, "abroad/shard-00000.body", to, "abroad/shard-00000.body.part"));
	flip(to, "abroad/shard-00000.body.part", 70000);
	CHECK_OK(fetch());
	CHECK(result.fetched == C4GH_SEGMENT_MAX);
	check_all();
	must(unlinkat(to, "abroad/shard-00000.body", 0));
	must(symlinkat("shard-00001.body", to, "abroad/shard-00000.body"));
	CHECK(fetch() == -1); /* what is renamed to .part is a link still: not followed */
	must(unlinkat(to, "abroad/shard-00000.body.part", 0));
	CHECK_OK(fetch());
	check_all();
	must(unlinkat(to, "manifest.json", 0));
	must(unlinkat(to, "abroad/shards.jsonl", 0));
	CHECK_OK(fetch());
	check_all();
}

static void
test_flaky(void)
{
	/* Damaged on the way, once or until the tries are used up but one. */
	for (unsigned damage = 1; damage <= 3; damage++) {
		clean();
		bad.damage = damage;
		CHECK_OK(fetch_badly());
		CHECK(result.repaired == (damage == 1 ? 1 : result.repaired) && result.repaired >= 1);
		check_all();
	}
	/* Always: the segment is named, and nothing looks whole that is not. */
	clean();
	bad.damage = 1000;
	CHECK_ERR(fetch_badly(), ERR_FORGED);
	CHECK(strstr(e.text, "segment") != NULL && !is_there("manifest.json"));
	CHECK(!is_there("abroad/shard-00000.body"));
	bad.damage = 0;
	CHECK_OK(fetch_badly());
	check_all();
	/* Gone in the middle: what came before is not fetched again. */
	clean();
	bad.gone = true;
	bad.after = 2;
	CHECK_ERR(fetch_badly(), ERR_REMOTE);
	CHECK(result.fetched > 0 && result.fetched < total());
	uint64_t before = result.fetched;
	bad.gone = false;
	CHECK_OK(fetch_badly());
	CHECK(result.fetched == total() - before);
	check_all();
}

static void
test_forged(void)
{
	struct house_card card = h.node.card, other = card;
	uint8_t statement[DIGEST_LEN];
	const uint64_t none[] = {h.rows - 1};

	/* Each of the documents, changed where it lies. */
	static const char *const names[] = {
	    "manifest.json", "abroad/shards.jsonl", "abroad/shard-00000.sums"};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		clean();
		flip(h.version, names[i], 40);
		CHECK_ERR(fetch(), ERR_FORGED);
		CHECK(!is_there(names[i]) && !is_there("abroad/shard-00000.body"));
		flip(h.version, names[i], 40);
		must(renameat(h.version, names[i], h.version, "away"));
		CHECK_ERR(fetch(), ERR_REMOTE);
		must(renameat(h.version, "away", h.version, names[i]));
	}
	clean();
	flip(h.version, "abroad/shard-00001.body", 66000);
	CHECK_ERR(fetch(), ERR_FORGED);
	CHECK(strstr(e.text, "shard-00001: segment 1 ") != NULL);
	flip(h.version, "abroad/shard-00001.body", 66000);
	/* Another house's key, or name; another version; another manifest than the request's; no such set or shard. */
	clean();
	f.card = &other;
	other.key[0] ^= 1;
	CHECK_ERR(fetch(), ERR_FORGED);
	other = card;
	other.house[0]++;
	CHECK_ERR(fetch(), ERR_FORGED);
	f.card = &h.node.card;
	f.version_id = "abcdefghijklmnopqrstuvwxyz";
	CHECK_ERR(fetch(), ERR_FORGED);
	f.version_id = h.node.request.version_id;
	memcpy(statement, h.node.request.manifest, sizeof(statement));
	f.statement = statement;
	f.set = "abroad";
	CHECK_OK(fetch());
	statement[9] ^= 1;
	CHECK_ERR(fetch(), ERR_FORGED);
	f.statement = NULL;
	f.set = "domestic";
	CHECK_ERR(fetch(), ERR_USAGE);
	f.set = NULL;
	f.rows = none;
	f.row_count = 1;
	CHECK_ERR(fetch(), ERR_USAGE);
	f.rows = NULL;
	f.row_count = 0;
}

int
main(void)
{
	setup();
	(void)snprintf(to_path, sizeof(to_path), "/tmp/stager-fetch-XXXXXX");
	must(mkdtemp(to_path) == NULL ? -1 : 0);
	must(to = open(to_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	must(io_replace_file(h.version, "manifest.json", h.envelope.data, h.envelope.len, 0600, &e));
	must(io_replace_file(h.folder, "shards.jsonl", h.table.data, h.table.len, 0600, &e));
	f = (struct fetch){.card = &h.node.card, .version_id = h.node.request.version_id};
	must(node_store_folder(fcntl(h.version, F_DUPFD_CLOEXEC, 3), &f.store, &e));
	test_good();
	test_mend();
	test_flaky();
	test_forged();
	node_store_free(f.store);
	(void)close(to);
	must(io_remove_tree(AT_FDCWD, to_path, &e));
	teardown();
	return check_done();
}
