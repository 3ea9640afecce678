/* The system call filter: a list of what a confined program may call, made into a BPF program by hand. */
#include "seccomp.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/futex.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "stager/sandbox.h"

#if defined(__x86_64__)
#define FILTER_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define FILTER_ARCH AUDIT_ARCH_AARCH64
#else
#error "the system call filter knows x86_64 and aarch64"
#endif

#define FILTER_MAX 512

struct filter {
	struct sock_filter code[FILTER_MAX];
	unsigned len;
};

static void
put(struct filter *f, uint16_t code, uint8_t yes, uint8_t no, uint32_t k)
{
	if (f->len < FILTER_MAX)
		f->code[f->len] = (struct sock_filter){.code = code, .jt = yes, .jf = no, .k = k};
	f->len++; /* past FILTER_MAX: found out at the end */
}

static void
load(struct filter *f, size_t offset)
{
	put(f, BPF_LD | BPF_W | BPF_ABS, 0, 0, (uint32_t)offset);
}

/* Where the number (in the accumulator) is nr, answer so. */
static void
answer(struct filter *f, long nr, uint32_t with)
{
	put(f, BPF_JMP | BPF_JEQ | BPF_K, 0, 1, (uint32_t)nr);
	put(f, BPF_RET | BPF_K, 0, 0, with);
}

static void
permit(struct filter *f, long nr)
{
	answer(f, nr, SECCOMP_RET_ALLOW);
}

/* Low half of argument number arg; all that is looked at here is int or unsigned. */
static size_t
argument(unsigned arg)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	return offsetof(struct seccomp_data, args) + 8 * arg;
#else
	return offsetof(struct seccomp_data, args) + 8 * arg + 4;
#endif
}

/* Where the number is nr: `otherwise` unless (argument & mask) is `wanted`, in which case it is allowed. */
static void
permit_masked(struct filter *f, long nr, unsigned arg, uint32_t mask, uint32_t wanted, uint32_t otherwise)
{
	put(f, BPF_JMP | BPF_JEQ | BPF_K, 0, 5, (uint32_t)nr);
	load(f, argument(arg));
	put(f, BPF_ALU | BPF_AND | BPF_K, 0, 0, mask);
	put(f, BPF_JMP | BPF_JEQ | BPF_K, 0, 1, wanted);
	put(f, BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW);
	put(f, BPF_RET | BPF_K, 0, 0, otherwise);
}

#ifndef STAGER_SANITIZED

/* Where the number is nr and the argument exactly this, it is allowed; else what follows decides. */
static void
permit_exactly(struct filter *f, long nr, unsigned arg, uint32_t value)
{
	put(f, BPF_JMP | BPF_JEQ | BPF_K, 0, 4, (uint32_t)nr);
	load(f, argument(arg));
	put(f, BPF_JMP | BPF_JEQ | BPF_K, 0, 1, value);
	put(f, BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW);
	load(f, offsetof(struct seccomp_data, nr));
}

/* Where the number is nr and the first argument (of renaming the third, too) is this folder's descriptor, it is allowed;
 * else what follows decides. */
static void
permit_below(struct filter *f, long nr, int folder, bool two)
{
	put(f, BPF_JMP | BPF_JEQ | BPF_K, 0, two ? 6 : 4, (uint32_t)nr);
	load(f, argument(0));
	put(f, BPF_JMP | BPF_JEQ | BPF_K, 0, two ? 3 : 1, (uint32_t)folder);
	if (two) {
		load(f, argument(2));
		put(f, BPF_JMP | BPF_JEQ | BPF_K, 0, 1, (uint32_t)folder);
	}
	put(f, BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW);
	load(f, offsetof(struct seccomp_data, nr));
}

/* prlimit64(0, which, NULL, ...) alone, which getrlimit is made of: nobody's limits may be set, nor another
 * process's be read. A pointer is looked at in both its halves. */
static void
permit_own_limits(struct filter *f)
{
	put(f, BPF_JMP | BPF_JEQ | BPF_K, 0, 8, (uint32_t)__NR_prlimit64);
	load(f, argument(0));
	put(f, BPF_JMP | BPF_JEQ | BPF_K, 0, 5, 0);
	load(f, offsetof(struct seccomp_data, args) + 8 * 2);
	put(f, BPF_JMP | BPF_JEQ | BPF_K, 0, 3, 0);
	load(f, offsetof(struct seccomp_data, args) + 8 * 2 + 4);
	put(f, BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0);
	put(f, BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW);
	put(f, BPF_RET | BPF_K, 0, 0, SECCOMP_RET_KILL_PROCESS);
}

static void
permit_all(struct filter *f, const long *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		permit(f, list[i]);
}

