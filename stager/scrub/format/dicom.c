/* DICOM Part 10 files: read whole, scrubbed by the Basic Profile at any depth, or held with a reason. */
#include "dicom_parts.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "../subject.h"
#include "stager/entry.h"
#include "stager/policy.h"
#include "stager/report.h"
#include "stager/scrub.h"
#include "stager/source.h"

#define PREAMBLE_LEN 128
#define READ_STEP ((size_t)1 << 20) /* of a file whose size is not known */
#define LARGE_PAGES_MIN ((size_t)8 << 20)
#define META_MAX 1024 /* our own file meta information */

/* Ours: 2.25. and a UUID (PS3.5 section B.2) drawn once for this program; at most 16 characters. */
#define IMPLEMENTATION_UID "2.25.127774653613970797626867433453834367210"
#define IMPLEMENTATION_NAME "STAGER_0_1"

/* The file meta information, as far as it is used. */
struct meta {
	char transfer[DICOM_UID_MAX + 1];
	char sop_class[DICOM_UID_MAX + 1];
	size_t end; /* where the dataset begins */
};

/* Touching 256 MiB for the first time costs as much as reading it; larger pages are fewer. Only advice. */
static void
use_large_pages(uint8_t *data, size_t len)
{
	size_t page = 4096, skip = (page - (uintptr_t)data % page) % page;

	if (len >= LARGE_PAGES_MIN)
		(void)madvise(data + skip, (len - skip) / page * page, MADV_HUGEPAGE);
}

/*
 * The whole file into memory that the caller frees. 1, or 0 where it is past DICOM_FILE_MAX, or -1.
 */
static int
read_file(struct source *in, uint8_t **data, size_t *len, struct err *e)
{
	uint8_t *more;
	size_t cap = 0;
	ssize_t n;

	if (in->size_known && in->size > DICOM_FILE_MAX)
		return 0;
	for (;;) {
		if (*len == cap) {
			/* One byte more than the size shows where the end is. */
			cap = cap == 0 && in->size_known ? (size_t)in->size + 1 : cap * 2 + READ_STEP;
			if (cap > DICOM_FILE_MAX + 1)
				cap = DICOM_FILE_MAX + 1;
			if ((more = realloc(*data, cap)) == NULL)
				return err_set(e, ERR_SYSTEM, "dicom: out of memory for %zu bytes", cap);
			*data = more;
			use_large_pages(more, cap);
		}
		if ((n = source_read_full(in, *data + *len, cap - *len, e)) == -1)
			return -1;
		*len += (size_t)n;
		if (*len > DICOM_FILE_MAX)
			return 0;
		if (*len < cap)
			return 1;
	}
}

/* A UID as a string; false where it is empty, too long or not one. */
static bool
uid_text(struct view uid, char out[static DICOM_UID_MAX + 1])
{
	if (uid.len == 0 || uid.len > DICOM_UID_MAX)
		return false;
	for (size_t i = 0; i < uid.len; i++)
		if (uid.data[i] != '.' && (uid.data[i] < '0' || uid.data[i] > '9'))
			return false;
	memcpy(out, uid.data, uid.len);
	out[uid.len] = '\0';
	return true;
}

/* Group 0002, explicit VR little endian whatever follows (PS3.10 section 7.1). NULL, or the reason to hold.
 */
