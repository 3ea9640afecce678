/* How fast stager-key makes a release's headers: bench_release RELEASES PROCESSES. Each release is the whole of what
 * stager-key does for one node: its message parsed, the case judged (manifest, approvals, ask, log, table), 10,000 data
 * keys unwrapped, checked against their commitments and sealed for the node, the redemption written, the reply encoded.
 */
#define ROWS 10001 /* 10,000 shards and the index */
#define LEAVES_MAX 2048
#include "../key_ask.h"

#include <sys/wait.h>
#include <time.h>

static struct test_house house;

static double
now(clockid_t clock)
{
	struct timespec t;

	(void)clock_gettime(clock, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* One message as it comes from the socket to one reply as it goes there. */
static void
answer(const struct buf *message, struct buf *reply_text)
{
	struct json *body = json_parse(message->data, message->len, "control message", &e), *reply = NULL;
	enum wire_type reply_type = (enum wire_type)0;

	must_have(body);
	must(key_open_message(&house.key, WIRE_RELEASE, body, &reply_type, &reply, &e));
	buf_clear(reply_text);
	must(json_encode(reply, reply_text, &e));
	json_free(reply);
	json_free(body);
}

/* Do `count` releases to as many slots; processor seconds of stager-key's part alone. */
static double
release_all(uint32_t count)
{
	struct buf message, reply_text;
	double used = 0, start;
	struct json *body;

	buf_init(&message, 64u << 20);
	buf_init(&reply_text, 64u << 20);
	for (uint32_t slot = 0; slot < count; slot++) {
		make_ask(&house, slot, 0, (uint8_t)(slot + 1));
		must_have(body = release_message(&house));
		buf_clear(&message);
		must(json_encode(body, &message, &e));
		json_free(body);
		start = now(CLOCK_PROCESS_CPUTIME_ID);
		answer(&message, &reply_text);
		used += now(CLOCK_PROCESS_CPUTIME_ID) - start;
	}
	/* The last one opens with the node's key to the very data keys. */
	must_have(body = json_parse(reply_text.data, reply_text.len, "reply", &e));
	check_released(&house, body);
	buf_free(&message);
	buf_free(&reply_text);
	return used;
}

int
main(int argc, char **argv)
{
	long count = argc == 3 ? atol(argv[1]) : 0, processes = argc == 3 ? atol(argv[2]) : 0;
	int ready[2], go[2], status, failed = 0;
	double start, wall, used = 0, one;
	char byte;

	if (processes < 1 || processes > 64 || count < processes || count / processes > LEAVES_MAX - 1) {
		fprintf(stderr, "usage: bench_release RELEASES PROCESSES\n");
		return 2;
	}
	count = count / processes * processes;
	must(secret_start(&e));
	must(pipe(ready));
	must(pipe(go));
	for (long i = 0; i < processes; i++) {
		if (fork() != 0)
			continue;
		/* A house each: its keys, its log and its journal. */
		house_make(&house);
		house.request.slots = house.request.redemptions = (uint32_t)(count / processes);
		make_request(&house, 0, 1);
		if (write(ready[1], "r", 1) != 1 || read(go[0], &byte, 1) != 1)
			_exit(1);
		used = release_all((uint32_t)(count / processes));
		if (write(ready[1], &used, sizeof(used)) != sizeof(used))
			_exit(1);
		house_free(&house);
		_exit(check_failures == 0 ? 0 : 1);
	}
	for (long i = 0; i < processes; i++)
		must(read(ready[0], &byte, 1) == 1 ? 0 : -1);
	start = now(CLOCK_MONOTONIC);
	for (long i = 0; i < processes; i++)
		must(write(go[1], "g", 1) == 1 ? 0 : -1);
	for (long i = 0; i < processes; i++) {
		must(read(ready[0], &one, sizeof(one)) == sizeof(one) ? 0 : -1);
		used += one;
	}
	wall = now(CLOCK_MONOTONIC) - start;
	while (wait(&status) > 0)
		failed += status != 0;
	/* wall holds the nodes' and the log's part too: challenges, signatures, the log's tree. */
	printf("releases %ld shards %d processes %ld wall_s %.2f key_cpu_s %.2f us_per_packet %.2f\n", count,
	    ROWS - 1, processes, wall, used, used / (double)count / ROWS * 1e6);
	return failed == 0 ? 0 : 1;
}
