/* What the files of the DICOM reader share: the dataset being scrubbed, its output, values and known UIDs. */
#ifndef SCRUB_FORMAT_DICOM_PARTS_H
#define SCRUB_FORMAT_DICOM_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stager/buf.h"
#include "stager/err.h"

#include "stager/dicom_table.h"

struct rule;
struct scrub;
struct entry_writer;

#define DICOM_FILE_MAX ((size_t)256 << 20)   /* a file is read wholly into memory */
#define DICOM_MADE_MAX ((size_t)64 << 20)    /* what is written anew of it: all but long kept runs */
#define DICOM_DEPTH_MAX 32                   /* sequences inside one another */
#define DICOM_UNDEFINED UINT32_C(0xffffffff) /* the length that says: up to a delimiter */
#define DICOM_UID_MAX 64

#define DICOM_TAG(group, element) ((uint32_t)(group) << 16 | (element))
#define DICOM_ITEM DICOM_TAG(0xfffe, 0xe000)
#define DICOM_ITEM_END DICOM_TAG(0xfffe, 0xe00d)
#define DICOM_SEQUENCE_END DICOM_TAG(0xfffe, 0xe0dd)
#define DICOM_PIXEL_DATA DICOM_TAG(0x7fe0, 0x0010)
#define DICOM_FLOAT_PIXELS DICOM_TAG(0x7fe0, 0x0008)
#define DICOM_DOUBLE_PIXELS DICOM_TAG(0x7fe0, 0x0009)

/* How a dataset is written (PS3.5 section 7 and annex A). */
struct dicom_syntax {
	bool explicit_vr;
	bool big;          /* big endian */
	bool encapsulated; /* pixel data in fragments */
};

/* What is in the fragments of encapsulated pixel data. */
enum dicom_codec {
	DICOM_CODEC_OTHER, /* not looked into: films, JPEG XL */
	DICOM_CODEC_JPEG,  /* and JPEG-LS */
	DICOM_CODEC_J2K,   /* JPEG 2000, also high-throughput */
	DICOM_CODEC_RLE,
	DICOM_CODEC_PLAIN, /* not compressed */
};

/* What a transfer syntax UID means here; NULL hold: it is read. */
struct dicom_transfer {
	struct dicom_syntax syntax;
	enum dicom_codec codec;
	bool several; /* one codestream may hold several frames */
	const char *hold;
};

/* Only exact UIDs of the standard are known; all others are held. dicom_known.c */
struct dicom_transfer dicom_transfer(const char *uid);

enum dicom_class {
	DICOM_CLASS_NO,      /* not one that the profile can clean, or unknown: held */
	DICOM_CLASS_PASS,    /* images, and radiotherapy objects made of numbers and references */
	DICOM_CLASS_CAPTURE, /* text is likely to be burned into the pixels */
	DICOM_CLASS_PERSON,  /* photographs of people */
};
enum dicom_class dicom_class(const char *uid);

/* dicom_value.c */

/* An explicit VR's two letters; VR_COUNT where there is no such VR. */
enum dicom_vr dicom_vr_of(const uint8_t letters[static 2]);
const char *dicom_vr_letters(enum dicom_vr vr);
/* Explicit VRs with a reserved field and a 32-bit length. */
bool dicom_vr_long(enum dicom_vr vr);
/* May a file write an attribute of the dictionary's VR with this one? */
bool dicom_vr_fits(enum dicom_vr written, enum dicom_vr dictionary);
/* The VR to write where the file has none of its own. */
enum dicom_vr dicom_vr_plain(enum dicom_vr dictionary);

enum dicom_value { DICOM_VALUE_GOOD, DICOM_VALUE_BAD, DICOM_VALUE_BROKEN };
/*
 * Is this a value of its attribute? BAD: characters that its VR does not have (a name in a number), to be
 * blanked. BROKEN: it cannot have been written as this attribute (binary in text, a length that no number
 * has): a wrong length may have swallowed what follows.
 */
enum dicom_value dicom_value_check(const struct dicom_attribute *attribute, const uint8_t *value, size_t len);
/* The fixed dummy of a VR, even in length; NULL for UI and SQ. */
const char *dicom_dummy(enum dicom_vr vr, size_t *len);
/* Value without its padding: leading and trailing spaces, trailing NULs. */
struct view dicom_trim(const uint8_t *value, size_t len);
/* Appends the replacements of a UI value's UIDs, padded to an even length. */
int dicom_uid_replace(
    const struct scrub *s, const uint8_t *value, size_t len, struct buf *out, struct err *e) MUST_CHECK;

/*
 * dicom_out.c: the output is a list of pieces, in order. Long kept runs of the input are pieces by reference
 * (pixel data is never copied); everything else is gathered in `made`.
 */
