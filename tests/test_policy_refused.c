/* Policies that are refused: in which line, and for what. */
#include "policy_yaml.h"

#define XML                                                                \
	"policy: 1\nname: n\nproject: p\npseudonym: {domain: d}\nfiles:\n" \
	"  - match: '*.xml'\n    format: xml\n"

static void
test_refused_whole(void)
{
	static const struct {
		const char *yaml;
		unsigned line;
		const char *why;
	} cases[] = {
	    {"", 1, "empty"},
	    {"# only a comment\n", 2, "empty"},
	    {"- a\n", 1, "not a mapping"},
	    {"text\n", 1, "not a mapping"},
	    {"policy: 1\nname: &x n\n", 2, "anchors"},
	    {"policy: 1\nname: *x\n", 2, "aliases"},
	    {"policy: 1\nfiles: &x [a]\n", 2, "anchors"},
	    {"policy: 1\nfiles: &x {a: b}\n", 2, "anchors"},
	    {"policy: 1\nname: !!str n\n", 2, "tags"},
	    {"policy: 1\nname: ! n\n", 2, "tags"},
	    {"policy: 1\nfiles: !x [a]\n", 2, "tags"},
	    {"policy: 1\nname: a\nproject: b\nname: c\n", 4, "`name` stands twice, first in line 2"},
	    {"policy: 1\n---\npolicy: 1\n", 2, "second document"},
	    {"%YAML 1.1\n---\npolicy: 1\n", 1, "directives"},
	    {"%TAG !x! tag:x,2000:\n---\npolicy: 1\n", 1, "directives"},
	    {"policy: 1\n{a: b}: c\n", 2, ""},
	    {"policy: 1\n? [a, b]\n: c\n", 2, "key"},
	    {"policy: 1\nname: \"a\\0b\"\n", 2, "NUL"},
	    {"policy: 1\nname: 'open\n", 3, "end of stream"},
	    {"policy: 1\n\tname: n\n", 2, "found a tab"},
	    {"policy: 1\nfoo: n\n", 2, "unknown key `foo` in the policy"},
	    {"policy: 1\n<<: {name: n}\n", 2, "unknown key `<<`"},
	    {"policy: 1\nname: n\nproject: p\npseudonym: {domain: d}\ndisclosure: {k: 10}\n", 5,
		"`disclosure` wants a `subject`"},
	    {XML "    namespaces: {b: urn:b}\n    fields:\n      $.b:a: drop\n      $.c:a: drop\n", 11,
		"`$.c:a` has a prefix that is none"},
	    {XML "    fields: {$.a.@c:d: drop}\n", 8, "`$.a.@c:d` has a prefix that is none"},
	    {XML "    namespaces: {b: urn:b}\n    fields: {$.b:a: drop}\n    subject: $.c:a\n", 10,
		"a path has a prefix that is none"},
	    {XML "    namespaces:\n      b: urn:b\n      c: urn:b\n    fields: {$.b:a: drop}\n", 10,
		"two prefixes"},
	    {"name: n\n", 1, "`policy` is missing"},
	    {"policy: 2\n", 1, "not 1"},
	    {"policy: [1]\n", 1, "not a single value"},
	    {"policy: 1\n", 1, "`name` is missing"},
	    {"policy: 1\nname: N\n", 2, "not a name"},
	    {"policy: 1\nname: a..b\n", 2, "not a name"},
	    {"policy: 1\nname: .a\n", 2, "not a name"},
	    {"policy: 1\nname: ''\n", 2, "not a name"},
	    {"policy: 1\nname: a/b\n", 2, "not a name"},
	    {"policy: 1\nname: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n", 2,
		"not a name"},
	    {"policy: 1\nname: n\n", 1, "`project` is missing"},
	    {"policy: 1\nname: n\nproject: p\n", 1, "`pseudonym` is missing"},
	    {"policy: 1\nname: n\nproject: p\npseudonym: {key: 1}\n", 4, "`domain` is missing"},
	    {"policy: 1\nname: n\nproject: p\npseudonym: {domain: d, key: 0}\n", 4, "generation"},
	    {"policy: 1\nname: n\nproject: p\npseudonym: {domain: d, key: 01}\n", 4, "generation"},
	    {"policy: 1\nname: n\nproject: p\npseudonym: {domain: d, kay: 1}\n", 4, "unknown key `kay`"},
	    {"policy: 1\nname: n\nproject: p\npseudonym: {domain: d}\n", 1, "`files` is missing"},
	};
	char deep[200];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		refused(cases[i].yaml, strlen(cases[i].yaml), cases[i].line, cases[i].why);
	refused("policy: \xff\n", 10, 1, "UTF-8");
	refused("p\0olicy: 1\n", 11, 1, "control characters");
	memset(deep, '[', sizeof(deep));
	refused(deep, sizeof(deep), 1, "too deep");
}

