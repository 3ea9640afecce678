/* Numbers that a keyword or a checksum makes somebody's: patients', professionals', companies', cards. */
#include "detect.h"

#include <string.h>

#define FREE_DIGITS_LEAST 5      /* of a number behind "patiëntnummer" and the like */
#define FREE_DIGITS_LEAST_WEAK 6 /* behind "patiënt" */
#define FREE_LEN_MAX 24
#define TOKENS_MAX 5          /* of a number; past the block only some are in sight */
#define LONG_DIGITS_LEAST 7   /* of a number that no word stands before */
#define LONG_LETTERED_LEAST 5 /* of one with capitals in it: "T22-014531" */

static bool
found(struct find *f, size_t start, size_t end, enum span_type type, const char *rule, uint8_t score,
    uint64_t value)
{
	*f = (struct find){
	    .start = start, .end = end, .type = type, .rule = rule, .score = score, .value = value};
	return true;
}

/*
 * Where a number of no fixed form that holds this token begins and ends: letters before it ("P-1234567"), groups
 * behind, with a dash, dot or slash between, or (spaces) a space between short ones. Returns how many digits it has.
 */
static size_t
free_extent(const struct number *n, bool spaces, size_t *start, size_t *end)
{
	const struct text_in *in = n->in;
	const struct token *t = n->token, *before = t - 1;
	size_t digits = 0;

	*start = t->start;
	if (before->len > 0 && before->len <= 4 && token_end(before) + 1 == t->start &&
	    before->start >= in->floor &&
	    (text_at(in, token_end(before)) == '-' || text_at(in, token_end(before)) == '/') &&
	    (before->shape & (TOKEN_UPPER | TOKEN_LOWER | TOKEN_DIGIT)) == TOKEN_UPPER)
		*start = before->start;
	for (;;) {
		uint8_t gap;

		for (size_t i = t->start; i < token_end(t); i++)
			digits += detect_class[in->s[i]] & IS_DIGIT;
		*end = token_end(t);
		gap = text_at(in, *end);
		if (t - n->token >= TOKENS_MAX)
			break;
		/* "INT/2024/AvR/10983" */
		if (t[1].len > 0 && t[1].len <= 4 && t[1].start == *end + 1 &&
		    !(t[1].shape & (TOKEN_DIGIT | TOKEN_WIDE)) && t[1].shape & TOKEN_UPPER &&
		    (gap == '/' || gap == '-') && text_at(in, token_end(&t[1])) == gap &&
		    t[2].start == token_end(&t[1]) + 1 && t[2].shape & TOKEN_DIGIT &&
		    token_end(&t[2]) - *start <= FREE_LEN_MAX) {
			t += 2;
			continue;
		}
		if (t[1].len == 0 || t[1].start != *end + 1 || !(t[1].shape & TOKEN_DIGIT) ||
		    token_end(&t[1]) - *start > FREE_LEN_MAX)
			break;
		if (gap != '-' && gap != '.' && gap != '/' &&
		    (gap != ' ' || !spaces || t->shape != TOKEN_DIGIT || t[1].shape != TOKEN_DIGIT ||
			t->len > 4 || t[1].len > 4))
			break;
		t++;
	}
	return digits;
}

/* A fixed number of digits behind its keyword. */
static bool
fixed_find(const struct number *n, struct find *f)
{
	static const struct {
		uint64_t class;
		uint8_t digits;
		enum span_type type;
		const char *rule;
	} forms[] = {
	    {W_KVK, 12, SPAN_KVK, "kvk/keyword"},
	    {W_KVK, 8, SPAN_KVK, "kvk/keyword"},
	    {W_AGB, 8, SPAN_AGB, "agb/keyword"},
	    {W_BIG, 11, SPAN_BIG, "big/keyword"},
	    {W_VNUMBER, 10, SPAN_VNUMBER, "v-nummer/keyword"},
	    {W_RSIN, 9, SPAN_RSIN, "rsin/keyword"},
	    {W_EDUCATION, 9, SPAN_EDUCATION, "onderwijsnummer/keyword"},
	    {W_DOCUMENT, 10, SPAN_DOCUMENT, "document/licence"},
	};

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		size_t end;

		/* "(v. Auke) 0515 571930": the letter alone is a keyword where the number stands right behind it */
		if (forms[i].type == SPAN_VNUMBER && n->token[-1].len > 1 && n->token[-1].classes == 0 &&
		    n->token[-1].shape & TOKEN_TITLE)
			continue;
		if (n->context & forms[i].class && (end = digits_end(n, forms[i].digits, " .-")) != 0)
			return found(f, n->d.at[0], end, forms[i].type, forms[i].rule, 95,
			    digits_number(&n->d, forms[i].digits));
	}
	return false;
}

