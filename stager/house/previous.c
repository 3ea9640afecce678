/* What a report says of the version before: which one that is, and the difference of every number. */
#include <stdio.h>
#include <string.h>

#include "stager/json.h"
#include "stager/ledger.h"
#include "version.h"

/* Sections that are compared; of what was held back its counts. */
static const char *const sections[] = {
    "files", "formats", "records", "bytes", "members", "actions", "found", "subjects", "check", "held"};

static int64_t
count_of(const struct json *section, const char *key)
{
	const struct json *n = json_get(section, key), *count = json_get(n, "count");

	n = count != NULL ? count : n;
	return n == NULL || n->type != JSON_INT ? 0 : n->integer;
}

/* Keys of `keys` whose numbers are not the same in both: now minus before. */
static void
compare(struct json *out, const struct json *keys, const struct json *now, const struct json *before)
{
	for (size_t i = 0; keys != NULL && i < keys->count; i++) {
		int64_t delta = count_of(now, keys->keys[i]) - count_of(before, keys->keys[i]);

		if (delta != 0)
			json_set_int(out, keys->keys[i], delta);
	}
}

static struct json *
difference(const struct json *now, const struct json *before)
{
	struct json *all = json_object();

	for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++) {
		const struct json *a = json_get(now, sections[i]), *b = json_get(before, sections[i]);
		struct json *section = json_object();

		compare(section, a, a, b);
		compare(section, b, a, b);
		if (section->count > 0)
			json_set(all, sections[i], section);
		else
			json_free(section);
	}
	return all;
}

/* What each rule counts: comparable where the rules are the same. {"3:records:passed": now minus before, where not 0} */
static void
rules_difference(struct json *all, const struct json *now, const struct json *before)
{
	struct json *out = json_object();
	const struct json *const lists[] = {now, before};

	for (size_t l = 0; l < 2; l++) {
		for (size_t r = 0; lists[l] != NULL && r < lists[l]->count; r++) {
			const char *rule = lists[l]->keys[r];
			const struct json *part = lists[l]->items[r];

			for (size_t s = 0; s < part->count; s++) {
				const struct json *a = json_get(json_get(now, rule), part->keys[s]),
						  *b = json_get(json_get(before, rule), part->keys[s]),
						  *section = part->items[s];

				for (size_t k = 0; section->type == JSON_OBJECT && k < section->count; k++) {
					int64_t delta =
					    count_of(a, section->keys[k]) - count_of(b, section->keys[k]);
					char key[80];

					(void)snprintf(key, sizeof(key), "%s:%s:%s", rule, part->keys[s],
					    section->keys[k]);
					if (delta != 0)
						json_set_int(out, key, delta);
				}
			}
		}
	}
	if (out->count > 0)
		json_set(all, "rules", out);
	else
		json_free(out);
}

int
version_previous(
    struct house *h, const char *id, const struct buf *policy, struct json *report, struct err *e)
{
	struct ledger_query *q = ledger_query(h->ledger, e,
	    "SELECT p.id, p.number, p.policy = ?2, p.scrubber = v.scrubber, p.report FROM version v JOIN "
	    "version p ON p.dataset = v.dataset AND p.number < v.number AND p.report IS NOT NULL AND p.state "
	    "IN ('LOGGED','ACCEPTED','SENT','WITHDRAWN') WHERE v.id = ?1 ORDER BY p.number DESC LIMIT 1",
	    "sb", id, policy->data, policy->len);
	struct json *before = NULL, *j, *all;
	const void *data;
	size_t len;
	int more = ledger_next(q, e);

	if (more == 1) {
		data = ledger_blob(q, 4, &len);
		if ((before = json_parse_canonical(data, len, "ledger: report", e)) == NULL) {
			e->code = ERR_FORGED;
			more = -1;
		} else {
			j = json_object();
			json_set_string(j, "version-id", ledger_text(q, 0));
			json_set_int(j, "version", ledger_int(q, 1));
			json_set_string(j, "policy", ledger_int(q, 2) == 1 ? "same" : "changed");
			json_set_string(j, "scrubber", ledger_int(q, 3) == 1 ? "same" : "changed");
			json_set(j, "difference", all = difference(report, before));
			if (ledger_int(q, 2) == 1)
				rules_difference(all, json_get(report, "rules"), json_get(before, "rules"));
			json_set(report, "previous", j);
		}
	}
	ledger_end(q);
	json_free(before);
	return more == -1 ? -1 : 0;
}
