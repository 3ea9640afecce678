/* Writing a page: text that is always escaped, numbers in the way of the language, bars. */
#include "page.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "stager/json.h"

static void
put(struct page *p, const char *data, size_t len)
{
	if (!p->failed && buf_put(p->out, data, len, p->e) == -1)
		p->failed = true;
}

void
page_raw(struct page *p, const char *markup)
{
	put(p, markup, strlen(markup));
}

static void
escaped(struct page *p, char c)
{
	switch (c) {
	case '<':
		page_raw(p, "&lt;");
		break;
	case '>':
		page_raw(p, "&gt;");
		break;
	case '&':
		page_raw(p, "&amp;");
		break;
	case '"':
		page_raw(p, "&quot;");
		break;
	case '\'':
		page_raw(p, "&#39;");
		break;
	default:
		/* A page holds no control characters, and these mean nothing here. */
		if ((unsigned char)c >= 0x20 && c != 0x7f)
			put(p, &c, 1);
		else
			page_raw(p, " ");
	}
}

void
page_text(struct page *p, const char *text)
{
	for (; *text != '\0'; text++)
		escaped(p, *text);
}

void
page_number(struct page *p, int64_t n)
{
	char digits[24];
	int len = snprintf(digits, sizeof(digits), "%" PRId64, n < 0 ? -n : n);

	if (n < 0)
		page_raw(p, "\xe2\x88\x92"); /* a minus sign as wide as a plus */
	for (int i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			page_raw(p, p->dutch ? "." : ",");
		put(p, &digits[i], 1);
	}
}

void
page_change(struct page *p, int64_t n)
{
	if (n > 0)
		page_raw(p, "+");
	else if (n == 0)
		page_raw(p, "\xc2\xb1");
	page_number(p, n);
}

void
page_bytes(struct page *p, int64_t n)
{
	static const char *const units[] = {"bytes", "kB", "MB", "GB", "TB"};
	double value = (double)n;
	char text[32];
	size_t unit = 0;

	while (value >= 1000 && unit + 1 < sizeof(units) / sizeof(units[0])) {
		value /= 1000;
		unit++;
	}
	if (unit == 0)
		(void)snprintf(text, sizeof(text), "%" PRId64, n);
	else
		(void)snprintf(text, sizeof(text), "%.1f", value);
	for (char *c = text; p->dutch && *c != '\0'; c++)
		if (*c == '.')
			*c = ',';
	page_raw(p, text);
	page_raw(p, "\xc2\xa0"); /* number and unit stay together */
	page_raw(p, units[unit]);
}

/* "{1:one|many}" at text: what is said, and what is read on from there. */
static const char *
plural(struct page *p, const char *text, const int64_t *numbers)
{
	const char *end = strchr(text, '}'), *bar = strchr(text, '|');

	if (end == NULL || bar == NULL || bar > end || numbers == NULL || text[1] < '1' || text[1] > '9' ||
	    text[2] != ':') {
		put(p, text, 1);
		return text + 1;
	}
	if (numbers[text[1] - '1'] == 1)
		put(p, text + 3, (size_t)(bar - (text + 3)));
	else
		put(p, bar + 1, (size_t)(end - (bar + 1)));
	return end + 1;
}

void
page_say(struct page *p, const char *dutch, const char *english, const int64_t *numbers)
{
	const char *text = p->dutch ? dutch : english;

	while (*text != '\0') {
		if (text[0] == '#' && text[1] >= '1' && text[1] <= '9' && numbers != NULL) {
			page_number(p, numbers[text[1] - '1']);
			text += 2;
		} else if (*text == '{') {
			text = plural(p, text, numbers);
		} else {
			escaped(p, *text++);
		}
	}
}

void
page_say_in(struct page *p, const char *tag, const char *dutch, const char *english, const int64_t *numbers)
{
	page_raw(p, "<");
	page_raw(p, tag);
	page_raw(p, ">");
	page_say(p, dutch, english, numbers);
	page_raw(p, "</");
	put(p, tag, strcspn(tag, " "));
	page_raw(p, ">");
}

void
page_share(struct page *p, int64_t ppm)
{
	int64_t hundredths = (ppm + 99) / 100;
	char text[48];

	(void)snprintf(text, sizeof(text), "%" PRId64 "%s%02" PRId64 "%%", hundredths / 100,
	    p->dutch ? "," : ".", hundredths % 100);
	page_raw(p, text);
}

void
page_day(struct page *p, int64_t seconds)
{
	time_t t = (time_t)seconds;
	char text[32];
	struct tm tm;

	if (gmtime_r(&t, &tm) != NULL && strftime(text, sizeof(text), "%Y-%m-%d", &tm) > 0)
		page_raw(p, text);
}

void
page_bar(struct page *p, int64_t n, int64_t most)
{
	/* Of 1000; what is there at all is seen. */
	double part = most <= 0 ? 0 : (double)n * 1000 / (double)most;
	char text[256];

	if (n > 0 && part < 4)
		part = 4;
	(void)snprintf(text, sizeof(text),
	    "<svg class=\"bar\" viewBox=\"0 0 1000 10\" preserveAspectRatio=\"none\" aria-hidden=\"true\" "
	    "focusable=\"false\"><rect class=\"track\" width=\"1000\" height=\"10\"/><rect class=\"fill\" "
	    "width=\"%d\" height=\"10\"/></svg>",
	    (int)part);
	page_raw(p, text);
}

int64_t
page_int(const struct json *object, const char *key)
{
	const struct json *n = json_get(object, key);

	return n == NULL || n->type != JSON_INT ? 0 : n->integer;
}

int64_t
page_count(const struct page *p, const char *section, const char *key)
{
	return page_int(json_get(p->report, section), key);
}

int64_t
page_sum(const struct json *section)
{
	int64_t sum = 0;

	for (size_t i = 0; section != NULL && i < section->count; i++)
		if (section->items[i]->type == JSON_INT && section->items[i]->integer <= JSON_INT_MAX - sum)
			sum += section->items[i]->integer;
	return sum;
}
