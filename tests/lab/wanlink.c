/*
 * A long path in a box: two network namespaces, NAME-near and NAME-far, and between them a link with a delay, a rate and
 * loss, for kernels without netem. Run as root:
 *
 *   wanlink --name lab --rtt 40 --rate 1000 --loss 0.0001 &
 *   ip netns exec lab-far SERVER &       10.93.0.2
 *   ip netns exec lab-near CLIENT        10.93.0.1
 *
 * Ends at SIGTERM or SIGINT, and takes the namespaces with it. Says "ready" on standard output when the link is up.
 *
 * Each end is a TUN device; for each direction a thread takes packets from one, keeps each until it is due at the other,
 * and drops what chance or a full queue says. Due: when the sender's line is free, plus the packet's time on that line,
 * plus half the round trip. The queue before the line holds twice what is on its way in one round trip, drop-tail:
 * with less, BBR's streams, which together keep one such amount waiting, lose packets all the time.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MTU 9000
#define SECOND INT64_C(1000000000)

struct packet {
	int64_t due; /* nanoseconds of CLOCK_MONOTONIC */
	uint32_t len;
	uint8_t bytes[MTU];
};

/* One direction. Packets are due in the order in which they came: a queue in a circle. */
struct direction {
	int from, to;
	int64_t one_way, per_byte_ps; /* ns; picoseconds */
	uint64_t lose_below;          /* of 2^64 */
	uint64_t random;
	int64_t line_free;
	struct packet *queue;
	size_t room, first, count;
	size_t backlog_max; /* bytes that may wait for the line */
	uint64_t passed, lost, full;
};

static void
die(const char *what)
{
	perror(what);
	exit(1);
}

static int64_t
now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * SECOND + t.tv_nsec;
}

/* splitmix64 (Steele, Lea, Flood 2014). */
static uint64_t
next_random(uint64_t *state)
{
	uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

/* Take one packet, if there is one, and say when it is due. False: there is none. */
static bool
take(struct direction *d)
{
	struct packet *p = &d->queue[(d->first + d->count) % d->room];
	ssize_t n = read(d->from, p->bytes, sizeof(p->bytes));
	int64_t t = now(), waits;

	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (n == -1)
		die("wanlink: read");
	if (d->line_free < t)
		d->line_free = t;
	waits = (d->line_free - t) * 1000 / d->per_byte_ps; /* bytes before it */
	if (d->count + 1 >= d->room || (uint64_t)waits + (uint64_t)n > d->backlog_max) {
		d->full++;
		return true;
	}
	d->line_free += n * d->per_byte_ps / 1000;
	if (next_random(&d->random) < d->lose_below) {
		d->lost++;
		return true;
	}
	p->len = (uint32_t)n;
	p->due = d->line_free + d->one_way;
	d->count++;
	return true;
}

static void *
carry(void *arg)
{
	struct direction *d = arg;
	struct pollfd in = {.fd = d->from, .events = POLLIN};
	struct timespec wait;
	int64_t left;

	/* Wake when it is due, not 50 us later. */
	(void)prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0);
	for (;;) {
		while (d->count > 0 && d->queue[d->first].due <= now()) {
			struct packet *p = &d->queue[d->first];

			/* A namespace whose queue is full drops it, as a host would. */
			if (write(d->to, p->bytes, p->len) == -1 && errno != EAGAIN && errno != EIO)
				die("wanlink: write");
			d->first = (d->first + 1) % d->room;
			d->count--;
			d->passed++;
		}
		left = d->count > 0 ? d->queue[d->first].due - now() : SECOND;
		if (left > 0) {
			wait = (struct timespec){.tv_sec = left / SECOND, .tv_nsec = left % SECOND};
			(void)ppoll(&in, 1, &wait, NULL);
		}
		for (int i = 0; i < 16 && take(d); i++)
			continue;
	}
	return NULL;
}

/* ip WORD...; quiet: whatever comes of it. */
static void
ip(bool quiet, const char *const words[])
{
	const char *argv[16] = {"ip"};
	int status;
	pid_t pid;

	for (size_t i = 0; i < 14 && words[i] != NULL; i++)
		argv[i + 1] = words[i];
	if ((pid = fork()) == 0) {
		if (quiet && (close(2) == -1 || open("/dev/null", O_WRONLY) == -1))
			_exit(1);
		(void)execvp("ip", (char *const *)(uintptr_t)argv);
		_exit(127);
	}
	if (pid == -1 || waitpid(pid, &status, 0) == -1)
		die("wanlink: ip");
	if (status != 0 && !quiet) {
		(void)fprintf(stderr, "wanlink: ip %s %s failed\n", words[0], words[1]);
		exit(1);
	}
}
#define IP(quiet, ...) ip(quiet, (const char *const[]){__VA_ARGS__, NULL})