/* Sockets that lead elsewhere: not those of this machine's other programs. glibc asks netlink for its addresses. */
static void
permit_sockets(struct filter *f)
{
	put(f, BPF_JMP | BPF_JEQ | BPF_K, 0, 6, (uint32_t)__NR_socket);
	load(f, argument(0));
	put(f, BPF_JMP | BPF_JEQ | BPF_K, 2, 0, AF_INET);
	put(f, BPF_JMP | BPF_JEQ | BPF_K, 1, 0, AF_INET6);
	put(f, BPF_JMP | BPF_JEQ | BPF_K, 0, 1, AF_NETLINK);
	put(f, BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW);
	put(f, BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | EACCES);
}

#define PERMIT(f, ...) \
	permit_all(f, (const long[]){__VA_ARGS__}, sizeof((const long[]){__VA_ARGS__}) / sizeof(long))
#define DENY(error) (SECCOMP_RET_ERRNO | (error))

/* The house's filter: what stands here, and else the process is killed. */
static void
fill(struct filter *f, const struct sandbox *s)
{
	const unsigned allow = s->allow;
	const uint32_t writing = O_WRONLY | O_RDWR | O_CREAT | O_TRUNC | O_APPEND;

	PERMIT(f, __NR_read, __NR_write, __NR_readv, __NR_writev, __NR_pread64, __NR_preadv, __NR_pwrite64,
	    __NR_lseek, __NR_close, __NR_fstat, __NR_brk, __NR_munmap, __NR_mremap, __NR_madvise, __NR_futex,
	    __NR_exit, __NR_exit_group, __NR_rt_sigreturn, __NR_rt_sigprocmask, __NR_rt_sigaction,
	    __NR_restart_syscall, __NR_ppoll, __NR_getpid, __NR_gettid, __NR_clock_gettime, __NR_sched_yield);
	/* glibc's qsort asks how much memory there is before it sorts more than 1 KiB. */
	permit(f, __NR_sysinfo);
	permit_own_limits(f);
#ifdef __NR_poll
	permit(f, __NR_poll);
#endif
	/* Memory may never be both made by us and executed. */
	permit_masked(f, __NR_mmap, 2, PROT_EXEC, 0, SECCOMP_RET_KILL_PROCESS);
	permit_masked(f, __NR_mprotect, 2, PROT_EXEC, 0, SECCOMP_RET_KILL_PROCESS);
	if ((allow & SANDBOX_NETWORK) != 0) {
		permit_sockets(f);
		PERMIT(f, __NR_connect, __NR_bind, __NR_getsockopt, __NR_setsockopt, __NR_getsockname,
		    __NR_getpeername, __NR_sendto, __NR_recvfrom, __NR_sendmsg, __NR_recvmsg, __NR_sendmmsg,
		    __NR_shutdown, __NR_socketpair, __NR_pipe2, __NR_eventfd2, __NR_uname, __NR_getuid,
		    __NR_geteuid, __NR_getgid, __NR_getegid, __NR_clock_nanosleep, __NR_nanosleep);
		/* How much there is to read, and not to wait for it. */
		permit_exactly(f, __NR_ioctl, 1, FIONREAD);
		permit_exactly(f, __NR_fcntl, 1, F_SETFL);
	}
	/* A folder's descriptor is copied, so that what was copied can be closed. */
	if ((allow & (SANDBOX_FOLDER_WRITE | SANDBOX_FOLDER_READ)) != 0)
		permit_exactly(f, __NR_fcntl, 1, F_DUPFD_CLOEXEC);
	/* stdio asks whether it writes to a terminal: it does not. */
	answer(f, __NR_ioctl, DENY(ENOTTY));
	/* Descriptor flags only. */
	permit_masked(f, __NR_fcntl, 1, ~(uint32_t)3, 0, DENY(EACCES));
	if ((allow & SANDBOX_PASS_FD) != 0)
		PERMIT(f, __NR_recvmsg, __NR_sendmsg);
	if ((allow & SANDBOX_SECRETS) != 0)
		PERMIT(f, __NR_getrandom, __NR_mlock, __NR_munlock);
	if ((allow & SANDBOX_RANDOM) != 0)
		permit(f, __NR_getrandom);
	if ((allow & (SANDBOX_SYNC | SANDBOX_FOLDER_WRITE | SANDBOX_OUTPUT)) != 0)
		PERMIT(f, __NR_fsync, __NR_fdatasync, __NR_ftruncate);
	if ((allow & SANDBOX_WAIT) != 0)
		PERMIT(f, __NR_wait4, __NR_kill);
	if ((allow & SANDBOX_CLOCK) != 0)
		permit(f, __NR_clock_nanosleep);
	if ((allow & SANDBOX_THREADS) != 0) {
		PERMIT(f, __NR_set_robust_list, __NR_sched_getaffinity, __NR_membarrier);
#ifdef __NR_rseq
		permit(f, __NR_rseq);
#endif
		/* glibc falls back from clone3, whose flags no filter can see. */
		answer(f, __NR_clone3, DENY(ENOSYS));
		permit_masked(f, __NR_clone, 0, CLONE_THREAD, CLONE_THREAD, SECCOMP_RET_KILL_PROCESS);
	}
	if ((allow & SANDBOX_SERVE) != 0) {
		PERMIT(f, __NR_accept4, __NR_shutdown);
		/* A connection that broke off is reset. */
		permit_exactly(f, __NR_setsockopt, 2, SO_LINGER);
	}
	/*
	 * What is written is named from that one folder, even where there is no Landlock. No filter sees the name: one that
	 * leads up from there, or begins at the root, only Landlock refuses.
	 */
	for (size_t i = 0; (allow & SANDBOX_OUTPUT) != 0 && i < s->output_count; i++) {
		permit_below(f, __NR_openat, s->outputs[i], false);
		permit_below(f, __NR_mkdirat, s->outputs[i], false);
		permit_below(f, __NR_unlinkat, s->outputs[i], false);
#ifdef __NR_renameat
		permit_below(f, __NR_renameat, s->outputs[i], true);
#endif
		permit_below(f, __NR_renameat2, s->outputs[i], true);
	}
	if ((allow & SANDBOX_OUTPUT) != 0)
		permit(f, __NR_fchmod);
	if ((allow & SANDBOX_FOLDER_WRITE) != 0) {
		PERMIT(f, __NR_openat, __NR_mkdirat, __NR_renameat, __NR_renameat2, __NR_unlinkat,
		    __NR_getdents64, __NR_faccessat, __NR_newfstatat, __NR_flock, __NR_sync_file_range,
		    __NR_fchmod, __NR_fchmodat);
#ifdef __NR_rename
		permit(f, __NR_rename);
#endif
	} else if ((allow & (SANDBOX_FOLDER_READ | SANDBOX_NETWORK)) != 0) {
		permit_masked(f, __NR_openat, 2, writing, 0, DENY(EACCES));
		PERMIT(f, __NR_getdents64, __NR_newfstatat);
	}
	/* Libraries that try to open or look something up are told no, and go on. fstat comes as newfstatat
	 * of nothing. */
	permit_masked(f, __NR_newfstatat, 3, 0x1000 /* AT_EMPTY_PATH */, 0x1000, DENY(EACCES));
	answer(f, __NR_openat, DENY(EACCES));
#ifdef __NR_open
	answer(f, __NR_open, DENY(EACCES));
	answer(f, __NR_stat, DENY(EACCES));
	answer(f, __NR_lstat, DENY(EACCES));
	answer(f, __NR_access, DENY(EACCES));
	answer(f, __NR_readlink, DENY(EACCES));
#endif
	answer(f, __NR_openat2, DENY(EACCES));
	answer(f, __NR_statx, DENY(EACCES));
	answer(f, __NR_faccessat, DENY(EACCES));
	answer(f, __NR_readlinkat, DENY(EACCES));
	put(f, BPF_RET | BPF_K, 0, 0, SECCOMP_RET_KILL_PROCESS);
}

