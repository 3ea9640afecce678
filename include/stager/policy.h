/*
 * The scrubbing policy. Two forms, both in stager/scrub/policy*.c:
 *
 * - the YAML that people write, read by stager-scrub in its sandbox (policy_from_yaml), which gives
 * - the resolved policy in canonical JSON: all defaults filled in, percentages in parts per million, sizes in
 * bytes. Its SHA-256 is the policy digest. stager reads the parts of it that it needs (accept, sets, shards)
 * as JSON.
 *
 * policy_decode makes the structs below from the resolved form. DESIGN.md, "The policy", is the schema.
 */
#ifndef STAGER_POLICY_H
#define STAGER_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stager/anonymity.h"
#include "stager/detect.h"
#include "stager/err.h"

struct coarse;
struct hierarchy;
struct json;
struct pattern;

enum format {
	FORMAT_CSV,
	FORMAT_FIXED,
	FORMAT_JSONL,
	FORMAT_JSON,
	FORMAT_XML,
	FORMAT_TEXT,
	FORMAT_EML,
	FORMAT_DICOM,
	FORMAT_OPAQUE,
	FORMAT_DROP
};

enum action_kind {
	ACTION_KEEP_CODE,   /* value matches pattern */
	ACTION_KEEP_NUMBER, /* a decimal number, inside range where there is one */
	ACTION_KEEP_ENUM,   /* one of values */
	ACTION_DROP,        /* the column or field leaves */
	ACTION_BLANK,       /* the value leaves, the column stays */
	ACTION_PSEUDONYM,   /* keyed pseudonym */
	ACTION_YEAR,        /* of a date in one of the policy's date orders */
	ACTION_FIRST, /* the first n characters (code points); pattern, where given, for the whole value */
	ACTION_TEXT,  /* free text: the detectors */
	ACTION_ATTRIBUTE, /* of the subject, in place of the value */
	ACTION_SHIFT,     /* of a date, by as many days as are the subject's */
	ACTION_REFERENCE, /* of a FHIR reference the type and the keyed pseudonym of its id; values: the types */
	ACTION_COARSE,    /* of a number a rounded one, or a bound that it is beyond */
	ACTION_HIERARCHY, /* what stands beside the value in a hierarchy, some levels up */
	ACTION_KINDS,
};

#define POLICY_SETS_MAX 8
#define POLICY_SET_FIRST "abroad" /* of several sets: what names none goes there */
#define POLICY_SET_EVERY UINT8_MAX

struct action {
	enum action_kind kind;
	struct pattern *pattern; /* KEEP_CODE always; FIRST where given */
	bool has_range;
	double min, max; /* KEEP_NUMBER */
	char **values;   /* KEEP_ENUM, REFERENCE */
	size_t value_count;
	uint8_t
	    set; /* of the policy's; EVERY: a pseudonym that names none stands in each that its rule writes to */
	size_t first;                      /* FIRST: 1..64 */
	size_t attribute;                  /* ATTRIBUTE: which of the policy's */
	struct coarse *coarse;             /* COARSE */
	const struct hierarchy *hierarchy; /* HIERARCHY: one of the policy's */
	size_t level;                      /* HIERARCHY: from 1 */
	bool other_blank;                  /* HIERARCHY: what no row has is empty; else it is held */
};

/* One named column (CSV) or path (JSON, JSONL: $.a.b, $.list[*].name; [*] is every element, .* every key of an
 * object; XML: $.a.p:b.@c, format/xml.h has them all). */
struct field {
	char *name;
	struct action action;
};

/* FIXED: where a column stands in its line: its first character, from 1, and how many. */
struct column_place {
	size_t at, width;
};

enum date_order {
	DATE_DMY,
	DATE_YMD,
	DATE_MDY
}; /* dd-MM-yyyy, yyyy-MM-dd, MM-dd-yyyy; '-', '/', '.' between; and yyyyMMdd */

enum text_do { TEXT_TAG, TEXT_BLANK, TEXT_KEEP }; /* "[EMAIL-1]", nothing in its place, or as it stands */

struct text_extra {
	char *kind; /* [a-z0-9-]{1,20}; the tag is its upper case */
	struct pattern *pattern;
};

struct text_rules {
	enum text_do action[SPAN_TYPES];
	unsigned
	    age_cap; /* ages stay, but from so many years on they are this and a plus; 0: as action says */
	bool
	    date_shift; /* a whole date is moved with its subject's; others, and those of nobody, as action says */
	const struct attribute *age; /* whose bands take the place of an age; NULL: as action says */
	bool bsn_any; /* true (context: any): every number that passes the 11-test; false (near): only near a
			 keyword */
	bool english; /* English forms too; Dutch ones always */
	struct text_extra *extra;
	size_t extra_count;
	struct phrases *keep;                          /* words that are nobody's; NULL: none */
	struct phrases *names, *places, *institutions; /* of the institution's own; NULL: none */
};

