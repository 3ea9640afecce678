/* Resolved policies read back: whole, damaged at every place, and cut after every byte. */
#include "policy_yaml.h"
#include "stager/pattern.h"

static const char whole[] =
    "policy: 1\n"
    "name: ct\n"
    "project: ct-2027\n"
    "pseudonym: {domain: research, key: 3}\n"
    "dates: {order: [dd-MM-yyyy, MM-dd-yyyy, yyyy-MM-dd]}\n"
    "text: {language: [nl], default: tag, bsn: {do: tag, context: near}, extra: [{kind: zis, pattern: "
    "'Z[0-9]{7}'}], date: keep, location: blank, age: {cap: 90}, keep_words: [Best], names: [Jan "
    "Klaassen], places: [Ons Dorp, Elders], institutions: [De Wilg]}\n"
    "files:\n"
    "  - match: patients.csv\n"
    "    format: csv\n"
    "    csv: {delimiter: ';', decimal: ',', missing: ['', NA, '-9']}\n"
    "    subject: nr\n"
    "    columns:\n"
    "      nr: pseudonym\n"
    "      icd10: {keep: code, pattern: '[A-Z][0-9]{2}'}\n"
    "      crp: {keep: number, range: [0, 1000]}\n"
    "      sex: {keep: enum, values: [M, V]}\n"
    "      pc: {first: 4, pattern: '[0-9]{4} ?[A-Z]{2}'}\n"
    "      day: year\n"
    "      note: text\n"
    "      bsn: drop\n"
    "      street: blank\n"
    "  - {match: letters.jsonl, format: jsonl, subject: $.nr, sample: file, fields: {$.nr: pseudonym, $.t: "
    "text}}\n"
    "  - {match: 'dicom/**', format: dicom, subject: PatientID, modality: [CT], tags: {PatientSex: keep, "
    "'(0018,0060)': drop}}\n"
    "  - {match: '**/Thumbs.db', format: drop}\n"
    "  - {match: '*.nii', format: opaque, ext: nii}\n"
    "  - {match: 'n/*.txt', format: text}\n"
    "  - {match: 'patients.*', format: drop}\n"
    "accept: {files: 1%, records: 5}\n"
    "sets: {abroad: {hold: [NL, FI, 'NO'], open: [lumi], evidence: none, results: sealed}}\n"
    "shards: {size: 64MiB}\n";

static void
test_decode(void)
{
	struct json *j = resolve(whole);
	struct policy *p = j == NULL ? NULL : policy_decode(j, &e);
	const struct rule *r;
	bool several;

	CHECK(p != NULL);
	if (p == NULL) {
		fprintf(stderr, "%s\n", e.text);
		return;
	}
	CHECK(strcmp(p->name, "ct") == 0 && strcmp(p->project, "ct-2027") == 0 &&
	      strcmp(p->domain, "research") == 0);
	CHECK(p->generation == 3 && p->rule_count == 7);
	CHECK(p->date_order_count == 3 && p->date_orders[0] == DATE_DMY && p->date_orders[1] == DATE_MDY &&
	      p->date_orders[2] == DATE_YMD);
	CHECK(p->text.action[SPAN_DATE] == TEXT_KEEP && p->text.action[SPAN_POSTCODE] == TEXT_BLANK &&
	      p->text.action[SPAN_BSN] == TEXT_TAG && p->text.age_cap == 90 && p->text.keep != NULL &&
	      !p->text.bsn_any && p->text.extra_count == 1);
	CHECK(strcmp(p->text.extra[0].kind, "zis") == 0 &&
	      pattern_match(p->text.extra[0].pattern, "Z1234567", 8));
	r = &p->rules[0];
	CHECK(r->format == FORMAT_CSV && r->delimiter == ';' && r->decimal == ',' && r->missing_count == 3);
	CHECK(strcmp(r->missing[0], "") == 0 && strcmp(r->missing[1], "NA") == 0 &&
	      strcmp(r->missing[2], "-9") == 0);
	CHECK(strcmp(r->subject, "nr") == 0 && r->field_count == 9);
	CHECK(r->fields[0].action.kind == ACTION_PSEUDONYM && strcmp(r->fields[0].name, "nr") == 0);
	CHECK(r->fields[1].action.kind == ACTION_KEEP_CODE &&
	      pattern_match(r->fields[1].action.pattern, "I10", 3));
	CHECK(r->fields[2].action.kind == ACTION_KEEP_NUMBER && r->fields[2].action.has_range &&
	      r->fields[2].action.min == 0.0 && r->fields[2].action.max == 1000.0);
	CHECK(r->fields[3].action.kind == ACTION_KEEP_ENUM && r->fields[3].action.value_count == 2 &&
	      strcmp(r->fields[3].action.values[1], "V") == 0);
	CHECK(r->fields[4].action.kind == ACTION_FIRST && r->fields[4].action.first == 4 &&
	      pattern_match(r->fields[4].action.pattern, "1234 AB", 7));
	CHECK(r->fields[5].action.kind == ACTION_YEAR && r->fields[6].action.kind == ACTION_TEXT &&
	      r->fields[7].action.kind == ACTION_DROP && r->fields[8].action.kind == ACTION_BLANK);
	r = &p->rules[1];
	CHECK(r->format == FORMAT_JSONL && !r->sample_record && strcmp(r->subject, "$.nr") == 0 &&
	      r->field_count == 2);
	r = &p->rules[2];
	CHECK(r->format == FORMAT_DICOM && r->modality_count == 1 && strcmp(r->modalities[0], "CT") == 0 &&
	      r->burned_in_hold && r->tag_count == 2);
	CHECK(r->tags[0].group == 0x0010 && r->tags[0].element == 0x0040 &&
	      r->tags[0].action.kind == ACTION_KEEP_CODE);
	CHECK(r->tags[1].group == 0x0018 && r->tags[1].element == 0x0060 &&
	      r->tags[1].action.kind == ACTION_DROP);
	CHECK(p->rules[3].format == FORMAT_DROP && p->rules[5].format == FORMAT_TEXT);
	CHECK(p->rules[4].format == FORMAT_OPAQUE && strcmp(p->rules[4].ext, "nii") == 0);

	CHECK(policy_rule(p, "dicom/a/b.dcm", &several) == &p->rules[2] && !several);
	CHECK(policy_rule(p, "letters.jsonl", &several) == &p->rules[1] && !several);
	CHECK(policy_rule(p, "nothing", &several) == NULL && !several);
	CHECK(policy_rule(p, "patients.csv", &several) == NULL && several);
	CHECK(policy_rule(p, "dicom/Thumbs.db", &several) == NULL && several);
	policy_free(p);
	policy_free(NULL);
	json_free(j);
}