#else

/*
 * The sanitizers' filter, wider and named so: AddressSanitizer maps, opens /proc and signals as it likes.
 * What would let data out or other code in is still killed. The tests of the sandbox run on the plain build.
 */
static void
fill(struct filter *f, const struct sandbox *s)
{
	const unsigned allow = s->allow;
	static const long killed[] = {__NR_socket, __NR_socketpair, __NR_connect, __NR_bind, __NR_execve,
	    __NR_execveat, __NR_ptrace, __NR_mount, __NR_process_vm_readv, __NR_process_vm_writev, __NR_setns,
	    __NR_unshare};

	(void)permit;
	(void)permit_masked;
	/* The first four are what a network takes. */
	for (size_t i = (allow & SANDBOX_NETWORK) != 0 ? 4 : 0; i < sizeof(killed) / sizeof(killed[0]); i++)
		answer(f, killed[i], SECCOMP_RET_KILL_PROCESS);
	put(f, BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW);
}

#endif

int
seccomp_install(const struct sandbox *s, struct err *e)
{
	struct filter f = {.len = 0};
	struct sock_fprog program;

	load(&f, offsetof(struct seccomp_data, arch));
	put(&f, BPF_JMP | BPF_JEQ | BPF_K, 1, 0, FILTER_ARCH);
	put(&f, BPF_RET | BPF_K, 0, 0, SECCOMP_RET_KILL_PROCESS);
	load(&f, offsetof(struct seccomp_data, nr));
#ifdef __x86_64__
	/* x32 calls have numbers of their own, which no list here knows. */
	put(&f, BPF_JMP | BPF_JGE | BPF_K, 0, 1, 0x40000000);
	put(&f, BPF_RET | BPF_K, 0, 0, SECCOMP_RET_KILL_PROCESS);
#endif
	fill(&f, s);
	if (f.len > FILTER_MAX)
		return err_set(e, ERR_SYSTEM, "sandbox: system call filter too long");
	program = (struct sock_fprog){.len = (unsigned short)f.len, .filter = f.code};
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) == -1)
		return err_sys(e, "sandbox: system call filter");
	return 0;
}