struct tag_rule {
	uint16_t group, element;
	struct action
	    action; /* KEEP (as KEEP_CODE without pattern), DROP, BLANK, ATTRIBUTE, SHIFT, COARSE or HIERARCHY */
};

/*
 * Where a JSON record says whom it is about: $.a.b, $.list[*].name, $.a.*, and behind any step [name=value], which asks for an object with
 * that member. All values that a rule's paths lead to must be of one person.
 */
#define SUBJECT_PATHS_MAX 16
#define SUBJECT_STEPS_MAX 32
struct subject_path {
	char *path;
	const struct action
	    *reference; /* of the field with this path ([name=value] left out), where it is REFERENCE */
};

struct rule {
	char *match; /* glob over the relative source path: ? * and ** (any number of folders) */
	enum format format;
	/* CSV and FIXED */
	char delimiter; /* ',' ';' '\t' '|' or any single byte but quote, CR, LF */
	char decimal;   /* '.' or ',' */
	char **missing; /* values that pass every typed keep unchanged; "" always among them */
	size_t missing_count;
	/* CSV, FIXED, JSONL, JSON, XML and EML */
	struct field *fields;
	size_t field_count;
	struct column_place *places; /* FIXED: one a field, none over another */
	char *
	    subject; /* column, path, "PatientID", or for TEXT and OPAQUE a glob with {key} in it; NULL: members
			  stand under "x" */
	const struct action *
	    subject_reference; /* the action of the field that subject names, where it is REFERENCE; else NULL */
	struct subject_path *subject_paths; /* JSONL and JSON: all of them, `subject` being the first */
	size_t subject_path_count;
	bool sample_record; /* JSONL: each record a member of its own (the default); else the file, cut into
			       parts */
	/* EML: fields are headers, in any case */
	char *html;            /* text, hold, drop */
	bool attachments_drop; /* else they hold the mail */
	/* XML: what a document may declare; paths say the prefixes of the rule, "" stands for none */
	char **prefixes, **uris;
	size_t namespace_count;
	/* DICOM */
	char **modalities; /* NULL: any */
	size_t modality_count;
	bool burned_in_hold; /* hold what may have text burned into its pixels (the default) */
	struct tag_rule *tags;
	size_t tag_count;
	bool shift_dates; /* dates stay, moved with their subject's (option longitudinal-modified-dates) */
	/* OPAQUE */
	char *ext;
	uint8_t set; /* of what names none */
	uint8_t sets[POLICY_SETS_MAX];
	size_t set_count; /* it writes to these, its own first */
};

/* What the table says of a subject, made once less exact, and the same in every format. */
#define ATTRIBUTE_STEPS_MAX 8
enum attribute_kind { ATTRIBUTE_AGE, ATTRIBUTE_PREFIX, ATTRIBUTE_MAP, ATTRIBUTE_HIERARCHY };
/* Where each band begins, the first at 0. */
struct attribute_bands {
	unsigned *at;
	size_t count;
};
/* One word for another. */
struct attribute_map {
	char **keys, **values;
	size_t key_count, value_count; /* the same */
};
struct attribute {
	char *name;
	enum attribute_kind kind;
	char *from;   /* column of the table */
	char *at;     /* AGE: column with the day that the age is of; NULL: at_days */
	long at_days; /* since 1970-01-01 */
	/* What is said, and behind it, step by step, what is said where that is too much: wider_count more. */
	size_t wider_count;
	struct attribute_bands bands[1 + ATTRIBUTE_STEPS_MAX]; /* AGE: each of bands of the one before */
	size_t prefix[1 + ATTRIBUTE_STEPS_MAX]; /* PREFIX: so many characters, spaces left out; ever fewer */
	struct attribute_map maps[1 + ATTRIBUTE_STEPS_MAX]; /* MAP: each of all values of the one before */
	const struct hierarchy *hierarchy;                  /* HIERARCHY: one of the policy's */
	size_t level;                                       /* HIERARCHY: from 1; wider are those behind it */
	bool other_blank; /* MAP, HIERARCHY: what is not listed is empty; else it is not known */
};

#define POLICY_KNOWN_KINDS 3 /* person, number, address */
/* `subject`: the table that says who there is, and how records are linked to it. */
struct subject_rules {
	char *from;               /* glob of the one file that is the table */
	const struct rule *table; /* the rule that reads it, of format CSV */
	char *column;             /* of the key */
	struct pattern *pattern;  /* of a key; NULL: any */
	size_t pad;               /* a key is filled up to so many characters with zeros in front; 0: not */
	char **exclude;           /* names of the lists that a push must be given */
	size_t exclude_count;
	struct attribute *attributes;
	size_t attribute_count;
	char **known
	    [POLICY_KNOWN_KINDS]; /* columns whose values are taken out of their subject's texts, by enum known_kind */
	size_t known_count[POLICY_KNOWN_KINDS];
	bool unmatched_drop; /* what has no row is dropped; else held */
	const char **
	    types; /* of FHIR references (REFERENCE) by which rules say whose their records are; the actions' own */
	size_t type_count;
};