/* Under these keys any text may stand: values, a column's name, a pattern, a glob. */
static bool
any_text(const char *name)
{
	static const char *const names[] = {"values", "missing", "name", "pattern", "match"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

/* Walk over the tree; at every place in turn put something that cannot stand there. */
static size_t
damage(struct json *root, struct json *at, const char *key)
{
	size_t refusals = 0;

	for (size_t i = 0; i < at->count; i++) {
		struct json *item = at->items[i], *wrong[4];
		struct policy *p;

		wrong[0] = item->type == JSON_BOOL ? json_int(1) : json_bool(true);
		wrong[1] = item->type == JSON_STRING ? json_int(1) : json_string("\001 no such thing");
		wrong[2] = json_object();
		json_set_int(wrong[2], "x", 1);
		wrong[3] = json_array();
		json_push(wrong[3], json_null());
		for (size_t k = 0; k < 4; k++) {
			const char *name = at->type == JSON_OBJECT ? at->keys[i] : key;
			/* Any text may be a value, a column's name, or a value for missing. */

			at->items[i] = wrong[k];
			p = policy_decode(root, &e);
			if (p == NULL) {
				refusals++;
			} else if (k != 1 || !any_text(name)) {
				fprintf(stderr, "%s takes wrong value %zu\n", name, k);
				CHECK(!"a wrong value is refused");
			}
			policy_free(p);
			at->items[i] = item;
			json_free(wrong[k]);
		}
		if (at->type == JSON_OBJECT) {
			char *name = at->keys[i], renamed[] = "renamed";

			at->keys[i] = renamed;
			p = policy_decode(root, &e);
			/* A set's name is the policy's own. */
			CHECK(p == NULL || strcmp(name, "abroad") == 0);
			policy_free(p);
			at->keys[i] = name;
		}
		if (item->type == JSON_OBJECT || item->type == JSON_ARRAY)
			refusals += damage(root, item, at->type == JSON_OBJECT ? at->keys[i] : key);
		if (item->type == JSON_OBJECT) {
			json_set_int(item, "extra-key", 1);
			CHECK(policy_decode(root, &e) == NULL);
			item->count--;
			free(item->keys[item->count]);
			json_free(item->items[item->count]);
		}
	}
	return refusals;
}

static void
test_decode_damage(void)
{
	struct json *j = resolve(whole);
	struct policy *p;

	CHECK(j != NULL);
	if (j == NULL)
		return;
	CHECK(damage(j, j, "") > 300);
	p = policy_decode(j, &e);
	CHECK(p != NULL);
	policy_free(p);
	json_free(j);
	j = json_null();
	CHECK(policy_decode(j, &e) == NULL && e.code == ERR_INPUT);
	json_free(j);
}

/* Cut the text after each byte: no crash, and nothing shorter than the whole is a policy but at line ends at
 * the back. */
static void
test_cut(void)
{
	size_t good = 0, len = strlen(whole);

	for (size_t i = 0; i < len; i++) {
		struct json *j = policy_from_yaml(whole, i, &e);

		if (j != NULL) {
			good++;
			/* Only the last, optional line may be gone or without its newline. */
			CHECK(i >= (size_t)(strstr(whole, "shards:") - whole) - 1);
		}
		json_free(j);
	}
	CHECK(good >= 2 && good < 10);
}

int
main(void)
{
	test_decode();
	test_decode_damage();
	test_cut();
	return check_done();
}