static const char *
meta_read(const uint8_t *data, size_t len, struct meta *meta)
{
	const struct dicom_syntax syntax = {.explicit_vr = true};
	struct dicom_element el;
	struct view uid;
	uint32_t last = 0;
	bool unknown_vr;
	size_t at = PREAMBLE_LEN + 4;

	if (len < at || memcmp(data + PREAMBLE_LEN, "DICM", 4) != 0)
		return "dicom-preamble";
	while (len - at >= 4 && data[at] == 0x02 && data[at + 1] == 0x00) {
		if (!dicom_head(data, &at, len, syntax, &el, &unknown_vr))
			return unknown_vr ? "dicom-vr" : "dicom-broken";
		if (el.len > len - at || el.tag <= last)
			return "dicom-broken";
		last = el.tag;
		uid = dicom_trim(data + at, el.len);
		if (el.tag == DICOM_TAG(0x0002, 0x0002) && uid.len > 0 && !uid_text(uid, meta->sop_class))
			return "dicom-broken";
		if (el.tag == DICOM_TAG(0x0002, 0x0010) && uid.len > 0 && !uid_text(uid, meta->transfer))
			return "dicom-broken";
		at += el.len;
	}
	meta->end = at;
	return NULL;
}

/* The preamble (empty: it may hold anything) and our own file meta information. */
static int
meta_write(struct buf *out, const char *transfer, const char *sop_class, const char *instance, struct err *e)
{
	static const uint8_t preamble[PREAMBLE_LEN];
	static const uint8_t version[2] = {0, 1};
	const struct dicom_syntax syntax = {.explicit_vr = true};
	struct dicom_out meta;
	int rc = -1;

	dicom_out_init(&meta);
	if (dicom_out_element(&meta, syntax, DICOM_TAG(2, 0x01), VR_OB, version, sizeof(version), e) == -1 ||
	    dicom_out_text(&meta, syntax, DICOM_TAG(2, 0x02), VR_UI, sop_class, e) == -1 ||
	    dicom_out_text(&meta, syntax, DICOM_TAG(2, 0x03), VR_UI, instance, e) == -1 ||
	    dicom_out_text(&meta, syntax, DICOM_TAG(2, 0x10), VR_UI, transfer, e) == -1 ||
	    dicom_out_text(&meta, syntax, DICOM_TAG(2, 0x12), VR_UI, IMPLEMENTATION_UID, e) == -1 ||
	    dicom_out_text(&meta, syntax, DICOM_TAG(2, 0x13), VR_SH, IMPLEMENTATION_NAME, e) == -1)
		goto out;
	/* (0002,0000) UL: the length of what follows it. */
	if (buf_put(out, preamble, sizeof(preamble), e) == -1 ||
	    buf_put(out, "DICM\2\0\0\0UL\4\0", 12, e) == -1 ||
	    buf_put_u32le(out, (uint32_t)meta.made.len, e) == -1)
		goto out;
	rc = buf_put(out, meta.made.data, meta.made.len, e);
out:
	dicom_out_free(&meta);
	return rc;
}

/* Does the value hold the word, in upper or lower case, other than as the beginning of the word `but`? */
static bool
has_word(struct view v, const char *word, const char *but)
{
	size_t len = strlen(word), but_len = but != NULL ? strlen(but) : 0;

	for (size_t i = 0; i + len <= v.len; i++) {
		const char *at = (const char *)v.data + i;

		if (strncasecmp(at, word, len) != 0)
			continue;
		if (but == NULL || v.len - i < but_len || strncasecmp(at, but, but_len) != 0)
			return true;
	}
	return false;
}

static bool
is_yes(struct view v)
{
	return v.len == 3 && memcmp(v.data, "YES", 3) == 0;
}

/*
 * Text is likely to be burned into the pixels: captured screens and ultrasound, what says so itself, labels
 * of slides. That (0028,0301) is absent says nothing: CT and MR scanners leave it out.
 */
static bool
burned_in(const struct dicom *d, enum dicom_class class)
{
	const struct view *f = d->fact;

	return class == DICOM_CLASS_CAPTURE || is_yes(f[FACT_BURNED_IN]) ||
	       has_word(f[FACT_IMAGE_TYPE], "SAVE", NULL) || has_word(f[FACT_IMAGE_TYPE], "SCREEN", NULL) ||
	       has_word(f[FACT_IMAGE_TYPE], "LABEL", NULL) ||
	       has_word(f[FACT_IMAGE_TYPE], "OVERVIEW", NULL) ||
	       has_word(f[FACT_SERIES_DESCRIPTION], "SAVE", NULL) ||
	       has_word(f[FACT_SERIES_DESCRIPTION], "SCREEN", "SCREENING") ||
	       f[FACT_CONVERSION_TYPE].len > 0 || f[FACT_CAPTURE_DEVICE].len > 0;
}

