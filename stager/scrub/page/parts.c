/* The page's tables and charts: what was held back, found and done, by rule and by file, and since the version before. */
#include "page.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stager/json.h"

#define QUASI_MAX 16   /* attributes (anonymity.h) */
#define FILES_SHOWN 12 /* numbers of files in a row */

static void
heading(struct page *p, const char *dutch, const char *english)
{
	page_say_in(p, "h2", dutch, english, NULL);
}

/* <th> of a column; numbers stand to the right. */
static void
column(struct page *p, bool number, const char *dutch, const char *english)
{
	page_raw(p, number ? "<th scope=\"col\" class=\"n\">" : "<th scope=\"col\">");
	page_say(p, dutch, english, NULL);
	page_raw(p, "</th>");
}

static void
cell_number(struct page *p, int64_t n)
{
	page_raw(p, n == 0 ? "<td class=\"n zero\">" : "<td class=\"n\">");
	page_number(p, n);
	page_raw(p, "</td>");
}

/* What falls to a part: below the smallest count that is told nothing stands there, and it may be none. */
static void
cell_part(struct page *p, int64_t n)
{
	if (n > 0 || p->least == 1) {
		cell_number(p, n);
		return;
	}
	page_raw(p, "<td class=\"n zero\">");
	page_say(p, "onder #1", "below #1", &p->least);
	page_raw(p, "</td>");
}

static int64_t
held_count(const struct json *entry)
{
	const struct json *n = json_get(entry, "count");

	return n == NULL ? 0 : n->integer;
}

/* "1, 2 (column 7), ..." */
static void
held_files(struct page *p, const struct json *entry)
{
	const struct json *files = json_get(entry, "files"), *columns = json_get(entry, "columns");

	for (size_t i = 0; files != NULL && i < files->count && i < FILES_SHOWN; i++) {
		page_raw(p, i == 0 ? "" : ", ");
		page_number(p, files->items[i]->integer);
		if (columns != NULL && i < columns->count)
			page_say(p, " (kolom #1)", " (column #1)", &columns->items[i]->integer);
	}
	if (files != NULL && files->count > FILES_SHOWN)
		page_raw(p, ", \xe2\x80\xa6");
}

static void
held_row(struct page *p, const char *key, const struct json *entry, int64_t most)
{
	const char *colon = strchr(key, ':');

	page_raw(p, "<tr><td class=\"n\">");
	page_number(p, held_count(entry));
	page_raw(p, "</td><td>");
	if (strncmp(key, "file:", 5) == 0)
		page_say(p, "{1:bestand|bestanden}", "{1:file|files}", (const int64_t[]){held_count(entry)});
	else if (strncmp(key, "record:", 7) == 0)
		page_say(p, "{1:record|records}", "{1:record|records}", (const int64_t[]){held_count(entry)});
	else
		page_say(p, "{1:onderdeel|onderdelen}", "{1:member|members}",
		    (const int64_t[]){held_count(entry)});
	page_raw(p, "</td><td>");
	page_reason(p, colon == NULL ? key : colon + 1);
	page_raw(p, "</td><td>");
	held_files(p, entry);
	page_raw(p, "</td><td class=\"chart\">");
	page_bar(p, held_count(entry), most);
	page_raw(p, "</td></tr>\n");
}

void
page_held(struct page *p)
{
	const struct json *held = json_get(p->report, "held");
	int64_t most = 0;

	page_raw(p, "<section>");
	heading(p, "Wat is vastgehouden, en waarom", "What was held back, and why");
	if (held == NULL || held->count == 0) {
		page_say_in(p, "p", "Niets.", "Nothing.", NULL);
		page_raw(p, "</section>\n");
		return;
	}
	page_say_in(p, "p",
	    "Wat is vastgehouden zit niet in deze versie. Bestanden worden genoemd bij hun nummer in de "
	    "volgorde "
	    "van de bron.",
	    "What was held back is not in this version. Files are named by their number in the source's "
	    "order.",
	    NULL);
	for (size_t i = 0; i < held->count; i++)
		if (held_count(held->items[i]) > most)
			most = held_count(held->items[i]);
	page_raw(p, "<div class=\"wide\"><table><thead><tr>");
	column(p, true, "aantal", "count");
	column(p, false, "van", "of");
	column(p, false, "reden", "reason");
	column(p, false, "in de bestanden", "in files");
	page_raw(p, "<td></td>");
	page_raw(p, "</tr></thead><tbody>\n");
	for (size_t i = 0; i < held->count; i++)
		held_row(p, held->keys[i], held->items[i], most);
	page_raw(p, "</tbody></table></div></section>\n");
}