/* Lines 5 and on of an otherwise good policy. */
static void
test_refused_parts(void)
{
	static const struct {
		const char *yaml, *why;
	} cases[] = {
	    {"dates: {shift: {step: 7}}", "`max` is missing in `shift`"},
	    {"dates: {shift: {step: 7, max: 6}}", "`max` is not between `step` and 36500 days"},
	    {"dates: {shift: {step: 0, max: 6}}", "`step` is not between 1 and 36500 days"},
	    {"dates: {order: []}", "empty"},
	    {"dates: {order: [yy-MM-dd]}", "`yy-MM-dd` in `order`"},
	    {"dates: {order: [dd-MM-yyyy, dd-MM-yyyy]}", "twice"},
	    {"dates: {order: dd-MM-yyyy}", "not a list"},
	    {"dates: {foo: 1}", "unknown key `foo` in `dates`"},
	    {"text: {date: shift}", "`shift` wants `shift: {step, max}` under `dates`"},
	    {"text: {date: year}", "`year` is not a value"},
	    {"text: {phone: shift}", "`shift` is not a value"},
	    {"text: {age: {attribute: age}}", "`age` is none of the `attributes`"},
	    {"text: {age: {cap: 0}}", "`cap` is not a number of years"},
	    {"text: {age: {cap: 121}}", "`cap` is not a number of years"},
	    {"text: {age: {}}", "`cap` is missing"},
	    {"text: {email: keep}", "`keep` is not a value"},
	    {"text: {person: keep}", "`keep` is not a value"},
	    {"text: {id: keep}", "`keep` is not a value"},
	    {"text: {keep_words: [x]}", "is not a name or a word"},
	    {"text: {keep_words: ['a  b']}", "is not a name or a word"},
	    {"text: {names: ['-ab']}", "is not a name or a word"},
	    {"text: {names: [ab, ab]}", "stands twice"},
	    {"text: {places: x}", "places"},
	    {"text: {language: [en]}", "`language` is without nl"},
	    {"text: {language: [xx]}", "`xx`"},
	    {"text: {default: keep}", "`keep` is not a value"},
	    {"text: {default: pseudonym}", "`default: pseudonym` is not done"},
	    {"text: {bsn: {context: far}}", "`far` is not a value"},
	    {"text: {bsn: {do: keep}}", "`keep` is not a value"},
	    {"text: {bsn: {foo: blank}}", "unknown key `foo` in `bsn`"},
	    {"text: {extra: [{kind: zis}]}", "`pattern` is missing"},
	    {"text: {extra: [{pattern: a}]}", "`kind` is missing"},
	    {"text: {extra: [{kind: bsn, pattern: a}]}", "`kind`"},
	    {"text: {extra: [{kind: Z, pattern: a}]}", "`kind`"},
	    {"text: {extra: [{kind: z, pattern: 'a('}]}", "pattern: the group is not closed, at character 3"},
	    {"text: {extra: [{kind: z, pattern: 'a*'}]}", "empty value"},
	    {"accept: {review: {letters: 10001}}", "`letters` is not between 0 and 10000"},
	    {"accept: {review: {letters: -1}}", "`letters` is not between 0 and 10000"},
	    {"accept: {review: {scans: some}}", "`scans` is not between 0 and 10000"},
	    {"accept: {review: {found: [1]}}", "found"},
	    {"accept: {review: {tables: 3}}", "tables"},
	    {"accept: {review: 50}", "`review`"},
	    {"accept: {files: -1}", "neither"},
	    {"accept: {files: 1.5}", "neither"},
	    {"accept: {files: 101%}", "neither"},
	    {"accept: {files: 100.0001%}", "neither"},
	    {"accept: {files: 0.00001%}", "neither"},
	    {"accept: {files: 1.%}", "neither"},
	    {"accept: {files: .1%}", "neither"},
	    {"accept: {files: 1%%}", "neither"},
	    {"accept: {files: '%'}", "neither"},
	    {"accept: {files: [1]}", "not a single value"},
	    {"accept: {other: 1}", "unknown key `other` in `accept`"},
	    {"shards: {order: random}", "`random`"},
	    {"shards: {names: keep}", "`names: keep` is not done"},
	    {"shards: {size: 1023KiB}", "between"},
	    {"shards: {size: 6GiB}", "between"},
	    {"shards: {size: 5368709121}", "between"},
	    {"shards: {size: 99999999999999999999GiB}", "size"},
	    {"shards: {size: 512MB}", "unit"},
	    {"shards: {size: MiB}", "not a size"},
	    {"shards: {sise: 1MiB}", "unknown key `sise` in `shards`"},
	};
	char text[2048];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(text, sizeof(text), "%s%s\n%s%s", head, cases[i].yaml, files, sets);
		refused(text, strlen(text), 5, cases[i].why);
	}
}