/* BRIN: two digits, two letters, perhaps two digits more. */
static bool
brin_find(const struct number *n, struct find *f)
{
	const struct token *t = n->token;
	const uint8_t *s = n->in->s + t->start;

	if (!(n->context & W_BRIN) || (t->len != 4 && t->len != 6) ||
	    !(detect_class[s[0]] & detect_class[s[1]] & IS_DIGIT) || !(detect_class[s[2]] & IS_LETTER) ||
	    !(detect_class[s[3]] & IS_LETTER) ||
	    (t->len == 6 && !(detect_class[s[4]] & detect_class[s[5]] & IS_DIGIT)))
		return false;
	return found(f, t->start, token_end(t), SPAN_BRIN, "brin/keyword", 95, text_value(s, t->len, ""));
}

/* Seven or eight digits alone between names: "K. Krüger 8457153 Achter de Kerk 8", a list of patients. */
static bool
bare_find(const struct number *n, struct find *f)
{
	const struct token *t = n->token, *before = t - 1, *behind = t + 1;

	if (t->shape != TOKEN_DIGIT || t->len < 7 || t->len > 8 || before->len < 2 || behind->len < 2 ||
	    !(before->shape & behind->shape & TOKEN_TITLE) ||
	    !(before->shape & behind->shape & TOKEN_LOWER) || before->classes != 0 ||
	    t->start != token_end(before) + 1 || behind->start != token_end(t) + 1 ||
	    t->start < n->in->floor || text_at(n->in, token_end(t)) != ' ' ||
	    text_before(n->in, t->start, 1) != ' ')
		return false;
	return found(
	    f, t->start, token_end(t), SPAN_NUMBER, "number/bare", 55, digits_number(&n->d, n->d.len[0]));
}

/* Six to eight digits in brackets behind a name: "Jansen, P. (5955228), 43-jarige man", or a letter and seven. */
static bool
bracket_find(const struct number *n, struct find *f)
{
	const struct token *t = n->token, *before = t - 1;
	const size_t digits = t->len - (t->shape != TOKEN_DIGIT);
	size_t end;

	/* "O.B. (416.87.64)" */
	if (text_before(n->in, t->start, 1) == '(' && t->shape == TOKEN_DIGIT && t->len <= 3 &&
	    n->d.groups >= 3 && t->start >= n->in->floor && before->len > 0 && before->shape & TOKEN_TITLE &&
	    (before->classes == 0 || before->len == 1) && t->start - token_end(before) <= 4)
		for (size_t count = 6; count <= 8; count++)
			if ((end = digits_end(n, count, ".")) != 0 && text_at(n->in, end) == ')')
				return found(f, t->start, end, SPAN_NUMBER, "number/bracket", 55,
				    digits_number(&n->d, count));
	if (text_before(n->in, t->start, 1) != '(' || text_at(n->in, token_end(t)) != ')' || digits < 6 ||
	    digits > 8 ||
	    (t->shape != TOKEN_DIGIT &&
		(digits != 7 || n->d.len[0] != 7 || !(detect_class[n->in->s[t->start]] & IS_UPPER))) ||
	    t->start < n->in->floor || before->len == 0 || !(before->shape & TOKEN_TITLE) ||
	    (before->classes != 0 && before->len > 1) || t->start - token_end(before) > 4)
		return false;
	return found(
	    f, t->start, token_end(t), SPAN_NUMBER, "number/bracket", 55, digits_number(&n->d, n->d.len[0]));
}

/* "o.v.v. 405933/W12" */
static bool
quoted_as(const struct number *n)
{
	const struct token *t = n->token - 1;

	return t->len == 1 && token_is(n->w, t, "v") && token_is(n->w, t - 1, "v") &&
	       token_is(n->w, t - 2, "o") && n->token->start - token_end(t) <= 3;
}