/* A namespace with an end of the link in it; the end's descriptor, which works from anywhere. */
static int
make_end(const char *namespace, const char *address)
{
	struct ifreq request = {.ifr_name = "wan"};
	char path[128];
	int home, there, fd;

	IP(true, "netns", "del", namespace);
	IP(false, "netns", "add", namespace);
	(void)snprintf(path, sizeof(path), "/run/netns/%s", namespace);
	if ((home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC)) == -1 ||
	    (there = open(path, O_RDONLY | O_CLOEXEC)) == -1 || setns(there, CLONE_NEWNET) == -1)
		die("wanlink: namespace");
	request.ifr_flags = IFF_TUN | IFF_NO_PI;
	if ((fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC)) == -1 ||
	    ioctl(fd, TUNSETIFF, &request) == -1)
		die("wanlink: TUN device");
	if (setns(home, CLONE_NEWNET) == -1)
		die("wanlink: namespace");
	(void)close(home);
	(void)close(there);
	IP(false, "-n", namespace, "link", "set", "lo", "up");
	IP(false, "-n", namespace, "link", "set", "wan", "mtu", "9000", "txqueuelen", "10000", "up");
	IP(false, "-n", namespace, "address", "add", address, "dev", "wan");
	return fd;
}

static void
start(struct direction *d, int from, int to, double rtt_ms, double rate_mbit, double loss)
{
	pthread_t thread;

	*d = (struct direction){.from = from, .to = to};
	d->one_way = (int64_t)(rtt_ms / 2 * 1e6);
	d->per_byte_ps = (int64_t)(8e6 / rate_mbit);
	d->lose_below = (uint64_t)(loss * 18446744073709551615.0);
	d->backlog_max = (size_t)(2 * rate_mbit * 1e6 / 8 * rtt_ms / 1e3);
	if (d->backlog_max < 64 * MTU)
		d->backlog_max = (size_t)64 * MTU;
	d->room = 4 * d->backlog_max / MTU + 16384; /* small packets take a place, too */
	if (getrandom(&d->random, sizeof(d->random), 0) != sizeof(d->random) ||
	    (d->queue = calloc(d->room, sizeof(*d->queue))) == NULL)
		die("wanlink: memory");
	if (pthread_create(&thread, NULL, carry, d) != 0)
		die("wanlink: thread");
}

int
main(int argc, char **argv)
{
	static const struct option options[] = {{"name", required_argument, NULL, 'n'},
	    {"rtt", required_argument, NULL, 't'}, {"rate", required_argument, NULL, 'r'},
	    {"loss", required_argument, NULL, 'l'}, {NULL, 0, NULL, 0}};
	static struct direction out, back;
	const char *name = "lab";
	double rtt = 40, rate = 1000, loss = 0;
	char near[64], far[64];
	int c, end_near, end_far, got;
	sigset_t ends;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == 'n')
			name = optarg;
		else if (c == 't')
			rtt = strtod(optarg, NULL);
		else if (c == 'r')
			rate = strtod(optarg, NULL);
		else if (c == 'l')
			loss = strtod(optarg, NULL);
		else
			return 2;
	}
	if (optind < argc || rtt < 0 || rate <= 0 || loss < 0 || loss >= 1 || strlen(name) > 32) {
		(void)fprintf(
		    stderr, "usage: wanlink [--name NAME] [--rtt MS] [--rate MBIT] [--loss SHARE]\n");
		return 2;
	}
	(void)sigemptyset(&ends);
	(void)sigaddset(&ends, SIGTERM);
	(void)sigaddset(&ends, SIGINT);
	(void)sigprocmask(SIG_BLOCK, &ends, NULL);
	(void)snprintf(near, sizeof(near), "%s-near", name);
	(void)snprintf(far, sizeof(far), "%s-far", name);
	end_near = make_end(near, "10.93.0.1/24");
	end_far = make_end(far, "10.93.0.2/24");
	start(&out, end_near, end_far, rtt, rate, loss);
	start(&back, end_far, end_near, rtt, rate, loss);
	(void)puts("ready");
	(void)fflush(stdout);
	(void)sigwait(&ends, &got);
	(void)fprintf(stderr,
	    "wanlink: near to far %llu packets, %llu lost, %llu past the queue; back %llu, %llu, %llu\n",
	    (unsigned long long)out.passed, (unsigned long long)out.lost, (unsigned long long)out.full,
	    (unsigned long long)back.passed, (unsigned long long)back.lost, (unsigned long long)back.full);
	IP(true, "netns", "del", near);
	IP(true, "netns", "del", far);
	return 0;
}