/* A section's counters, most first. */
static int
compare_counts(const void *a, const void *b)
{
	const struct json *x = *(const struct json *const *)a, *y = *(const struct json *const *)b;

	return x->integer < y->integer ? 1 : x->integer > y->integer ? -1 : 0;
}

static void
chart(struct page *p, const char *name, enum page_words words, const char *dutch, const char *english)
{
	const struct json *section = json_get(p->report, name), **order;
	size_t key;

	if (section == NULL || section->count == 0 ||
	    (order = calloc(section->count, sizeof(*order))) == NULL)
		return;
	for (size_t i = 0; i < section->count; i++)
		order[i] = section->items[i];
	qsort(order, section->count, sizeof(*order), compare_counts);
	page_raw(p, "<section>");
	heading(p, dutch, english);
	page_raw(p, "<table class=\"bars\"><tbody>\n");
	for (size_t i = 0; i < section->count && (i == 0 || order[i]->integer > 0); i++) {
		for (key = 0; section->items[key] != order[i]; key++)
			continue;
		page_raw(p, "<tr><th scope=\"row\">");
		page_word(p, words, section->keys[key]);
		page_raw(p, "</th>");
		cell_number(p, order[i]->integer);
		page_raw(p, "<td class=\"chart\">");
		page_bar(p, order[i]->integer, order[0]->integer);
		page_raw(p, "</td></tr>\n");
	}
	page_raw(p, "</tbody></table></section>\n");
	free(order);
}

void
page_charts(struct page *p)
{
	chart(p, "found", WORDS_FOUND, "Gevonden in vrije tekst en vervangen",
	    "Found in free text and replaced");
	chart(p, "actions", WORDS_ACTION, "Wat er met de waarden is gedaan", "What was done with the values");
	chart(p, "formats", WORDS_FORMAT, "Bestanden naar soort", "Files by format");
}

/* Of each quasi-identifier how many values are shown, and how many persons, or records, at least share one: its own k. */
static void
quasi(struct page *p)
{
	const struct json *section = json_get(p->report, "quasi");
	char key[32];

	if (section == NULL || section->type != JSON_OBJECT || section->count == 0)
		return;
	page_raw(p, "<section>");
	heading(p, "Wat van elk indirect kenmerk wordt getoond", "What is shown of each quasi-identifier");
	page_say_in(p, "p",
	    "In de volgorde van quasi: in het beleid. De laatste kolom is de k van dat kenmerk alleen.",
	    "In the order of quasi: in the policy. The last column is the k of that attribute alone.", NULL);
	page_raw(p, "<div class=\"wide\"><table><thead><tr>");
	column(p, true, "kenmerk", "attribute");
	column(p, true, "verschillende waarden", "different values");
	if (json_get(json_get(p->report, "disclosure"), "records") != NULL)
		column(p, true, "records met de zeldzaamste", "records with the rarest");
	else
		column(p, true, "personen met de zeldzaamste", "persons with the rarest");
	page_raw(p, "</tr></thead><tbody>\n");
	for (int64_t i = 1; i <= QUASI_MAX; i++) {
		(void)snprintf(key, sizeof(key), "%d-values", (int)i);
		if (json_get(section, key) == NULL)
			continue;
		page_raw(p, "<tr><th scope=\"row\" class=\"n\">");
		page_number(p, i);
		page_raw(p, "</th>");
		cell_number(p, page_int(section, key));
		(void)snprintf(key, sizeof(key), "%d-smallest", (int)i);
		cell_number(p, page_int(section, key));
		page_raw(p, "</tr>\n");
	}
	page_raw(p, "</tbody></table></div></section>\n");
}

/* "set-2-classes" is about the second of the policy's sets. */
static void
count_word(struct page *p, const char *key)
{
	int64_t set;
	char *rest;

	if (strncmp(key, "set-", 4) == 0 && (set = (int64_t)strtol(key + 4, &rest, 10)) > 0 && *rest == '-') {
		page_say(p, "set #1: ", "set #1: ", &set);
		key = rest + 1;
	}
	page_word(p, WORDS_COUNT, key);
}

/* Of disclosure control `held` says whether, not how many. */
static bool
yes_or_no(const struct page *p, size_t section, size_t key)
{
	return strcmp(p->report->keys[section], "disclosure") == 0 &&
	       strcmp(p->report->items[section]->keys[key], "held") == 0;
}