/* A sign or word of money beside it, or of what is counted: "€ 1250000", "2500000 cellen". */
static bool
is_amount(const struct number *n, size_t start, size_t end)
{
	static const char *const before[] = {"eur", "euro", "bedrag", "fl", "usd", "totaal", "ruim",
	    "ongeveer", "circa", "bijna", "meterstand", "kilometerstand", "stand", "oplage", NULL};
	const struct text_in *in = n->in;
	const struct token *first = n->token, *last = n->token;

	while (first->start > start)
		first--;
	while (last->len > 0 && token_end(last) < end)
		last++;
	/* the euro's last byte, a dollar, a decimal comma, a sign of less or more */
	for (size_t back = 1; back <= 2; back++) {
		uint8_t c = text_before(in, start, back);

		if (c == 0xac || c == '$' || c == '^' || c == '+' ||
		    ((c == '<' || c == '>') && text_at(in, end) != '>') ||
		    (back == 1 && (c == ',' || c == '.') && class_before(in, start, 2) & IS_DIGIT))
			return true;
		if (c != ' ')
			break;
	}
	if (text_at(in, end) == '%' || text_at(in, end) == '^' ||
	    ((text_at(in, end) == ',' || text_at(in, end) == '.') &&
		(class_at(in, end + 1) & IS_DIGIT ||
		    (text_at(in, end) == ',' && text_at(in, end + 1) == '-'))))
		return true;
	for (const char *const *word = before; first[-1].len > 0 && *word != NULL; word++)
		if (token_is(n->w, first - 1, *word))
			return true;
	/* "10000 inwoners": what is counted stands in the plural */
	if (last[1].len > 2 && last[1].start == end + 1 && text_at(in, end) == ' ' &&
	    last[1].shape == TOKEN_LOWER) {
		const uint8_t *tail = in->s + token_end(&last[1]) - 2;

		if (last[1].classes & W_UNIT || (tail[0] == 'e' && tail[1] == 'n') || tail[1] == 's')
			return true;
	}
	return last[1].start <= end + 1 && last[1].classes & W_UNIT;
}

/* What is registered all over the world, and nobody's own: "NCT01234567". */
static bool
is_public(const struct number *n, size_t start, size_t end)
{
	static const char *const fronts[] = {
	    "nct", "isrctn", "ntr", "pmc", "iso", "nen", "cas", "ean", "chembl", "kb", "0x"};
	const uint8_t *s = n->in->s + start;

	for (size_t i = 0; i < sizeof(fronts) / sizeof(fronts[0]); i++) {
		size_t len = strlen(fronts[i]);

		if (end - start > len && word_same(s, len, fronts[i], len))
			return true;
	}
	return false;
}

/*
 * Seven digits and more that are nothing else, or five and capitals: somebody's number, whatever it is called.
 * What is measured, paid or counted is none.
 */
bool
long_find(const struct number *n, struct find *f)
{
	size_t start, end, digits, capitals = 0;
	uint8_t behind = text_at(n->in, token_end(n->token));

	/* Most numbers are short, and end there. */
	if (n->token->shape & TOKEN_LOWER ||
	    (n->token->len < LONG_LETTERED_LEAST && behind != '-' && behind != '/' && behind != '.' &&
		text_before(n->in, n->token->start, 1) != '-' &&
		text_before(n->in, n->token->start, 1) != '/'))
		return false;
	if (n->token->len > FREE_LEN_MAX || n->token->start < n->in->floor ||
	    n->context & (W_VERSION | W_NOID) || n->token->shape & TOKEN_WIDE)
		return false;
	digits = free_extent(n, false, &start, &end);
	if (digits > DIGITS_MAX || end - start > FREE_LEN_MAX)
		return false;
	for (size_t i = start; i < end; i++) {
		if (detect_class[n->in->s[i]] & IS_LOWER)
			return false;
		capitals += (detect_class[n->in->s[i]] & IS_UPPER) != 0;
	}
	if (digits < (capitals > 0 ? LONG_LETTERED_LEAST : LONG_DIGITS_LEAST))
		return false;
	/* an object's identifier, a version */
	if (capitals == 0 && n->d.groups >= 4 && digits_gap(n->in, &n->d, 0) == '.' &&
	    digits_gap(n->in, &n->d, 1) == '.' && digits_gap(n->in, &n->d, 2) == '.')
		return false;
	/* "1.250.000", "12-14-16": groups alone are no number; "2024-118834" is one */
	if (capitals == 0 && n->token->len != digits) {
		size_t longest = 0;

		for (size_t i = 0; i < n->d.groups && n->d.at[i] < end; i++)
			longest = n->d.len[i] > longest ? n->d.len[i] : longest;
		if (longest < 5)
			return false;
	}
	/* round: an amount, a count */
	if (capitals == 0 && n->in->s[end - 1] == '0' && n->in->s[end - 2] == '0' && n->in->s[end - 3] == '0')
		return false;
	if (is_amount(n, start, end) || is_public(n, start, end))
		return false;
	return found(
	    f, start, end, SPAN_NUMBER, "number/long", 45, text_value(n->in->s + start, end - start, " .-/"));
}