#define EIGHT_SETS                                                                                           \
	"a1: {hold: [NL], open: [x]}, a2: {hold: [NL], open: [x]}, a3: {hold: [NL], open: [x]}, a4: {hold: " \
	"[NL], open: [x]}, a5: {hold: [NL], open: [x]}, a6: {hold: [NL], open: [x]}, abroad: {hold: [NL], "  \
	"open: [x]}"

static void
test_refused_sets(void)
{
	static const struct {
		const char *yaml, *why;
	} cases[] = {
	    {"sets: {}", "no set"},
	    {"sets: []", "no set"},
	    {"sets: {a: {hold: [NL], open: [x]}, b: {hold: [NL], open: [x]}}", "one is called `abroad`"},
	    {"sets: {abroad: {hold: [NL], open: [x]}, b: {hold: [NL], open: [x]}}",
		"nothing goes to the set `b`"},
	    {"sets: {" EIGHT_SETS ", b: {hold: [NL], open: [x]}}", "nothing goes to the set"},
	    {"sets: {" EIGHT_SETS ", b: {hold: [NL], open: [x]}, c: {hold: [NL], open: [x]}}",
		"more than 8 sets"},
	    {"sets: {abroad: {hold: [NL], open: [x]}, abroad: {hold: [NL], open: [x]}}",
		"`abroad` stands twice"},
	    {"sets: {A: {hold: [NL], open: [x]}}", "name"},
	    {"sets: {a: {open: [x]}}", "`hold` is missing"},
	    {"sets: {a: {hold: [NL]}}", "`open` is missing"},
	    {"sets: {a: {hold: [], open: [x]}}", "empty"},
	    {"sets: {a: {hold: [UK], open: [x]}}", "`UK` in `hold` is not an ISO 3166"},
	    {"sets: {a: {hold: [nl], open: [x]}}", "`nl`"},
	    {"sets: {a: {hold: ['D ', DE], open: [x]}}", "`D `"},
	    {"sets: {a: {hold: [NL, NL], open: [x]}}", "twice"},
	    {"sets: {a: {hold: [NL], open: [LUMI]}}", "`LUMI`"},
	    {"sets: {a: {hold: [NL], open: [x], evidence: tpm}}", "`tpm`"},
	    {"sets: {a: {hold: [NL], open: [x], results: open}}", "`open`"},
	    {"sets: {a: {hold: [NL], open: [x], rezults: none}}", "unknown key `rezults` in a set"},
	};
	char text[2048];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(text, sizeof(text), "%s%s%s\n", head, files, cases[i].yaml);
		refused(text, strlen(text), 7, cases[i].why);
	}
	snprintf(text, sizeof(text), "%s%s", head, files);
	refused(text, strlen(text), 1, "`sets` is missing");
}