struct dicom_piece {
	const uint8_t *data; /* of the input; NULL: the next len bytes of made */
	size_t len;
};

struct dicom_out {
	const uint8_t *run; /* kept input not yet a piece, or NULL */
	size_t run_len;
	struct dicom_piece *pieces;
	size_t count, cap;
	struct buf made;
	size_t made_done; /* of made, what is in pieces already */
	uint64_t size;
};

void dicom_out_init(struct dicom_out *o);
void dicom_out_free(struct dicom_out *o);
/* Keep len bytes of the input, which must live until dicom_out_write. ERR_LIMIT past DICOM_MADE_MAX. */
int dicom_out_keep(struct dicom_out *o, const uint8_t *data, size_t len, struct err *e) MUST_CHECK;
/* len bytes that are zero. */
int dicom_out_zeros(struct dicom_out *o, size_t len, struct err *e) MUST_CHECK;
/* An element's head. vr says what explicit syntaxes write. */
int dicom_out_head(struct dicom_out *o, struct dicom_syntax syntax, uint32_t tag, enum dicom_vr vr,
    uint32_t len, struct err *e) MUST_CHECK;
/* A head and its value, which must be even in length. */
int dicom_out_element(struct dicom_out *o, struct dicom_syntax syntax, uint32_t tag, enum dicom_vr vr,
    const void *value, size_t len, struct err *e) MUST_CHECK;
/* Text, padded with a space. */
int dicom_out_text(struct dicom_out *o, struct dicom_syntax syntax, uint32_t tag, enum dicom_vr vr,
    const char *text, struct err *e) MUST_CHECK;
/* An item's head or a delimiter: a tag and a length, without VR. */
int dicom_out_mark(
    struct dicom_out *o, struct dicom_syntax syntax, uint32_t tag, uint32_t len, struct err *e) MUST_CHECK;
/* Nothing follows: o->size is then the length of the output. */
int dicom_out_end(struct dicom_out *o, struct err *e) MUST_CHECK;
int dicom_out_write(const struct dicom_out *o, struct entry_writer *w, struct err *e) MUST_CHECK;

/* dicom_codestream.c: the images in a row of fragments, each of which may go on in the next. Begins as zeros. */
struct dicom_codestream {
	enum dicom_codec codec; /* JPEG or J2K */
	uint64_t images;        /* that began */
	uint64_t overwritten;   /* stretches that were zeroed */
	int at;                 /* what is expected */
	unsigned marker;
	size_t left; /* of its segment */
	bool scanned, fresh, whole;
};
/*
 * One fragment to the output, as long as it was. Comments, application segments (but for what a decoder needs
 * to know of colours), unknown boxes, and what stands behind an image's end are zeros there. 0; 1 where its
 * markers cannot be followed; -1 with e set.
 */
int dicom_codestream_put(struct dicom_codestream *c, struct dicom_out *out, const uint8_t *data, size_t len,
    struct err *e) MUST_CHECK;
/* May it end here: no image in the middle of its markers? */
bool dicom_codestream_whole(const struct dicom_codestream *c);

/* dicom_pixels.c: the image that a dataset's attributes describe. Begins as zeros. */
struct dicom_image {
	unsigned rows, columns, samples, bits;
	uint32_t frames; /* 0: it says something that is no count */
	bool frames_said;
	bool halved; /* colours for every second pixel, where not compressed */
};
/* Look at one attribute of the dataset. big: its numbers are big endian. */
void dicom_image_note(struct dicom_image *image, uint32_t tag, const uint8_t *value, size_t len, bool big);
/* Is this as long as the image, to the byte? swapped: bytes in big-endian words. */
bool dicom_pixels_native(
    const struct dicom_image *image, uint32_t tag, const uint8_t *value, size_t len, bool swapped);

/* The fragments of one PixelData. Begins as zeros but for stream.codec and several. */
struct dicom_fragments {
	struct dicom_codestream stream;
	const struct dicom_image *image;
	const uint8_t *table, *first; /* the offset table; the first item behind it */
	size_t table_count, table_at;
	uint64_t count;
	bool several;
};
/* table: the value of the first item. False where the file must be held as dicom-pixels. */
bool dicom_fragments_begin(
    struct dicom_fragments *f, const struct dicom_image *image, const uint8_t *table, size_t len);
/* item: a head of 8 bytes, then len bytes. 0; 1: held for *reason; -1. */
int dicom_fragments_put(struct dicom_fragments *f, struct dicom_out *out, const uint8_t *item, size_t len,
    const char **reason, struct err *e) MUST_CHECK;
/* Behind the last: NULL, or the reason to hold. */
const char *dicom_fragments_end(const struct dicom_fragments *f);

/*
 * dicom_text.c: 1 where the detectors of free text find something in a kept value, where a number is a
 * citizen's, or where a character set is none; 0; -1 with e set.
 */