/*
 * "dossier FG/0188", "donornr K-0933", "code 5511-HSK", "kaart 23-118-K", "Dossier RT 55.204": capitals and figures
 * joined, behind a word for somebody's number; and four figures behind "startnr", "tolk nr.".
 */
bool
coded_find(const struct number *n, struct find *f)
{
	static const char *const words[] = {"dossier", "code", "kaart", "nr", "nummer", "monster", "subject",
	    "declaratie", "polis", "kenmerk", "zaak", "ref", "referentie", "transport", "verwijzing",
	    "offerte", "taxipas", "pas", "registratie", "incident", "melding", "casus", "deelnemer",
	    "proefpersoon", "dossiernummer", "pers", "vim", "mip", "bon", "akte", "aanslag", "claim",
	    "begroting", NULL};
	static const char *const not_behind[] = {
	    "kamer", "art", "artikel", "bed", "best", "kamp", "huis", "figuur", NULL};
	const struct text_in *in = n->in;
	const struct token *t = n->token, *front = t - 1, *key;
	size_t start = t->start, end, digits = 0, capitals = 0;
	bool joined = text_at(in, token_end(front)) == '-' || text_at(in, token_end(front)) == '/', keyed,
	     coded;
	uint64_t classes;
	uint8_t before = text_before(in, start, 1);

	if (t->start < in->floor || t->shape & TOKEN_WIDE || before == ',' || before == '.')
		return false;
	/* the letters before the first figure */
	if (front->len > 0 && front->len <= 4 && token_end(front) + 1 == start && front->start >= in->floor &&
	    (front->shape & (TOKEN_UPPER | TOKEN_LOWER | TOKEN_DIGIT)) == TOKEN_UPPER &&
	    (joined || before == ' ')) {
		start = front->start;
		key = front - 1;
	} else {
		/* figures alone, which most numbers are: four, or nothing */
		uint8_t behind = text_at(in, token_end(t));

		if (t->shape == TOKEN_DIGIT && t->len != 4 &&
		    ((behind != '-' && behind != '/' && behind != '.') ||
			!(class_at(in, token_end(t) + 1) & (IS_DIGIT | IS_UPPER))))
			return false;
		key = front;
	}
	if (key->len == 0 || key->shape & TOKEN_DIGIT || start - token_end(key) > 3)
		return false;
	/* Figures alone, and not four of them: most numbers. */
	if (start == t->start && t->shape == TOKEN_DIGIT && t->len != 4 &&
	    !((text_at(in, token_end(t)) == '-' || text_at(in, token_end(t)) == '/' ||
		  text_at(in, token_end(t)) == '.') &&
		class_at(in, token_end(t) + 1) & (IS_DIGIT | IS_UPPER)))
		return false;
	for (size_t i = token_end(key); i < start; i++)
		if (in->s[i] != ' ' && in->s[i] != ':' && in->s[i] != '.')
			return false;
	for (end = start; end < in->len && end - start < FREE_LEN_MAX; end++) {
		uint8_t class = detect_class[in->s[end]];

		if (class & IS_LOWER)
			return false;
		digits += (class & IS_DIGIT) != 0;
		capitals += (class & IS_UPPER) != 0;
		if (!(class & IS_ALNUM) && !((in->s[end] == '-' || in->s[end] == '/' || in->s[end] == '.' ||
						 (in->s[end] == ' ' && end + 1 == t->start)) &&
					       class_at(in, end + 1) & (IS_DIGIT | IS_UPPER)))
			break;
	}
	if (end < in->len && class_at(in, end) & IS_ALNUM)
		return false;
	if (text_at(in, end) == '%' || t[1].classes & W_UNIT)
		return false;
	coded = digits <= DIGITS_MAX && capitals > 0 && capitals <= 6 &&
		(digits >= 4 || (digits == 3 && capitals >= 4));
	/* "subject 0711-014", "monster 88-2025-031"; but "kaart 2023-2024" */
	coded = coded || (capitals == 0 && digits >= 6 && digits <= 12 && t->shape == TOKEN_DIGIT &&
			     text_at(in, token_end(t)) == '-' &&
			     !(t->len == 4 && end - start == 9 && in->s[start + 5] != '0'));
	if (!coded && !(capitals == 0 && digits == 4 && end == token_end(t)))
		return false;
	classes = token_classes(n->w, key);
	keyed = (classes & (W_OTHER | W_PATIENT | W_NUMBER)) != 0;
	for (const char *const *word = words; coded && !keyed && *word != NULL; word++)
		keyed = token_is(n->w, key, *word);
	if (!keyed || classes & W_NOID || token_is(n->w, key, "no"))
		return false;
	for (const char *const *word = not_behind; *word != NULL; word++)
		if (token_is(n->w, key - 1, *word))
			return false;
	if (coded)
		return found(f, start, end, SPAN_NUMBER, "number/coded", 65,
		    text_value(in->s + start, end - start, " .-/"));
	/* four figures want a word that is nothing but a number's: "startnr", "tolk nr." */
	return !(classes & W_WEAK) && start > token_end(key) &&
	       found(f, start, end, SPAN_NUMBER, "number/short", 55,
		   text_value(in->s + start, end - start, " .-/"));
}