static void
test_refused_rules(void)
{
	static const struct {
		const char *yaml, *why;
	} cases[] = {
	    {"{match: a}", "`format` is missing"},
	    {"{format: text}", "`match` is missing"},
	    {"{match: a, format: pdf}", "unknown format `pdf`"},
	    {"{match: a, format: text, foo: 1}", "unknown key `foo` in `files`"},
	    {"{match: a, format: text, columns: {x: drop}}", "`columns` does not go with format text"},
	    {"{match: a, format: text, subject: x}", "wants a policy with `subject` at the top"},
	    {"{match: a, format: drop, ext: x}", "`ext` does not go"},
	    {"{match: a, format: dicom, face: hold}", "`face` is not done"},
	    {"{match: a, format: dicom, options: [x]}", "unknown option `x`"},
	    {"{match: a, format: dicom, options: [clean-descriptors]}",
		"option `clean-descriptors` is not done"},
	    {"{match: a, format: dicom, options: [longitudinal-modified-dates]}",
		"wants `shift: {step, max}`"},
	    {"{match: a, format: dicom, sample: series}", "`sample: series` is not done"},
	    {"{match: a, format: jsonl, sample: series, fields: {$.a: drop}}",
		"`sample: series` is not done"},
	    {"{match: a, format: dicom, sample: record}", "`record`"},
	    {"{match: /a, format: text}", "empty part"},
	    {"{match: a//b, format: text}", "empty part"},
	    {"{match: a/, format: text}", "empty part"},
	    {"{match: '', format: text}", "empty"},
	    {"{match: ../a, format: text}", ".."},
	    {"{match: ./a, format: text}", ". or .."},
	    {"{match: 'a[bc]', format: text}", "not done"},
	    {"{match: 'a**', format: text}", "**"},
	    {"{match: '***', format: text}", "**"},
	    {"{match: a, format: csv}", "`columns` is missing"},
	    {"{match: a, format: csv, columns: {}}", "not a mapping"},
	    {"{match: a, format: csv, columns: [x]}", "not a mapping"},
	    {"{match: a, format: csv, columns: {x: drop, x: drop}}", "`x` stands twice"},
	    {"{match: a, format: csv, columns: {'': drop}}", "column's name"},
	    {"{match: a, format: csv, columns: {x: keep}}", "`keep` wants a type"},
	    {"{match: a, format: csv, columns: {x: {do: keep}}}", "`keep` wants a type"},
	    {"{match: a, format: csv, columns: {x: shift}}", "`shift` wants `shift: {step, max}`"},
	    {"{match: a, format: csv, columns: {x: {attribute: age}}}", "`age` is none of the `attributes`"},
	    {"{match: a, format: csv, columns: {x: {do: text, set: domestic}}}",
		"there is no set `domestic`"},
	    {"{match: a, format: csv, columns: {x: {do: text, set: [abroad]}}}", "`set` is not"},
	    {"{match: a, format: csv, columns: {x: {do: drop, set: abroad}}}",
		"what is dropped goes to no `set`"},
	    {"{match: a, format: csv, columns: {x: {set: abroad}}}", "one of"},
	    {"{match: a, format: csv, set: domestic, columns: {x: drop}}", "there is no set `domestic`"},
	    {"{match: a, format: drop, set: abroad}", "`set` does not go with format drop"},
	    {"{match: a, format: dicom, tags: {PatientSex: {do: keep, set: abroad}}}", "a tag has no `set`"},
	    {"{match: a, format: csv, columns: {x: hash}}", "unknown action `hash`"},
	    {"{match: a, format: csv, columns: {x: [drop]}}", "not a mapping"},
	    {"{match: a, format: csv, columns: {x: {}}}", "one of"},
	    {"{match: a, format: csv, columns: {x: {pattern: a}}}", "one of"},
	    {"{match: a, format: csv, columns: {x: {keep: code, do: drop}}}", "one of"},
	    {"{match: a, format: csv, columns: {x: {do: drop, reference: Patient}}}",
		"goes with `do: pseudonym`"},
	    {"{match: a, format: csv, columns: {x: {keep: number, reference: Patient}}}",
		"goes with `do: pseudonym`"},
	    {"{match: a, format: csv, columns: {x: {first: 2, reference: Patient}}}",
		"goes with `do: pseudonym`"},
	    {"{match: a, format: csv, columns: {x: {do: pseudonym, reference: patient}}}",
		"type of FHIR resource"},
	    {"{match: a, format: csv, columns: {x: {do: pseudonym, reference: []}}}", "`reference`"},
	    {"{match: a, format: csv, columns: {x: {do: pseudonym, reference: [Patient, Patient]}}}",
		"stands twice"},
	    {"{match: a, format: csv, columns: {x: {do: pseudonym, reference: Patient, pattern: x}}}",
		"nothing beside"},
	    {"{match: a, format: csv, columns: {x: {do: drop, pattern: a}}}", "nothing beside"},
	    {"{match: a, format: csv, columns: {x: {keep: code}}}", "wants a `pattern`"},
	    {"{match: a, format: csv, columns: {x: {keep: code, pattern: '[', range: [1, 2]}}}", "alone"},
	    {"{match: a, format: csv, columns: {x: {keep: code, pattern: '['}}}", "class is not closed"},
	    {"{match: a, format: csv, columns: {x: {keep: number, pattern: a}}}", "alone"},
	    {"{match: a, format: csv, columns: {x: {keep: number, range: [2, 1]}}}", "range"},
	    {"{match: a, format: csv, columns: {x: {keep: number, range: [1]}}}", "range"},
	    {"{match: a, format: csv, columns: {x: {keep: number, range: [1, x]}}}", "range"},
	    {"{match: a, format: csv, columns: {x: {keep: number, range: [1, 1e5]}}}", "range"},
	    {"{match: a, format: csv, columns: {x: {keep: number, range: [nan, 2]}}}", "range"},
	    {"{match: a, format: csv, columns: {x: {keep: enum}}}", "wants `values`"},
	    {"{match: a, format: csv, columns: {x: {keep: enum, values: []}}}", "empty"},
	    {"{match: a, format: csv, columns: {x: {keep: enum, values: [a], pattern: b}}}", "alone"},
	    {"{match: a, format: csv, columns: {x: {keep: all}}}", "`keep` is not code"},
	    {"{match: a, format: csv, columns: {x: {first: 0}}}", "first"},
	    {"{match: a, format: csv, columns: {x: {first: 65}}}", "first"},
	    {"{match: a, format: csv, columns: {x: {first: 1, range: [1, 2]}}}", "alone"},
	    {"{match: a, format: csv, columns: {x: {foo: 1}}}", "unknown key `foo` in an action"},
	    {"{match: a, format: csv, columns: {x: drop}, subject: y}", "not among"},
	    {"{match: a, format: csv, columns: {x: drop}, csv: {delimiter: ';;'}}", "delimiter"},
	    {"{match: a, format: csv, columns: {x: drop}, csv: {delimiter: '\"'}}", "delimiter"},
	    {"{match: a, format: csv, columns: {x: drop}, csv: {decimal: x}}", "decimal"},
	    {"{match: a, format: csv, columns: {x: drop}, csv: {quote: x}}", "unknown key `quote` in `csv`"},
	    {"{match: a, format: csv, columns: {x: drop}, csv: {missing: NA}}", "not a list"},
	    {"{match: a, format: tsv, columns: {x: drop}, csv: {delimiter: ','}}", "tab"},
	    {"{match: a, format: jsonl}", "`fields` is missing"},
	    {"{match: a, format: json}", "`fields` is missing"},
	    {"{match: a, format: fixed, columns: {a: drop}}", "`fixed` is missing"},
	    {"{match: a, format: fixed, fixed: {a: [1, 2]}}", "`columns` is missing"},
	    {"{match: a, format: fixed, fixed: [1, 2], columns: {a: drop}}", "mapping of columns"},
	    {"{match: a, format: fixed, fixed: {a: [0, 2]}, columns: {a: drop}}", "a column's place"},
	    {"{match: a, format: fixed, fixed: {a: [1, 0]}, columns: {a: drop}}", "a column's place"},
	    {"{match: a, format: fixed, fixed: {a: [1, 1000001]}, columns: {a: drop}}", "a column's place"},
	    {"{match: a, format: fixed, fixed: {a: [1]}, columns: {a: drop}}", "a column's place"},
	    {"{match: a, format: fixed, fixed: {a: 1}, columns: {a: drop}}", "a column's place"},
	    {"{match: a, format: fixed, fixed: {a: [1, 2], b: [2, 2]}, columns: {a: drop, b: drop}}",
		"before the end"},
	    {"{match: a, format: fixed, fixed: {a: [1, 2], b: [3, 2]}, columns: {b: drop, a: drop}}",
		"same columns"},
	    {"{match: a, format: fixed, fixed: {a: [1, 2]}, columns: {a: drop, b: drop}}", "same columns"},
	    {"{match: a, format: fixed, fixed: {a: [1, 2], b: [3, 2]}, columns: {a: drop}}", "same columns"},
	    {"{match: a, format: fixed, csv: {delimiter: ;}, fixed: {a: [1, 2]}, columns: {a: drop}}",
		"no `delimiter`"},
	    {"{match: a, format: csv, fixed: {a: [1, 2]}, columns: {a: drop}}",
		"`fixed` does not go with format csv"},
	    {"{match: a, format: json, fields: {$.a: drop}, sample: file}",
		"`sample` does not go with format json"},
	    {"{match: a, format: jsonl, fields: {a: drop}}", "path"},
	    {"{match: a, format: jsonl, fields: {$: drop}}", "path"},
	    {"{match: a, format: jsonl, fields: {$.: drop}}", "path"},
	    {"{match: a, format: jsonl, fields: {$..a: drop}}", "path"},
	    {"{match: a, format: jsonl, fields: {'$.a[0]': drop}}", "path"},
	    {"{match: a, format: jsonl, fields: {$.a: drop}, subject: '$[*'}", "`subject` is not a path"},
	    {"{match: a, format: dicom, subject: StudyID}", "only be PatientID"},
	    {"{match: a, format: dicom, modality: []}", "empty"},
	    {"{match: a, format: dicom, modality: [ct]}", "`ct`"},
	    {"{match: a, format: dicom, burned_in: maybe}", "`maybe`"},
	    {"{match: a, format: dicom, tags: {NoSuchThing: keep}}", "`NoSuchThing` is neither"},
	    {"{match: a, format: dicom, tags: {'(0018,006)': keep}}", "neither"},
	    {"{match: a, format: dicom, tags: {PatientAge: {attribute: age}}}",
		"`age` is none of the `attributes`"},
	    {"{match: a, format: dicom, tags: {StudyDate: shift}}", "`shift` wants `shift: {step, max}`"},
	    {"{match: a, format: dicom, tags: {PatientAge: text}}",
		"not keep, drop, blank, shift, {attribute: NAME}, {hierarchy: FILE}, {round: N}, {top: N} "
		"or"},
	    {"{match: a, format: dicom, tags: {'(0009,1001)': keep}}", "private"},
	    {"{match: a, format: dicom, tags: {'(0002,0010)': keep}}", "frame"},
	    {"{match: a, format: dicom, tags: {PatientName: keep}}", "`PatientName` identifies people"},
	    {"{match: a, format: dicom, tags: {'(0010,0010)': keep}}", "`(0010,0010)` identifies people"},
	    {"{match: a, format: dicom, tags: {PatientID: keep}}", "`subject: PatientID`"},
	    {"{match: a, format: dicom, tags: {PatientBirthDate: keep}}", "identifies people"},
	    {"{match: a, format: dicom, tags: {OtherPatientIDsSequence: keep}}", "identifies people"},
	    {"{match: a, format: dicom, tags: {OperatorsName: keep}}", "identifies people"},
	    {"{match: a, format: dicom, tags: {ContentCreatorName: keep}}", "identifies people"},
	    {"{match: a, format: dicom, tags: {InstitutionName: keep}}", "identifies people"},
	    {"{match: a, format: dicom, tags: {AccessionNumber: keep}}", "identifies people"},
	    {"{match: a, format: dicom, tags: {'(6002,3000)': keep}}", "overlay"},
	    {"{match: a, format: dicom, tags: {'(5000,3000)': keep}}", "curve"},
	    {"{match: a, format: dicom, tags: {PatientAge: keep, '(0010,1010)': drop}}", "twice"},
	    {"{match: a, format: opaque}", "`ext` is missing"},
	    {"{match: a, format: opaque, ext: .nii}", "`ext`"},
	    {"{match: a, format: opaque, ext: NII}", "`ext`"},
	};
	char text[2048];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(text, sizeof(text), "%sfiles:\n  - %s\n%s", head, cases[i].yaml, sets);
		refused(text, strlen(text), 6, cases[i].why);
	}
	snprintf(text, sizeof(text), "%sfiles: []\n%s", head, sets);
	refused(text, strlen(text), 5, "empty");
	snprintf(text, sizeof(text),
	    "%sfiles:\n  - match: a\n    format: csv\n    columns:\n      a: drop\n      b: hash\n%s", head,
	    sets);
	refused(text, strlen(text), 10, "unknown action `hash`");
}

