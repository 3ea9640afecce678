/* Records of a rule that writes to several sets: each line once for each of them, in parts that end with the same line. */
#include "jsonl_reader.h"

#include "stager/entry.h"
#include "stager/policy.h"

int
jsonl_records_open(struct jsonl_records *records, const struct scrub *s, struct err *e)
{
	const struct rule *rule = s->rule;

	records->count = rule->set_count > 1 ? rule->set_count : 1;
	for (size_t i = 0; i < records->count; i++) {
		struct jsonl_record *record = &records->of[i];
		struct jsonl_paths *paths = &records->paths[i];
		uint8_t set = i == 0 ? rule->set : rule->sets[i];

		if (jsonl_paths_make(paths, rule, e) == -1)
			return -1;
		if (records->count > 1)
			jsonl_paths_choose(paths, rule, set);
		if (jsonl_record_init(record, s, paths, e) == -1)
			return -1;
		record->set = set;
		if (i > 0) {
			jsonl_quasi_share(record, &records->of[0]);
			records->of[i - 1].also = record;
		}
	}
	return 0;
}

void
jsonl_records_close(struct jsonl_records *records)
{
	for (size_t i = 0; i < records->count; i++) {
		jsonl_record_free(&records->of[i]);
		jsonl_paths_free(&records->paths[i]);
	}
}