bool
keyword_find(const struct number *n, bool *strong, struct find *f)
{
	bool quoted = quoted_as(n), weak = (n->context & W_WEAK && !(n->context & W_NUMBER)) || quoted;
	size_t start, end, digits;
	bool colon;

	*f = (struct find){.rule = NULL};
	*strong = false;
	if (bare_find(n, f) || bracket_find(n, f))
		return true;
	*strong = true;
	if (n->context == 0 && !(n->token[-1].classes & W_NUMBER) && !quoted)
		return false;
	if (fixed_find(n, f) || brin_find(n, f))
		return true;
	/* "Nr: 1234567" heads a form; "op naam van X, nummer 55.99.59"; but "kamer nummer 12345" */
	colon = n->token[-1].classes & W_NUMBER && n->token->start - token_end(n->token - 1) <= 2 &&
		!token_is(n->w, n->token - 2, "art") && !token_is(n->w, n->token - 2, "artikel") &&
		!token_is(n->w, n->token - 2, "kamer") && !token_is(n->w, n->token - 2, "best");
	if ((!(n->context & (W_PATIENT | W_OTHER)) && !colon && !quoted) || n->token->len > FREE_LEN_MAX ||
	    n->token->start < n->in->floor)
		return false;
	weak = weak || !(n->context & (W_PATIENT | W_OTHER));
	*strong = !weak;
	digits = free_extent(n, true, &start, &end);
	if (digits < (weak ? FREE_DIGITS_LEAST_WEAK : FREE_DIGITS_LEAST) || digits > DIGITS_MAX)
		return false;
	return found(f, start, end, n->context & W_PATIENT ? SPAN_PATIENT : SPAN_NUMBER,
	    n->context & W_PATIENT ? "patient/keyword" : "number/keyword", weak ? 70 : 90,
	    text_value(n->in->s + start, end - start, " .-/"));
}

/* ISO 7064 mod 97-10 over "NL", nine digits, "B" and two more (natural persons since 2020). */
static bool
vat_97(const uint8_t *nine, const uint8_t *two)
{
	unsigned rest = 2321; /* NL */

	for (size_t i = 0; i < 9; i++)
		rest = (rest * 10 + nine[i]) % 97;
	rest = (rest * 100 + 11) % 97; /* B */
	for (size_t i = 0; i < 2; i++)
		rest = (rest * 10 + two[i]) % 97;
	return rest == 1;
}

bool
vat_find(const struct number *n, struct find *f)
{
	const struct text_in *in = n->in;
	const struct digits *d = &n->d;
	size_t start = d->at[0], before, end;
	bool named = (n->context & W_VAT) != 0, checks;
	uint8_t two[2];

	if (d->count < 9)
		return false;
	end = d->after[8];
	for (int i = 0;
	     i < 2 && (text_at(in, end) == '.' || text_at(in, end) == ' ' || text_at(in, end) == '-'); i++)
		end++;
	if ((text_at(in, end) | 0x20) != 'b' || !(class_at(in, end + 1) & class_at(in, end + 2) & IS_DIGIT) ||
	    word_at(in, end + 3))
		return false;
	two[0] = in->s[end + 1] - '0';
	two[1] = in->s[end + 2] - '0';
	end += 3;
	before =
	    start > in->floor && (in->s[start - 1] == ' ' || in->s[start - 1] == '.') ? start - 1 : start;
	if (before >= in->floor + 2 && (in->s[before - 1] | 0x20) == 'l' &&
	    (in->s[before - 2] | 0x20) == 'n' && !word_before(in, before - 2)) {
		start = before - 2;
		named = true;
	}
	checks = bsn_eleven(d->digit, 9) || vat_97(d->digit, two);
	if (!checks && !named)
		return false;
	return found(f, start, end, SPAN_VAT, checks ? "btw/check" : "btw/keyword", checks ? 100 : 80,
	    digits_number(d, 9) * 100 + two[0] * 10u + two[1]);
}