static bool
modality_listed(const struct rule *rule, struct view modality)
{
	if (rule->modalities == NULL)
		return true;
	for (size_t i = 0; i < rule->modality_count; i++)
		if (strlen(rule->modalities[i]) == modality.len &&
		    memcmp(rule->modalities[i], modality.data, modality.len) == 0)
			return true;
	return false;
}

/* The reason to hold a file that could be read to its end, or NULL. */
static const char *
judge(const struct dicom *d, const struct meta *meta, char sop_class[static DICOM_UID_MAX + 1])
{
	const struct rule *rule = d->s->rule;
	char instance[DICOM_UID_MAX + 1];
	enum dicom_class class;

	if (!uid_text(d->fact[FACT_SOP_CLASS], sop_class) ||
	    (meta->sop_class[0] != '\0' && strcmp(meta->sop_class, sop_class) != 0) ||
	    (class = dicom_class(sop_class)) == DICOM_CLASS_NO)
		return "dicom-sop-class";
	if (!uid_text(d->fact[FACT_SOP_INSTANCE], instance))
		return "dicom-broken";
	if (!modality_listed(rule, d->fact[FACT_MODALITY]))
		return "dicom-modality";
	if (rule->subject != NULL && d->fact[FACT_PATIENT_ID].len == 0)
		return "subject-missing";
	if (rule->burned_in_hold && burned_in(d, class))
		return "dicom-burned-in";
	if (rule->burned_in_hold && (class == DICOM_CLASS_PERSON || is_yes(d->fact[FACT_RECOGNIZABLE])))
		return "dicom-recognizable";
	return NULL;
}

static int
write_member(struct dicom *d, const struct meta *meta, const char *sop_class, struct err *e)
{
	struct view patient = d->fact[FACT_PATIENT_ID], instance = d->fact[FACT_SOP_INSTANCE];
	char subject[PSEUDONYM_LEN + 1] = "x";
	struct entry entry;
	struct buf uid, head;
	const char *uid_string;
	int rc = -1;

	buf_init(&uid, 2 * DICOM_UID_MAX);
	buf_init(&head, META_MAX);
	if (dicom_uid_replace(d->s, instance.data, instance.len, &uid, e) == -1)
		goto out;
	/* The same UID as in (0008,0018), without its padding, which meta_write adds itself. */
	if (uid.len > 0 && uid.data[uid.len - 1] == '\0')
		uid.len--;
	if ((uid_string = buf_cstr(&uid, e)) == NULL ||
	    meta_write(&head, meta->transfer, sop_class, uid_string, e) == -1)
		goto out;
	if (d->s->subject != NULL)
		memcpy(subject, d->s->subject->pseudonym, sizeof(subject));
	else if (d->s->rule->subject != NULL)
		pseudonym_make(d->s->key, (const char *)patient.data, patient.len, subject);
	entry_init(&entry, subject, "dcm", RESCAN_DICOM, head.len + d->out.size);
	if (entry_begin(d->s->out, &entry, e) == -1 || entry_write(d->s->out, head.data, head.len, e) == -1)
		goto out;
	rc = dicom_out_write(&d->out, d->s->out, e);
out:
	buf_free(&uid);
	buf_free(&head);
	return rc;
}

