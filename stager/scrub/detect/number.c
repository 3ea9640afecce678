/* A run of digits: what it begins, and which detector's word holds where several speak. */
#include "detect.h"

/*
 * A telephone number and a whole date both begin here, and the number is longer. "06-12-1983 20:15" is a
 * date, with the time behind it; "06-12-1983-20", all with one byte between, is a number.
 */
static bool
date_before_phone(const struct text_in *in, const struct find *date)
{
	uint8_t gap = 0;

	for (size_t i = date->start; i < date->end && gap == 0; i++)
		if (!(detect_class[in->s[i]] & IS_DIGIT))
			gap = in->s[i];
	return text_at(in, date->end) != gap;
}

/* The longer of two; of equals the first. */
static void
keep_longer(struct find *best, bool *have, const struct find *f)
{
	if (!*have || f->end - f->start > best->end - best->start)
		*best = *f;
	*have = true;
}

/*
 * Precedence: an IBAN (its check digits leave little doubt), then the longest; of equally long ones a BSN
 * behind its keyword, a telephone number, a date, a bare BSN, a postcode.
 */
bool
number_find(const struct text_in *in, size_t at, bool bsn_any, struct find *f, size_t *next)
{
	bool have = false, keyword = false, whole = false, bsn, phone, date;
	struct find bsn_is, phone_is, date_is, postcode_is;
	struct digits d;

	digits_collect(in, at, &d);
	*next = d.run_end;
	if (iban_find(in, at, f))
		return true;
	if (d.groups == 0)
		return false;
	bsn = bsn_find(in, &d, bsn_any, &keyword, &bsn_is);
	phone = phone_find(in, &d, &phone_is);
	date = date_find(in, &d, &whole, &date_is);
	if (phone && date && whole && phone_is.start == date_is.start && date_before_phone(in, &date_is))
		phone = false;
	if (bsn && keyword)
		keep_longer(f, &have, &bsn_is);
	if (phone)
		keep_longer(f, &have, &phone_is);
	if (date)
		keep_longer(f, &have, &date_is);
	if (bsn && !keyword)
		keep_longer(f, &have, &bsn_is);
	if (postcode_find(in, &d, &postcode_is))
		keep_longer(f, &have, &postcode_is);
	return have;
}