/* What is known of the sections that have a place of their own; whatever else is counted gets a table. */
void
page_others(struct page *p)
{
	static const char *const shown[] = {"files", "records", "bytes", "members", "formats", "actions",
	    "found", "canaries", "check", "held", "fields", "rules", "by-file", "previous", "told", "quasi",
	    "withdrawn", NULL};

	for (size_t i = 0; i < p->report->count; i++) {
		const struct json *section = p->report->items[i];
		bool known = section->type != JSON_OBJECT || section->count == 0;

		for (size_t k = 0; shown[k] != NULL; k++)
			known = known || strcmp(p->report->keys[i], shown[k]) == 0;
		if (known)
			continue;
		page_raw(p, "<section><h2 class=\"word\">");
		page_word(p, WORDS_SECTION, p->report->keys[i]);
		page_raw(p, "</h2><table class=\"bars\"><tbody>\n");
		for (size_t k = 0; k < section->count; k++) {
			if (section->items[k]->type != JSON_INT)
				continue;
			page_raw(p, "<tr><th scope=\"row\">");
			count_word(p, section->keys[k]);
			page_raw(p, "</th>");
			if (yes_or_no(p, i, k))
				page_say_in(p, "td class=\"n\"",
				    section->items[k]->integer > 0 ? "ja" : "nee",
				    section->items[k]->integer > 0 ? "yes" : "no", NULL);
			else
				cell_number(p, section->items[k]->integer);
			page_raw(p, "</tr>\n");
		}
		page_raw(p, "</tbody></table></section>\n");
	}
	quasi(p);
}

static enum page_words
words_of(const char *section)
{
	if (strcmp(section, "formats") == 0)
		return WORDS_FORMAT;
	if (strcmp(section, "found") == 0)
		return WORDS_FOUND;
	return strcmp(section, "actions") == 0 ? WORDS_ACTION : WORDS_COUNT;
}

/* "3:records:passed" */
static void
previous_rule(struct page *p, const char *key)
{
	const char *colon = strchr(key, ':'), *last = strrchr(key, ':');
	int64_t rule = (int64_t)strtoll(key, NULL, 10);
	char section[32] = "";

	if (rule == 0)
		page_say(p, "geen regel: ", "no rule: ", NULL);
	else
		page_say(p, "regel #1: ", "rule #1: ", &rule);
	if (colon != NULL && (size_t)(last - colon) < sizeof(section)) {
		if (last > colon)
			memcpy(section, colon + 1, (size_t)(last - colon - 1));
		page_word(p, WORDS_SECTION, section);
		page_raw(p, ", ");
		page_word(p, words_of(section), last + 1);
	}
}

static void
previous_section(struct page *p, const char *name, const struct json *section)
{
	for (size_t i = 0; i < section->count; i++) {
		page_raw(p, "<tr><td>");
		page_word(p, WORDS_SECTION, name);
		page_raw(p, "</td><td>");
		if (strcmp(name, "held") == 0 && strchr(section->keys[i], ':') != NULL)
			page_reason(p, strchr(section->keys[i], ':') + 1);
		else if (strcmp(name, "rules") == 0)
			previous_rule(p, section->keys[i]);
		else
			page_word(p, words_of(name), section->keys[i]);
		page_raw(p, "</td><td class=\"n\">");
		page_change(p, section->items[i]->integer);
		page_raw(p, "</td></tr>\n");
	}
}

void
page_previous(struct page *p)
{
	/* Large things first. */
	static const char *const order[] = {"files", "records", "subjects", "members", "bytes", "held",
	    "found", "actions", "formats", "check", "rules", NULL};
	const struct json *previous = json_get(p->report, "previous"), *all, *policy, *scrubber;

	if (previous == NULL)
		return;
	all = json_get(previous, "difference");
	policy = json_get(previous, "policy");
	scrubber = json_get(previous, "scrubber");
	page_raw(p, "<section>");
	page_say_in(p, "h2", "Verschil met versie #1", "Difference from version #1",
	    &json_get(previous, "version")->integer);
	page_raw(p, "<p>");
	if (strcmp(policy->string, "same") == 0)
		page_say(p, "Het beleid is hetzelfde. ", "The policy is the same. ", NULL);
	else
		page_say(p,
		    "Het beleid is gewijzigd: `stager policy diff` zegt in woorden wat er nu meer uit mag. ",
		    "The policy has changed: `stager policy diff` says in words what more may leave now. ",
		    NULL);
	if (strcmp(scrubber->string, "same") != 0)
		page_say(p, "Het programma dat schoont is een andere versie. ",
		    "The scrubbing program is another version. ", NULL);
	if (all->count == 0)
		page_say(p, "Geen getal is veranderd.", "No number has changed.", NULL);
	page_raw(p, "</p>");
	if (all->count > 0) {
		page_raw(p, "<div class=\"wide\"><table><thead><tr>");
		column(p, false, "waarvan", "of what");
		column(p, false, "wat", "what");
		column(p, true, "verschil", "change");
		page_raw(p, "</tr></thead><tbody>\n");
		for (size_t i = 0; order[i] != NULL; i++)
			if (json_get(all, order[i]) != NULL)
				previous_section(p, order[i], json_get(all, order[i]));
		page_raw(p, "</tbody></table></div>");
	}
	page_raw(p, "</section>\n");
}

