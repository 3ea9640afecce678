/* A day and a month behind whoever wrote something down, at a line's end: "controle bij klachten. Tjalling 3-6". */
#include "name.h"

/* One or two figures at *at, which is moved behind them. */
static bool
part_at(const struct work *w, size_t *at, struct place *part, unsigned *value)
{
	part->at = *at;
	for (*value = 0; *at < part->at + 2 && class_at(&w->in, *at) & IS_DIGIT; ++*at)
		*value = *value * 10 + (w->in.s[*at] - '0');
	part->len = *at - part->at;
	return part->len > 0 && *value > 0;
}

static bool
held(const struct work *w, size_t start, size_t end)
{
	for (size_t k = 0; k < w->find_count; k++)
		if (w->finds[k].start < end && start < w->finds[k].end)
			return true;
	return false;
}

int
date_signed_find(struct work *w, struct err *e)
{
	const size_t count = w->find_count;

	for (size_t k = 0; k < count; k++) {
		size_t at = w->finds[k].end + 1, start = at;
		struct place first, second;
		unsigned day, month;
		uint8_t gap, behind;
		struct find f = {.type = SPAN_DATE, .rule = "date/signed", .score = 60};

		/* "WvdM, 8-10" */
		if (text_at(&w->in, at - 1) == ',' && text_at(&w->in, at) == ' ')
			start = ++at;
		if (w->finds[k].type != SPAN_PERSON || text_at(&w->in, at - 1) != ' ' ||
		    !(class_at(&w->in, at) & IS_DIGIT) || !part_at(w, &at, &first, &day))
			continue;
		gap = text_at(&w->in, at++);
		if ((gap != '-' && gap != '/') || !part_at(w, &at, &second, &month) ||
		    !day_exists(0, month, day))
			continue;
		behind = text_at(&w->in, at);
		if ((behind != 0 && behind != '\n' && behind != '\r') || held(w, start, at))
			continue;
		date_set(&f, start, at, 0, month, day);
		date_places(&f, (struct place){0, 0}, second, first);
		if (find_add(w, &f, e) == -1)
			return -1;
	}
	return 0;
}