int dicom_text_found(const struct scrub *s, const struct dicom_attribute *attribute, const uint8_t *value,
    size_t len, struct err *e) MUST_CHECK;

/* dicom_dataset.c */

/* What the holds look at: values of the outermost dataset, still in the input. */
enum dicom_fact {
	FACT_IMAGE_TYPE,
	FACT_SOP_CLASS,
	FACT_SOP_INSTANCE,
	FACT_MODALITY,
	FACT_CONVERSION_TYPE,
	FACT_SERIES_DESCRIPTION,
	FACT_PATIENT_ID,
	FACT_BURNED_IN,
	FACT_RECOGNIZABLE,
	FACT_CAPTURE_DEVICE, /* any of (0018,1010) to (0018,101B) that is not empty */
	FACT_COUNT,
};

struct dicom {
	struct scrub *s;
	struct dicom_out out;
	const uint8_t *data;
	size_t len;
	struct view fact[FACT_COUNT]; /* trimmed; data NULL where there is none */
	uint32_t inserted;            /* our own elements up to this tag are written */
	const char *hold;             /* the reason, where 1 was returned */
	size_t hold_tag;              /* the place, from 1, of the rule's tag whose value it was; 0: none */
	enum dicom_codec codec;       /* of the fragments */
	bool several;                 /* as in struct dicom_transfer */
	uint64_t removed, private_removed, zeroed, dummies, uids, texts, overwritten, shifted, attributes;
	uint64_t applied[2]; /* numbers made less exact; levels of hierarchies */
};

/*
 * Scrub the dataset in data[at..len) into d->out and gather the facts. 0; 1 with d->hold set: the file is
 * held; -1 with e set.
 */
int dicom_dataset(struct dicom *d, size_t at, struct dicom_syntax syntax, struct err *e) MUST_CHECK;

/*
 * The PatientID of the dataset in data[at..len), into d->fact, before anything else is done with it; nothing where there is none. 0;
 * 1 with d->hold set; -1.
 */
int dicom_patient(struct dicom *d, size_t at, struct dicom_syntax syntax, struct err *e) MUST_CHECK;

/* dicom_replace.c: what the policy says about this tag; NULL where it says nothing. */
struct dicom_element;
struct tag_rule;
const struct tag_rule *dicom_rule_of(const struct rule *rule, uint32_t tag);
enum dicom_action dicom_action_of(const struct tag_rule *rule);
/* Put an element with something else in place of its value: nothing, a dummy, what the policy's action makes. 0; 1 with d->hold set;
 * -1. */
int dicom_replace(struct dicom *d, struct dicom_syntax syntax, const struct dicom_element *el,
    const uint8_t *value, const struct dicom_attribute *a, enum dicom_action action,
    struct err *e) MUST_CHECK;

/* dicom_subject.c: may this attribute's dates stay, moved? All but those of births. */
bool dicom_longitudinal(const struct dicom_attribute *a);
/* Append the dates of a DA or DT value, moved with the subject's; 1, 0 where it is none, -1. */
int dicom_shift_dates(const struct scrub *s, enum dicom_vr vr, const uint8_t *value, size_t len,
    struct buf *out, struct err *e) MUST_CHECK;
/* Append an attribute of the subject as this VR says it; 1, 0 where it cannot, -1. */
int dicom_put_attribute(const struct scrub *s, size_t attribute, const struct dicom_attribute *a,
    struct buf *out, struct err *e) MUST_CHECK;
/* Does the policy move dates of this rule's files? */
bool dicom_dates_moved(const struct rule *rule);

/* dicom_method.c: our own elements of the outermost dataset with tags up to this one that are not written
 * yet. */
int dicom_insert(struct dicom *d, struct dicom_syntax syntax, uint32_t upto, struct err *e) MUST_CHECK;
/* Is it one of ours? Then the file's own leaves. */
bool dicom_inserted(uint32_t tag);

/* A head at data[*at..end), past which *at is moved; false where it is cut or its VR is none (*unknown_vr).
 */
struct dicom_element {
	uint32_t tag, len;
	enum dicom_vr vr; /* as written; VR_UN where the syntax is implicit, or the tag has none */
	size_t start;     /* of the head */
};
bool dicom_head(const uint8_t *data, size_t *at, size_t end, struct dicom_syntax syntax,
    struct dicom_element *element, bool *unknown_vr);

/* dicom_fact.c: which fact a tag of the outermost dataset is; FACT_COUNT: none. */
enum dicom_fact dicom_fact_of(uint32_t tag);
/* An element of the outermost dataset: noted, where it is a fact. */
void dicom_fact_note(struct dicom *d, const struct dicom_element *el, const uint8_t *value);

#endif