static int64_t
part_count(const struct json *part, const char *section, const char *key)
{
	const struct json *n = json_get(json_get(part, section), key);

	return n == NULL || n->type != JSON_INT ? 0 : n->integer;
}

/* Keys are numbers, in the order of their text: "10" before "2". */
static int
compare_numbers(const void *a, const void *b)
{
	const char *x = *(const char *const *)a, *y = *(const char *const *)b;
	size_t x_len = strlen(x), y_len = strlen(y);

	return x_len != y_len ? (x_len < y_len ? -1 : 1) : strcmp(x, y);
}

static void
part_actions(struct page *p, const struct json *part)
{
	const struct json *actions = json_get(part, "actions");

	for (size_t i = 0; actions != NULL && i < actions->count; i++) {
		page_raw(p, i == 0 ? "" : "; ");
		page_word(p, WORDS_ACTION, actions->keys[i]);
		page_raw(p, "\xc2\xa0");
		page_number(p, actions->items[i]->integer);
	}
}

static void
part_row(struct page *p, const char *number, const struct json *part, bool file)
{
	const struct json *rule = json_get(part, "rule");

	page_raw(p, "<tr><th scope=\"row\" class=\"n\">");
	if (!file && strcmp(number, "0") == 0)
		page_say(p, "geen", "none", NULL);
	else
		page_number(p, (int64_t)strtoull(number, NULL, 10));
	page_raw(p, "</th>");
	if (file) {
		cell_number(p, rule == NULL ? 0 : rule->integer);
		page_raw(p, "<td>");
		page_word(p, WORDS_COUNT,
		    part_count(part, "files", "held") > 0      ? "held"
		    : part_count(part, "files", "dropped") > 0 ? "dropped"
							       : "passed");
		page_raw(p, "</td>");
	} else {
		cell_number(p, part_count(part, "files", "seen"));
		cell_number(p, part_count(part, "files", "held"));
	}
	cell_part(p, part_count(part, "records", "passed"));
	cell_part(p, part_count(part, "records", "held"));
	cell_part(p, page_sum(json_get(part, "found")));
	page_raw(p, "<td class=\"small\">");
	part_actions(p, part);
	page_raw(p, "</td></tr>\n");
}

static void
part_table(struct page *p, const struct json *parts, bool file)
{
	const char **order = calloc(parts->count, sizeof(*order));

	if (order == NULL) {
		p->failed = true;
		err_set(p->e, ERR_SYSTEM, "report: out of memory");
		return;
	}
	for (size_t i = 0; i < parts->count; i++)
		order[i] = parts->keys[i];
	qsort(order, parts->count, sizeof(*order), compare_numbers);
	page_raw(p, "<div class=\"wide\"><table><thead><tr>");
	if (file) {
		column(p, true, "bestand", "file");
		column(p, true, "regel", "rule");
		column(p, false, "lot", "outcome");
	} else {
		column(p, true, "regel", "rule");
		column(p, true, "bestanden", "files");
		column(p, true, "vast\xc2\xadgehouden", "held");
	}
	column(p, true, "records", "records");
	column(p, true, "vast\xc2\xadgehouden", "held");
	column(p, true, "vondsten", "finds");
	column(p, false, "waarden naar handeling", "values by action");
	page_raw(p, "</tr></thead><tbody>\n");
	for (size_t i = 0; i < parts->count; i++)
		part_row(p, order[i], json_get(parts, order[i]), file);
	page_raw(p, "</tbody></table></div>");
	free(order);
}

void
page_parts(struct page *p)
{
	const struct json *rules = json_get(p->report, "rules"), *files = json_get(p->report, "by-file");
	int64_t more;

	if (rules != NULL && rules->count > 0) {
		page_raw(p, "<section>");
		heading(p, "Per regel van het beleid", "By rule of the policy");
		page_say_in(p, "p",
		    "Regels tellen vanaf 1, in de volgorde waarin ze onder files: in het beleid staan.",
		    "Rules count from 1, in the order in which they stand under files: in the policy.", NULL);
		part_table(p, rules, false);
		page_raw(p, "</section>\n");
	}
	if (files == NULL || files->count == 0)
		return;
	page_raw(p, "<section class=\"appendix\">");
	heading(p, "Per bestand", "By file");
	more = page_count(p, "files", "seen") - (int64_t)files->count;
	if (more > 0)
		page_say_in(p, "p",
		    "De eerste #1 bestanden. De andere #2 staan alleen in de totalen en bij hun regel.",
		    "The first #1 files. The other #2 are in the totals and with their rule alone.",
		    (const int64_t[]){(int64_t)files->count, more});
	part_table(p, files, true);
	page_raw(p, "</section>\n");
}