static void
test_sizes(void)
{
	size_t len = (1u << 20) + 1;
	char *text = malloc(len), *at;

	memset(text, '#', len);
	refused(text, len, 1, "1 MiB");
	refused(text, len - 1, 2, "empty");
	memcpy(text, "name: ", 6);
	memset(text + 6, 'a', 4097);
	refused(text, 6 + 4097, 1, "4096");
	at = text;
	*at++ = '[';
	while (at + 2 < text + (1u << 20)) {
		*at++ = 'a';
		*at++ = ',';
	}
	*at++ = ']';
	refused(text, (size_t)(at - text), 1, "100000");
	free(text);
}

/* `subject`, in line 5, with the rules in line 6 and on. */
static void
test_refused_subject(void)
{
	static const char rules[] =
	    "files: [{match: p.csv, format: csv, columns: {nr: pseudonym, a: drop}}, {match: q.csv, "
	    "format: csv, subject: none, columns: {b: drop}}]";
	static const struct {
		const char *subject, *files;
		unsigned line;
		const char *why;
	} cases[] = {
	    {"[a]", rules, 5, "not a mapping"},
	    {"{key: {column: nr}}", rules, 5, "`from` is missing"},
	    {"{from: p.csv}", rules, 5, "`key` is missing"},
	    {"{from: /p.csv, key: {column: nr}}", rules, 5, "`from` has an empty part"},
	    {"{from: z.csv, key: {column: nr}}", rules, 5, "no rule of `files` takes the subject table"},
	    {"{from: '*.csv', key: {column: nr}}", rules, 5, "no rule of `files` takes the subject table"},
	    {"{from: p.csv, key: {column: x}}", rules, 5, "no column `x`"},
	    {"{from: p.csv, key: {}}", rules, 5, "`column` is missing"},
	    {"{from: p.csv, key: {column: nr, pattern: '('}}", rules, 5, "character"},
	    {"{from: p.csv, key: {column: nr, pattern: 'a*'}}", rules, 5, "takes the empty value"},
	    {"{from: p.csv, key: {column: nr, pad: 0}}", rules, 5, "`pad` is not between 1 and 64"},
	    {"{from: p.csv, key: {column: nr, pad: 65}}", rules, 5, "`pad` is not between 1 and 64"},
	    {"{from: p.csv, key: {column: nr, form: x}}", rules, 5, "unknown key `form`"},
	    {"{from: p.csv, key: {column: nr}, exclude: A}", rules, 5, "`A` in `exclude` is not a name"},
	    {"{from: p.csv, key: {column: nr}, exclude: [a, a]}", rules, 5, "twice in `exclude`"},
	    {"{from: p.csv, key: {column: nr}, unmatched: keep}", rules, 5, "`keep` is not a value"},
	    {"{from: p.csv, key: {column: nr}, known: [a]}", rules, 5, "`known` is not a mapping"},
	    {"{from: p.csv, key: {column: nr}, known: {person: a}}", rules, 5, "person"},
	    {"{from: p.csv, key: {column: nr}, known: {person: []}}", rules, 5, "empty"},
	    {"{from: p.csv, key: {column: nr}, known: {person: [z]}}", rules, 5, "has no column `z`"},
	    {"{from: p.csv, key: {column: nr}, known: {phone: [a]}}", rules, 5,
		"unknown key `phone` in `known`"},
#define KEYED(attributes) "{from: p.csv, key: {column: nr}, attributes: {" attributes "}}"
	    {KEYED("A: {from: a, prefix: 1}"), rules, 5, "`A` is not a name for an attribute"},
	    {KEYED("a: {from: a}"), rules, 5, "wants one of `bands`, `prefix`, `map` and `hierarchy`"},
	    {KEYED("a: {from: a, prefix: 1, map: {x: y}}"), rules, 5,
		"wants one of `bands`, `prefix`, `map` and `hierarchy`"},
	    {KEYED("a: {prefix: 1}"), rules, 5, "`from` is missing in the attribute"},
	    {KEYED("a: {from: z, prefix: 1}"), rules, 5, "has no column `z`"},
	    {KEYED("a: {from: a, prefix: 0}"), rules, 5, "`prefix` is not between 1 and 16"},
	    {KEYED("a: {from: a, prefix: 4, wider: [4]}"), rules, 5, "ever fewer"},
	    {KEYED("a: {from: a, prefix: 4, wider: [2, 2]}"), rules, 5, "ever fewer"},
	    {KEYED("a: {from: a, prefix: 4, wider: []}"), rules, 5, "`wider`"},
	    {KEYED("a: {from: a, bands: [0, 18]}"), rules, 5, "`at` is missing"},
	    {KEYED("a: {from: a, at: z, bands: [0, 18]}"), rules, 5, "has no column `z`"},
	    {KEYED("a: {from: a, at: 2020-02-30, bands: [0, 18]}"), rules, 5, "has no column"},
	    {KEYED("a: {from: a, at: 2020-01-01, bands: [1, 18]}"), rules, 5, "ages that rise, from 0 on"},
	    {KEYED("a: {from: a, at: 2020-01-01, bands: [0, 18, 18]}"), rules, 5,
		"ages that rise, from 0 on"},
	    {KEYED("a: {from: a, at: 2020-01-01, bands: []}"), rules, 5, "empty"},
	    {KEYED("a: {from: a, map: {}}"), rules, 5, "not a mapping of values"},
	    {KEYED("a: {from: a, map: {x: y}, other: drop}"), rules, 5, "`other` is not hold or blank"},
	    {"{from: p.csv, key: {column: nr}, who: x}", rules, 5, "unknown key `who`"},
	    {"{from: p.csv, key: {column: nr}}",
		"files: [{match: '*.csv', format: csv, columns: {nr: drop}}, {match: p.csv, format: csv, "
		"columns: {nr: drop}}]",
		5, "more than one rule"},
	    {"{from: p.csv, key: {column: nr}}", "files: [{match: p.csv, format: text}]", 6,
		"of format csv, tsv or fixed"},
	    {"{from: p.csv, key: {column: nr}}",
		"files:\n  - {match: p.csv, format: csv, columns: {nr: drop}}\n  - {match: a, format: text}",
		8, "`subject` is missing in a rule"},
	    {"{from: p.csv, key: {column: nr}}",
		"files:\n  - {match: p.csv, format: csv, columns: {nr: drop}}\n  - {match: a, format: dicom}",
		8, "`subject` is missing in a rule"},
	    {"{from: p.csv, key: {column: nr}}",
		"files:\n  - {match: p.csv, format: csv, columns: {nr: drop}}\n  - {match: a, format: text, "
		"subject: 'a/*'}",
		8, "has not one {key}"},
	    {"{from: p.csv, key: {column: nr}}",
		"files:\n  - {match: p.csv, format: csv, columns: {nr: drop}}\n  - {match: a, format: text, "
		"subject: '{key}/{key}'}",
		8, "has not one {key}"},
	    {KEYED("a: {from: a, prefix: 1}"),
		"files:\n  - {match: p.csv, format: csv, columns: {nr: drop, a: {attribute: a}}}\n"
		"  - {match: q.csv, format: csv, subject: none, columns: {b: {attribute: a}}}",
		8, "want a `subject` in the same rule"},
	    {"{from: p.csv, key: {column: nr}}",
		"files:\n  - {match: p.csv, format: csv, subject: none, columns: {nr: drop}}", 7,
		"the `subject` of the subject table is its key"},
	    {"{from: p.csv, key: {column: nr}}",
		"files:\n  - {match: p.csv, format: csv, subject: b, columns: {nr: drop, b: drop}}", 7,
		"the `subject` of the subject table is its key"},
	};
	struct json *good;
	char text[1024];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(text, sizeof(text), "%ssubject: %s\n%s\n%s", head, cases[i].subject, cases[i].files,
		    sets);
		refused(text, strlen(text), cases[i].line, cases[i].why);
	}
	snprintf(
	    text, sizeof(text), "%ssubject: {from: p.csv, key: {column: nr}}\n%s\n%s", head, rules, sets);
	good = resolve(text);
	CHECK(good != NULL);
	json_free(good);
}

int
main(void)
{
	test_refused_whole();
	test_refused_parts();
	test_refused_sets();
	test_refused_rules();
	test_sizes();
	test_refused_subject();
	return check_done();
}
