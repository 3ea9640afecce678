/* The forms of single values in a policy, the same for what people write and for what is resolved. */
#ifndef SCRUB_POLICY_FORM_H
#define SCRUB_POLICY_FORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define POLICY_RULES_MAX 1000
#define POLICY_FIELDS_MAX 20000 /* columns or fields of one rule */
#define POLICY_TAGS_MAX 2000
#define POLICY_NAMESPACES_MAX 32 /* of one rule */
#define POLICY_LIST_MAX 10000    /* values of an enum, missing values */
#define POLICY_TYPES_MAX 64      /* of resources that one field may refer to */
#define POLICY_EXTRA_MAX 64
#define POLICY_WORDS_MAX 20000 /* of one list of words */
#define POLICY_PHRASE_MAX 64
#define POLICY_AGE_MAX 120
#define POLICY_SITES_MAX 64
#define POLICY_EXCLUDE_MAX 16
#define POLICY_PAD_MAX 64
#define POLICY_KNOWN_MAX 16 /* columns of one kind */
/* "person", "number", "address", in the order of enum known_kind; NULL ends it. */
extern const char *const policy_known_kinds[];
#define POLICY_ATTRIBUTES_MAX 32
#define POLICY_BANDS_MAX 64
#define POLICY_BAND_MAX 130 /* years */
#define POLICY_PREFIX_MAX 16
#define POLICY_ATTRIBUTE_VALUE_MAX 64
#define POLICY_SHIFT_MAX 36500 /* days */
#define POLICY_FIRST_MAX 64
#define POLICY_GENERATION_MAX 1000000
#define POLICY_FIELD_NAME_MAX 256
#define POLICY_WIDTH_MAX 1000000 /* a line of fixed columns, in characters */
#define POLICY_SHARD_MIN (INT64_C(1) << 20)
#define POLICY_SHARD_MAX (INT64_C(5) << 30)
#define POLICY_REVIEW_MAX 10000 /* members that a person must look at */
#define POLICY_ACCEPT_MAX INT64_C(1000000000000)

/* [a-z0-9][a-z0-9.-]{0,63}, no "..". */
bool policy_name_ok(const char *text);
/* [a-z0-9]{1,16}. */
bool policy_ext_ok(const char *text);
/* [a-z0-9-]{1,20}, and none of the kinds that there are. */
bool policy_kind_ok(const char *text);
/* The kinds of finds in free text, in order; NULL ends them. */
extern const char *const policy_kinds[];
/* The lists of words of `text`: "keep_words", "names", "places", "institutions"; NULL ends them. */
extern const char *const policy_word_lists[];
/* What is found of this kind may stay where it stands. */
bool policy_kind_stays(const char *kind);
/* Words of letters and digits, one space, dash, full stop or apostrophe between; 2 to 64 bytes. */
bool policy_phrase_ok(const char *text);
/* An officially assigned ISO 3166-1 alpha-2 code. */
bool policy_country_ok(const char *text);
/* A DICOM code string: [A-Z0-9_ ]{1,16}. */
bool policy_modality_ok(const char *text);
/* A column's name: 1 to 256 bytes. */
bool policy_column_ok(const char *text);
/* $ and then .name, .*, [*], at most 32 steps and 256 bytes. */
bool policy_path_ok(const char *text);
/* The same, and behind $ and any step [name=value]; it ends with a step. */
bool policy_subject_path_ok(const char *text);
/* Such a path without [name=value], as fields are called. Caller frees; NULL without memory. */
char *policy_subject_field(const char *path);
/* The same for XML (format/xml.h): with wildcards, and without. */
bool policy_xml_path_ok(const char *text);
bool policy_xml_subject_ok(const char *text);
/* What stands before the colon of a name in such a path; empty for names without one. */
bool policy_prefix_ok(const char *text);
/* A header of mail that a policy can name: letters, figures, dashes; none that is made anew. */
bool policy_header_ok(const char *text);
/* A decimal number, -?[0-9]+(\.[0-9]+)?, at most 32 characters. */
bool policy_number(const char *text, double *out);
/* One byte, no quote, CR or LF. */
bool policy_delimiter_ok(const char *text);
/* NULL where the glob may stand in a policy; else what is wrong with it. */
const char *policy_glob_wrong(const char *text);
/* NULL where this may be a rule's glob with {key} in it; else what is wrong with it. */
const char *policy_key_glob_wrong(const char *text);
/* The name of a file beside the policy: [A-Za-z0-9][A-Za-z0-9._-]{0,95} and .csv (a hierarchy) or .txt (words). */
bool policy_file_ok(const char *text);
/* A type of FHIR resource: [A-Z][A-Za-z]{0,63}. */
bool policy_resource_ok(const char *text);
/* (gggg,eeee) in hex. */
bool policy_tag(const char *text, uint16_t *group, uint16_t *element);
/* NULL where a rule may say what becomes of this tag; else why not. */
const char *policy_tag_wrong(uint16_t group, uint16_t element, bool keep);
/* Digits alone, between min and max. */
bool policy_integer(const char *text, int64_t min, int64_t max, int64_t *out);

#endif
