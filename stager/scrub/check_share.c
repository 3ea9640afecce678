/*
 * The second scan over a whole file: columns and keys whose numbers pass the 11-test more often than chance lets them. A typed
 * numeric column has no word near its values, and of any one number nothing can be said; of many it can.
 */
#include "stager/check.h"

#include <stdlib.h>
#include <string.h>

#include "check_parts.h"

#define PLACES 4096     /* columns or keys of one file that are looked at */
#define BLOCK 4096      /* different numbers that are judged together */
#define SEEN_BYTES 2048 /* a bit for each hash of a number that was met */

struct place {
	uint64_t id; /* 0: free */
	uint32_t numbers, pass;
	bool told;
	uint8_t seen[SEEN_BYTES];
};

struct check_share {
	struct place *places; /* PLACES of them */
	uint64_t alarms;
};

struct check_share *
check_share_new(void)
{
	struct check_share *s = calloc(1, sizeof(*s));

	if (s != NULL)
		s->places = calloc(PLACES, sizeof(*s->places));
	if (s == NULL || s->places == NULL) {
		free(s);
		return NULL;
	}
	return s;
}

void
check_share_free(struct check_share *s)
{
	if (s == NULL)
		return;
	explicit_bzero(s->places, PLACES * sizeof(*s->places));
	free(s->places);
	free(s);
}

static long double
power(long double base, uint32_t exponent)
{
	long double made = 1;

	for (; exponent > 0; exponent >>= 1) {
		if (exponent & 1)
			made *= base;
		base *= base;
	}
	return made;
}

bool
check_share_unlikely(uint32_t pass, uint32_t numbers)
{
	const long double p = 1.0L / 11;
	long double x, bound;

	if (numbers == 0 || pass * 11 <= numbers)
		return false;
	/* Chernoff: P(X >= k) <= ((p/x)^x ((1-p)/(1-x))^(1-x))^n, x = k/n. */
	x = (long double)pass / numbers;
	bound = power(p / x, pass);
	if (pass < numbers)
		bound *= power((1 - p) / (1 - x), numbers - pass);
	return bound <= 1e-9L;
}

static void
judge(struct check_share *s, struct place *place)
{
	if (!place->told && check_share_unlikely(place->pass, place->numbers)) {
		place->told = true;
		s->alarms++;
	}
	place->numbers = place->pass = 0;
	memset(place->seen, 0, sizeof(place->seen));
}

/* Its place, by open addressing; NULL where there are more than are looked at. */
static struct place *
place_of(struct check_share *s, uint64_t id)
{
	id |= 1;
	for (uint64_t i = 0; i < 16; i++) {
		struct place *place = &s->places[((id >> 1) + i) % PLACES];

		if (place->id == 0)
			place->id = id;
		if (place->id == id)
			return place;
	}
	return NULL;
}

static uint64_t
hash(uint64_t h, const uint8_t *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		h = (h ^ s[i]) * UINT64_C(1099511628211);
	return h ^ h >> 29;
}

/* One value, without its quotes. */
static void
take(void *ctx, uint64_t id, const uint8_t *value, size_t len)
{
	struct check_share *s = ctx;
	struct place *place;
	uint8_t digit[9];
	uint64_t h;

	if (len != sizeof(digit))
		return;
	for (size_t i = 0; i < len; i++) {
		if (!check_digit(value[i]))
			return;
		digit[i] = value[i] - '0';
	}
	if ((place = place_of(s, id)) == NULL)
		return;
	/* The same number again is no further evidence. */
	h = hash(UINT64_C(14695981039346656037), value, len) % (8 * SEEN_BYTES);
	if (place->seen[h / 8] & (1u << (h % 8)))
		return;
	place->seen[h / 8] |= (uint8_t)(1u << (h % 8));
	place->numbers++;
	place->pass += check_eleven(digit, sizeof(digit));
	if (place->numbers == BLOCK)
		judge(s, place);
}

/* "key": 123456789 and "key": "123456789", wherever they stand. */
static void
each_json(struct check_share *s, const uint8_t *data, size_t len)
{
	uint64_t key = 0;
	size_t at = 0;

	while (at < len) {
		size_t start = at;
		bool string = data[at] == '"';

		if (string) {
			for (at++; at < len && data[at] != '"'; at++)
				at += data[at] == '\\';
			at += at < len;
			start++;
		} else if (check_digit(data[at])) {
			while (at < len && check_digit(data[at]))
				at++;
		} else {
			at++;
			continue;
		}
		if (at > len)
			break;
		if (string && at < len) {
			size_t next = at;

			while (next < len && (data[next] == ' ' || data[next] == '\t'))
				next++;
			if (next < len && data[next] == ':') {
				key = hash(UINT64_C(14695981039346656037), data + start, at - 1 - start);
				at = next + 1;
				continue;
			}
		}
		take(s, key, data + start, at - start - (string && at > start ? 1 : 0));
	}
}

uint64_t
check_share_end(struct check_share *s)
{
	uint64_t alarms;

	for (size_t i = 0; i < PLACES; i++)
		if (s->places[i].id != 0) {
			judge(s, &s->places[i]);
			memset(&s->places[i], 0, sizeof(s->places[i]));
		}
	alarms = s->alarms;
	s->alarms = 0;
	return alarms;
}

/* Nine digits in a row and no more, anywhere: most members have none, and are not taken apart. */
static bool
has_nine(const uint8_t *data, size_t len)
{
	for (size_t at = 8; at < len; at += 9) {
		size_t from = at, to = at;

		if (!check_digit(data[at]))
			continue;
		while (from > 0 && check_digit(data[from - 1]))
			from--;
		while (to < len && check_digit(data[to]))
			to++;
		if (to - from == 9)
			return true;
		at = to;
	}
	return false;
}

void
check_share_member(struct check_share *s, enum rescan rescan, const uint8_t *data, size_t len)
{
	if ((rescan != RESCAN_CSV && rescan != RESCAN_JSONL) || !has_nine(data, len))
		return;
	if (rescan == RESCAN_CSV)
		check_csv_each(data, len, take, s);
	else
		each_json(s, data, len);
}
