/* Writing a page: text that is always escaped, in one language after the other. stager/scrub/page/page.c. */
#ifndef STAGER_SCRUB_PAGE_H
#define STAGER_SCRUB_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stager/buf.h"
#include "stager/err.h"

struct json;

/* A page in the making. The first fault is kept in e, and nothing is written after it. */
struct page {
	struct buf *out;
	bool dutch; /* else English */
	bool failed;
	struct err *e;
	const struct json *document, *report;
	const char *digest; /* NULL: a dry run */
	const char *state;  /* of the version, in the ledger's word; "" of a dry run */
	int64_t least;      /* counts about people are multiples of it (report_tell); 1: they are exact */
};

/* Markup of our own, as it is. */
void page_raw(struct page *p, const char *markup);
/* Text from anywhere. */
void page_text(struct page *p, const char *text);
/*
 * Words of our own in the page's language. #1 to #9: numbers[0] to numbers[8], in groups of three; {1:one|many} the first
 * words where that number is 1, else the second.
 */
void page_say(struct page *p, const char *dutch, const char *english, const int64_t *numbers);
/* The same between <TAG> and </TAG>. */
void page_say_in(
    struct page *p, const char *tag, const char *dutch, const char *english, const int64_t *numbers);
void page_number(struct page *p, int64_t n);
/* With its sign, and ± where it is 0. */
void page_change(struct page *p, int64_t n);
/* n bytes in the largest unit of which there is one: "1,5 MB". */
void page_bytes(struct page *p, int64_t n);
/* So many in a million as a percentage of two decimals, upwards: "5,82%". */
void page_share(struct page *p, int64_t ppm);
/* The day of so many seconds since 1970, in UTC: 2027-03-01. */
void page_day(struct page *p, int64_t seconds);
/* A bar of n out of most. */
void page_bar(struct page *p, int64_t n, int64_t most);

/* The version has ended: nobody can accept it, and nothing of it is released. verdict.c */
bool page_ended(const struct page *p);
/* What the second check withheld, of whatever reason. verdict.c */
int64_t page_check_finds(const struct page *p);

/* An object's number; 0 where it has none of that name. */
int64_t page_int(const struct json *object, const char *key);
/* REPORT.SECTION.KEY; 0 where it is not there. */
int64_t page_count(const struct page *p, const char *section, const char *key);
/* The sum of a section's numbers. */
int64_t page_sum(const struct json *section);

/*
 * What a key of the report is called, in a few words: report_words.c. In the other language, or as it is, where there is no
 * word for it.
 */
enum page_words { WORDS_SECTION, WORDS_FORMAT, WORDS_FOUND, WORDS_ACTION, WORDS_COUNT };
void page_word(struct page *p, enum page_words list, const char *key);
/* What a reason for holding something means. */
void page_reason(struct page *p, const char *reason);

/* The parts of the body, in their order. */
void page_verdict(struct page *p); /* within the summary */
void page_summary(struct page *p);
void page_told(struct page *p);
void page_follows(struct page *p);
void page_withdrawn(struct page *p);
void page_review(struct page *p);
void page_remains(struct page *p);
void page_held(struct page *p);
void page_fields(struct page *p);
void page_charts(struct page *p);
void page_previous(struct page *p);
void page_check(struct page *p);
void page_others(struct page *p);
void page_parts(struct page *p);
void page_digests(struct page *p);

#endif