/*
 * How what a record shows of a quasi-identifier is said less exactly, step by step: fewer characters (ACTION_KEEP_CODE,
 * ACTION_FIRST), a level further up (ACTION_HIERARCHY), or coarser multiples (of numbers: ACTION_KEEP_NUMBER, ACTION_COARSE,
 * ACTION_YEAR).
 */
struct widening {
	size_t count;                   /* steps; 0: it is not widened */
	size_t to[ATTRIBUTE_STEPS_MAX]; /* characters, or a level */
	struct coarse *coarse;          /* of numbers: count of them, which the policy owns */
};

/*
 * `disclosure`: nobody may stand alone by what is shown. anonymity.h says what is done. Its unit is a subject, of whom the attributes
 * count, or a record of one rule, of which what leaves of its fields counts.
 */
struct disclosure {
	const struct rule *rule; /* whose records; NULL: subjects */
	size_t quasi[ANONYMITY_QUASI_MAX],
	    quasi_count; /* attributes of the subject rules, or fields of the rule */
	uint32_t k;
	char *sensitive[ANONYMITY_SENSITIVE_MAX]; /* columns of the subject table, or fields of the rule */
	size_t sensitive_field[ANONYMITY_SENSITIVE_MAX]; /* which of the rule's */
	uint32_t l[ANONYMITY_SENSITIVE_MAX];
	size_t sensitive_count; /* of all three */
	size_t widen[ANONYMITY_QUASI_MAX],
	    widen_count;                            /* attributes or fields among quasi, widened in turn */
	struct widening wider[ANONYMITY_QUASI_MAX]; /* of records: how, one for each of quasi */
	uint32_t max_blank; /* share of units, in parts per million; more and the version is HELD */
	uint32_t min_cell;  /* smaller counts are not told */
};

struct policy {
	char *sets[POLICY_SETS_MAX]; /* by name: their numbers are those of the entry stream */
	size_t set_count;
	uint8_t set_first; /* of what names none */
	char *name;
	char *project;
	char *domain;        /* of the pseudonyms */
	uint32_t generation; /* of the pseudonym key */
	enum date_order *date_orders;
	size_t date_order_count;
	long shift_step, shift_max; /* days; 0: dates are not shifted */
	struct hierarchy *hierarchies;
	size_t hierarchy_count;
	struct text_rules text;
	struct subject_rules *subject; /* NULL: records are linked to nothing */
	struct disclosure *disclosure; /* NULL: attributes are shown as they are */
	struct rule *rules;
	size_t rule_count;
};

/*
 * Read YAML, check it, resolve it. Returns the resolved tree; NULL with ERR_INPUT whose text begins with
 * "line N: " and says what is wrong there. All scalars are strings; anchors, tags, repeated and unknown keys
 * are refused, and so is what the schema knows but this version does not do, by name.
 */
struct json *policy_from_yaml(const void *yaml, size_t len, struct err *e) MUST_CHECK;
/*
 * The same with the files beside it that it names: hierarchies (NAME.csv) and lists of words (NAME.txt). What they say becomes part of the
 * resolved form, and so of the digest.
 */
struct policy_file {
	const char *name;
	const void *data;
	size_t len;
};
#define POLICY_BESIDE_MAX 32               /* files */
#define POLICY_BESIDE_BYTES_MAX (6u << 20) /* of all of them */
struct json *policy_from_files(
    const void *yaml, size_t len, const struct policy_file *files, size_t count, struct err *e) MUST_CHECK;
/* The names of the files that it wants, each once, as an array of strings. NULL with ERR_INPUT as above. Caller frees. */
struct json *policy_files_wanted(const void *yaml, size_t len, struct err *e) MUST_CHECK;
/* From the resolved form. NULL with ERR_INPUT. Caller frees. */
struct policy *policy_decode(const struct json *resolved, struct err *e) MUST_CHECK;
void policy_free(struct policy *p);
/* Is a FHIR reference of this type one by which a rule may name a subject? Of every type, where no rule names its subject by one. */
bool policy_type_of_subject(const struct policy *p, const char *type, size_t len);

/* Does what it makes stand in this set? */
bool policy_action_in(const struct action *action, uint8_t set);
/* The one rule whose glob matches; NULL where none does, or (*several set) more than one. */
const struct rule *policy_rule(const struct policy *p, const char *name, bool *several);
/* The glob of `match` over a whole relative path. */
bool policy_glob(const char *glob, const char *name);
/*
 * The same for a glob in which {key} stands once for a run of letters and digits, as long as it goes: which part of
 * the name that is. Of several ways to read it the one with the earliest {key} counts.
 */
bool policy_glob_key(const char *glob, const char *name, const char **key, size_t *len);

#endif