static void
count(const struct dicom *d, struct report *report)
{
	report_add(report, "actions", "dicom-removed", d->removed);
	report_add(report, "actions", "dicom-private-removed", d->private_removed);
	report_add(report, "actions", "dicom-emptied", d->zeroed);
	report_add(report, "actions", "dicom-dummy", d->dummies);
	report_add(report, "actions", "dicom-uid", d->uids);
	report_add(report, "actions", "dicom-text-emptied", d->texts);
	report_add(report, "actions", "dicom-overwritten", d->overwritten);
	if (d->shifted > 0)
		report_add(report, "actions", "dicom-shifted", d->shifted);
	if (d->attributes > 0)
		report_add(report, "actions", "dicom-attribute", d->attributes);
	if (d->applied[0] > 0)
		report_add(report, "actions", "coarse", d->applied[0]);
	if (d->applied[1] > 0)
		report_add(report, "actions", "hierarchy", d->applied[1]);
	report_add(report, "members", "out", 1);
}

/* Whom the file is about: 1; 0 where nothing of it may leave, with d->hold where that is not counted yet; -1. */
static int
find_subject(struct dicom *d, const struct source *in, size_t at, struct dicom_syntax syntax,
    struct subject *subject, struct err *e)
{
	struct scrub *s = d->s;
	struct view id;
	int rc;

	if (s->rule->subject == NULL) {
		return 1;
	}
	if ((rc = dicom_patient(d, at, syntax, e)) != 0)
		return rc == 1 ? 0 : -1;
	id = d->fact[FACT_PATIENT_ID];
	if (id.len == 0) {
		d->hold = "subject-missing";
		return 0;
	}
	s->subject = subject;
	return subject_of_file(s, (const char *)id.data, id.len, in->number);
}

int
dicom_scrub(struct scrub *s, struct source *in, struct err *e)
{
	struct dicom d = {.s = s};
	struct subject subject;
	struct meta meta = {0};
	struct dicom_transfer transfer;
	char sop_class[DICOM_UID_MAX + 1];
	const char *reason = NULL;
	uint8_t *data = NULL;
	size_t len = 0;
	bool known = false; /* whom it is about, or that it is nobody's */
	int rc = -1, got;

	dicom_out_init(&d.out);
	if ((got = read_file(in, &data, &len, e)) == -1)
		goto out;
	report_add(s->report, "bytes", "in", len);
	if (got == 0) {
		reason = "dicom-too-large";
		goto held;
	}
	if ((reason = meta_read(data, len, &meta)) != NULL)
		goto held;
	/* A directory or a document is named as such even where its dataset cannot be read. */
	if (meta.sop_class[0] != '\0' && dicom_class(meta.sop_class) == DICOM_CLASS_NO) {
		reason = "dicom-sop-class";
		goto held;
	}
	transfer = dicom_transfer(meta.transfer);
	if ((reason = transfer.hold) != NULL)
		goto held;
	d.data = data;
	d.len = len;
	d.codec = transfer.codec;
	d.several = transfer.several;
	if (s->context != NULL) {
		if ((got = find_subject(&d, in, meta.end, transfer.syntax, &subject, e)) != 1) {
			if (got == -1)
				goto out;
			reason = d.hold;
			goto held;
		}
		known = true;
	}
	if ((got = dicom_dataset(&d, meta.end, transfer.syntax, e)) == -1) {
		if (e->code != ERR_LIMIT)
			goto out;
		reason = "dicom-too-large";
		goto held;
	}
	if ((reason = got == 1 ? d.hold : judge(&d, &meta, sop_class)) != NULL)
		goto held;
	if (write_member(&d, &meta, sop_class, e) == -1)
		goto out;
	count(&d, s->report);
held:
	if (known && !subject_drops(reason))
		report_add(s->report, "subjects", s->rule->subject != NULL ? "linked" : "unlinked", 1);
	if (reason != NULL) {
		subject_not_passed(s, reason, in->number);
		report_hold_field(s->report, HOLD_FILE, reason, d.hold_tag, 1);
	}
	rc = 0;
out:
	s->subject = NULL;
	dicom_out_free(&d.out);
	free(data);
	return rc;
}
