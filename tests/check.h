/* The whole test framework: CHECK says where it failed and goes on; a test's main ends with `return
 * check_done();`. */
#ifndef TESTS_CHECK_H
#define TESTS_CHECK_H

#include <stdio.h>
#include <string.h>

static int check_failures;
static int check_count;

#define CHECK(what)                                                                                      \
	do {                                                                                             \
		check_count++;                                                                           \
		if (!(what)) {                                                                           \
			check_failures++;                                                                \
			fprintf(stderr, "%s:%d: %s: failed: %s\n", __FILE__, __LINE__, __func__, #what); \
		}                                                                                        \
	} while (0)

/* For calls that fill a struct err named e: says what it said. */
#define CHECK_OK(call)                                                                                       \
	do {                                                                                                 \
		check_count++;                                                                               \
		if ((call) != 0) {                                                                           \
			check_failures++;                                                                    \
			fprintf(stderr, "%s:%d: %s: %s: %s\n", __FILE__, __LINE__, __func__, #call, e.text); \
		}                                                                                            \
	} while (0)

/* The call must fail with this code. */
#define CHECK_ERR(call, want)                                                                           \
	do {                                                                                            \
		check_count++;                                                                          \
		e.code = ERR_NONE;                                                                      \
		if ((call) != -1 || e.code != (want)) {                                                 \
			check_failures++;                                                               \
			fprintf(stderr, "%s:%d: %s: %s: wanted " #want ", got code %d: %s\n", __FILE__, \
			    __LINE__, __func__, #call, (int)e.code, e.text);                            \
		}                                                                                       \
	} while (0)

static inline int
check_done(void)
{
	printf("%d checks, %d failed\n", check_count, check_failures);
	return check_failures == 0 ? 0 : 1;
}

#endif
