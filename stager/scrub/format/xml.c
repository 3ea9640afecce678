/* Files of XML: one document, one member. */
#include "xml.h"

#include <stdlib.h>
#include <string.h>

#include "../action.h"
#include "tally.h"
#include "stager/encoding.h"
#include "stager/entry.h"
#include "stager/report.h"
#include "stager/source.h"

/* Whom it is about. 1; 0 held; 2: it leaves with its subject, d->reason is then a word of "subjects"; -1. */
static int
find_subject(
    struct xml_doc *d, struct scrub *s, enum encoding is, const uint8_t *text, size_t len, struct err *e)
{
	struct xml_paths paths = {0};
	const char *dropped;
	int rc;

	if (xml_paths_make(&paths, s->rule, true, e) == -1) {
		xml_paths_free(&paths);
		return -1;
	}
	d->finding = true;
	rc = xml_doc_walk(d, &paths, is, text, len, e);
	d->finding = false;
	xml_paths_free(&paths);
	if (rc != 1)
		return rc;
	/* A canary is all of one subject, of whom no context knows. */
	if (s->subject != NULL && s->context == NULL)
		return 1;
	if (!d->has_subject) {
		d->reason = "subject-missing";
		return 0;
	}
	if (s->subject == NULL)
		return 1;
	switch (subject_find(s, (const char *)d->subject.data, d->subject.len, &dropped, &d->reason)) {
	case SUBJECT_TAKEN:
		return 1;
	case SUBJECT_DROPPED:
		d->reason = dropped;
		return 2;
	case SUBJECT_HELD:
		break;
	}
	return 0;
}

static int
put_document(const struct xml_doc *d, struct scrub *s, struct err *e)
{
	char subject[PSEUDONYM_LEN + 1] = "x";
	struct entry entry;

	if (s->subject != NULL)
		memcpy(subject, s->subject->pseudonym, sizeof(subject));
	else if (d->has_subject)
		pseudonym_make(s->key, (const char *)d->subject.data, d->subject.len, subject);
	entry_init(&entry, subject, "xml", RESCAN_XML, d->out.len);
	if (entry_put(s->out, &entry, d->out.data, d->out.len, e) == -1)
		return -1;
	report_add(s->report, "members", "out", 1);
	return 0;
}

static void
report_document(const struct xml_doc *d, const struct scrub *s, const struct source *in, int rc)
{
	if (rc == 2) {
		report_add(s->report, "files", "dropped", 1);
		report_add(s->report, "subjects", d->reason, 1);
	} else if (rc == 0) {
		report_hold(s->report, HOLD_FILE, d->reason, in->number, 1);
		report_hold_field(s->report, HOLD_FILE, d->reason, tally_field(s->rule, d->wrong), 1);
	} else {
		for (size_t i = 0; i < XML_ACTIONS; i++)
			if (d->actions[i] > 0)
				report_add(
				    s->report, "actions", action_word((enum action_kind)i), d->actions[i]);
		text_finds_report(&d->finds, s->report);
		if (s->context != NULL)
			report_add(
			    s->report, "subjects", s->rule->subject != NULL ? "linked" : "unlinked", 1);
	}
}

int
xml_scrub(struct scrub *s, struct source *in, struct err *e)
{
	struct xml_doc *d = calloc(1, sizeof(*d));
	struct xml_paths paths = {0};
	struct buf text;
	size_t skip;
	enum encoding is;
	int rc = -1;

	if (d == NULL)
		return err_sys(e, "xml: memory for a document");
	buf_init_wiped(&text, XML_DOCUMENT_MAX + 1);
	if (xml_doc_init(d, s, e) == -1 || source_read_all(in, &text, e) == -1 ||
	    xml_paths_make(&paths, s->rule, false, e) == -1)
		goto out;
	report_add(s->report, "bytes", "in", text.len);
	is = encoded_leaves(s->out);
	skip = text.len >= 3 && memcmp(text.data, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
	if (s->context != NULL && s->rule->subject != NULL)
		s->subject = &d->person;
	rc = 1;
	if (text.len > XML_DOCUMENT_MAX) {
		d->reason = "text-too-large";
		rc = 0;
	}
	if (rc == 1 && s->rule->subject != NULL)
		rc = find_subject(d, s, is, text.data + skip, text.len - skip, e);
	if (rc == 1)
		rc = xml_doc_walk(d, &paths, is, text.data + skip, text.len - skip, e);
	if (rc == 0 && subject_drops(d->reason))
		rc = 2;
	if (rc == -1 || (rc == 1 && put_document(d, s, e) == -1)) {
		rc = -1;
		goto out;
	}
	report_document(d, s, in, rc);
	rc = 0;
out:
	s->subject = NULL;
	buf_free(&text);
	xml_paths_free(&paths);
	xml_doc_free(d);
	explicit_bzero(d, sizeof(*d));
	free(d);
	return rc;
}
