/* Files of mail (.eml): the headers that the policy names and the text, as a new message in UTF-8. */
#include "mail.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "../action.h"
#include "../subject.h"
#include "tally.h"
#include "stager/entry.h"
#include "stager/report.h"
#include "stager/source.h"

#define LINE_MAX_LEN 990 /* of the 998 that RFC 5322 allows, CR and LF not counted */

/* A header or the body: where in `text` it stands, or in `made`, where no detector reads it. */
struct piece {
	const char *name; /* of the policy; NULL: the body */
	bool text;
	size_t at, len;
};

struct run {
	struct scrub *scrub;
	const char *reason;
	const struct action *wrong; /* of the header that the mail is held for */
	bool crlf;
	bool named;       /* an address is somebody's of whom nothing may leave */
	struct buf value; /* of the header in hand */
	struct buf
	    text; /* all that the detectors read, one behind the other: they number their tags through it */
	struct buf made; /* other values */
	struct buf clean;
	struct buf out;
	struct buf body; /* the clean one, its quoted lines marked again */
	struct mail_quotes quotes;
	struct piece pieces[MAIL_FIELDS_MAX + 1]; /* the body is the last */
	size_t count;
	uint64_t actions[ACTION_KINDS];
	uint64_t attachments;
	struct text_finds finds;
};

static int
held(struct run *r, const char *why)
{
	r->reason = why;
	return 0;
}

/* --- headers --- */

/* Addresses as pseudonyms, in one case, so that they meet wherever they stand. */
static int
put_pseudonym(void *ctx, const char *address, size_t len, struct err *e)
{
	char pseudonym[PSEUDONYM_LEN + 1], low[MAIL_ADDRESS_MAX];
	struct run *r = ctx;

	for (size_t i = 0; i < len; i++)
		low[i] = (char)(address[i] >= 'A' && address[i] <= 'Z' ? address[i] | 0x20 : address[i]);
	/* As a key it may be spelled otherwise. */
	pseudonym_make(r->scrub->key, address, len, pseudonym);
	r->named = r->named || subject_excluded(r->scrub, address, len, pseudonym);
	pseudonym_make(r->scrub->key, low, len, pseudonym);
	r->named = r->named || subject_excluded(r->scrub, low, len, pseudonym);
	explicit_bzero(low, sizeof(low));
	if (r->made.len > 0 && r->made.data[r->made.len - 1] != '\n' && buf_put_str(&r->made, ", ", e) == -1)
		return -1;
	return buf_put(&r->made, pseudonym, PSEUDONYM_LEN, e);
}

/* A day, moved or cut; other dates are for action_apply. */
static bool
put_date(struct run *r, const struct action *a, struct mail_text value, int *rc, struct err *e)
{
	char date[48];
	unsigned year;
	long days = 0;

	if (a->kind != ACTION_SHIFT && a->kind != ACTION_YEAR)
		return false;
	if (a->kind == ACTION_SHIFT &&
	    (r->scrub->subject == NULL || !subject_shift(r->scrub->subject, &days)))
		return false;
	if (!mail_date(value, &year, days, date))
		return false;
	if (a->kind == ACTION_YEAR)
		action_year_text(year, date);
	*rc = buf_put(&r->made, date, a->kind == ACTION_YEAR ? 4 : strlen(date), e) == -1 ? -1 : 1;
	return true;
}

static int
take_field(struct run *r, const struct mail_field *field, const struct field *rule, struct err *e)
{
	const struct action *a = &rule->action;
	const bool ids = mail_is(field->name, "message-id") || mail_is(field->name, "references") ||
			 mail_is(field->name, "in-reply-to");
	struct piece *p = &r->pieces[r->count];
	int rc = 1;

	r->actions[a->kind]++;
	if (a->kind == ACTION_DROP)
		return 1;
	*p = (struct piece){.name = rule->name, .text = a->kind == ACTION_TEXT};
	p->at = p->text ? r->text.len : r->made.len;
	buf_clear(&r->value);
	if (a->kind == ACTION_PSEUDONYM) {
		rc = mail_addresses(field->value, ids, put_pseudonym, r, &r->reason, e);
		if (rc == 1 && r->named)
			rc = held(r, SUBJECT_NAMED);
	} else if (!put_date(r, a, field->value, &rc, e)) {
		if ((rc = mail_unfold(field->value, &r->value, &r->reason, e)) != 1)
			return rc;
		if (p->text)
			rc = r->value.len > 0 && buf_put(&r->text, r->value.data, r->value.len, e) == -1 ? -1
													 : 1;
		else
			rc = action_apply(r->scrub, a,
			    r->value.data == NULL ? "" : (const char *)r->value.data, r->value.len, &r->made,
			    &r->finds, &r->reason, e);
	}
	if (rc != 1)
		return rc;
	p->len = (p->text ? r->text.len : r->made.len) - p->at;
	r->count++;
	/* Parted, for the detectors as for put_pseudonym. */
	return buf_put_str(p->text ? &r->text : &r->made, "\n\n", e) == -1 ? -1 : 1;
}

/* Headers that the policy does not name go: there is no end of those that programs add. */
static int
take_head(struct run *r, const struct mail_head *h, struct err *e)
{
	const struct rule *rule = r->scrub->rule;
	int rc;

	for (size_t i = 0; i < h->count; i++)
		for (size_t k = 0; k < rule->field_count; k++)
			if (mail_is(h->fields[i].name, rule->fields[k].name)) {
				r->wrong = &rule->fields[k].action;
				if ((rc = take_field(r, &h->fields[i], &rule->fields[k], e)) != 1)
					return rc;
				break;
			}
	r->wrong = NULL;
	return 1;
}

/* --- the new message --- */

static int
put_end(struct run *r, struct err *e)
{
	return buf_put_str(&r->out, r->crlf ? "\r\n" : "\n", e);
}

/* One line, cut where it is too long: at a space, or else between characters. next: what the next line begins with. */
static int
put_line(struct run *r, size_t used, const uint8_t *s, size_t len, const char *next, struct err *e)
{
	size_t room = LINE_MAX_LEN - used, cut;

	while (len > room) {
		for (cut = room; cut > room / 2 && s[cut] != ' '; cut--)
			;
		if (s[cut] != ' ')
			for (cut = room; cut > 1 && (s[cut] & 0xc0) == 0x80;)
				cut--;
		if (buf_put(&r->out, s, cut, e) == -1 || put_end(r, e) == -1 ||
		    buf_put_str(&r->out, next, e) == -1)
			return -1;
		s += cut;
		len -= cut;
		/* The space that it was cut at: of a header it is the fold. */
		if (*s == ' ') {
			s++;
			len--;
		}
		room = LINE_MAX_LEN - 1;
	}
	return (len > 0 && buf_put(&r->out, s, len, e) == -1) ? -1 : put_end(r, e);
}

static int
put_body(struct run *r, const uint8_t *s, size_t len, struct err *e)
{
	for (size_t at = 0, n; at < len; at += n + 1) {
		const uint8_t *lf = memchr(s + at, '\n', len - at);

		n = lf == NULL ? len - at : (size_t)(lf - (s + at));
		if (put_line(r, 0, s + at, n, "", e) == -1)
			return -1;
	}
	return 0;
}

static int
put_message(struct run *r, struct err *e)
{
	static const char *const made[] = {"MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8",
	    "Content-Transfer-Encoding: 8bit", ""};
	const uint8_t *s;

	for (size_t i = 0; i < r->count; i++) {
		const struct piece *p = &r->pieces[i];

		s = p->len == 0 ? (const uint8_t *)"" : (p->text ? r->clean.data : r->made.data) + p->at;
		if (p->name == NULL) {
			for (size_t k = 0; k < sizeof(made) / sizeof(made[0]); k++)
				if (buf_put_str(&r->out, made[k], e) == -1 || put_end(r, e) == -1)
					return -1;
			if (mail_quotes_put(s, p->len, &r->quotes, &r->body, e) == -1 ||
			    put_body(r, r->body.data, r->body.len, e) == -1)
				return -1;
		} else if (buf_put_str(&r->out, p->name, e) == -1 || buf_put_str(&r->out, ": ", e) == -1 ||
			   put_line(r, strlen(p->name) + 2, s, p->len, " ", e) == -1) {
			return -1;
		}
	}
	return 0;
}

/* The detectors read all of it as one, without what marks a line as quoted: a name goes on behind that. */
static int
clean(struct run *r, struct err *e)
{
	const size_t room = 2 * r->count + r->quotes.count;
	size_t *cuts = reallocarray(NULL, room, 2 * sizeof(*cuts)),
	       *cut_out = cuts == NULL ? NULL : cuts + room;
	size_t count = 0;
	int rc = -1;

	if (cuts == NULL)
		return err_sys(e, "mail: memory for the places of its parts");
	for (size_t i = 0; i < r->count; i++) {
		if (!r->pieces[i].text)
			continue;
		cuts[count++] = r->pieces[i].at;
		for (size_t k = 0; r->pieces[i].name == NULL && k < r->quotes.count; k++)
			cuts[count++] = r->pieces[i].at + r->quotes.marks[k].at;
		cuts[count++] = r->pieces[i].at + r->pieces[i].len;
	}
	if (text_clean_cut(r->scrub, r->text.data == NULL ? "" : (const char *)r->text.data, r->text.len,
		cuts, cut_out, count, &r->clean, &r->finds, e) == -1)
		goto out;
	count = 0;
	for (size_t i = 0; i < r->count; i++) {
		if (!r->pieces[i].text)
			continue;
		r->pieces[i].at = cut_out[count++];
		for (size_t k = 0; r->pieces[i].name == NULL && k < r->quotes.count; k++)
			r->quotes.marks[k].at = cut_out[count++] - r->pieces[i].at;
		r->pieces[i].len = cut_out[count++] - r->pieces[i].at;
	}
	rc = 0;
out:
	free(cuts);
	return rc;
}

static int
take_message(struct run *r, const char *s, size_t len, struct err *e)
{
	struct mail_body body = {.rule = r->scrub->rule};
	const char *lf = memchr(s, '\n', len);
	struct mail_head h;
	int rc;

	r->crlf = lf != NULL && lf > s && lf[-1] == '\r';
	buf_init_wiped(&body.text, MAIL_BODY_MAX);
	if ((rc = mail_head_read(s, len, &h, &r->reason, e)) != 1)
		goto out;
	if (h.count == 0) {
		rc = held(r, "mail-header");
		goto out;
	}
	if ((rc = take_head(r, &h, e)) != 1)
		goto out;
	if ((rc = mail_body_read(&body, &h, s + h.end, len - h.end, 0, e)) != 1) {
		r->reason = body.reason;
		goto out;
	}
	r->attachments = body.attachments;
	r->actions[ACTION_TEXT]++;
	r->pieces[r->count] = (struct piece){.text = true, .at = r->text.len};
	rc = -1;
	if (mail_quotes_lift(body.text.data, body.text.len, &r->text, &r->quotes, e) == -1)
		goto out;
	r->pieces[r->count].len = r->text.len - r->pieces[r->count].at;
	r->count++;
	if (clean(r, e) == 0 && put_message(r, e) == 0)
		rc = 1;
out:
	if (rc == -1 && e->code == ERR_LIMIT)
		rc = held(r, "text-too-large");
	mail_head_free(&h);
	buf_free(&body.text);
	return rc;
}

/* --- the file --- */

static int
put_member(struct run *r, struct err *e)
{
	struct report *report = r->scrub->report;
	struct entry entry;

	text_finds_report(&r->finds, report);
	for (size_t i = 0; i < ACTION_KINDS; i++)
		if (r->actions[i] > 0)
			report_add(report, "actions", action_word((enum action_kind)i), r->actions[i]);
	if (r->attachments > 0)
		report_add(report, "actions", "attachment-dropped", r->attachments);
	entry_init(&entry, subject_of(r->scrub), "eml", RESCAN_TEXT, r->out.len);
	if (entry_put(r->scrub->out, &entry, r->out.data, r->out.len, e) == -1)
		return -1;
	report_add(report, "members", "out", 1);
	return 0;
}

int
mail_scrub(struct scrub *s, struct source *in, struct err *e)
{
	struct run *r = calloc(1, sizeof(*r));
	struct buf file;
	int rc = -1;

	if (r == NULL)
		return err_sys(e, "mail: memory for a message");
	r->scrub = s;
	buf_init_wiped(&file, MAIL_MAX + 1);
	buf_init_wiped(&r->value, 4 * MAIL_HEAD_MAX);
	buf_init_wiped(&r->text, ENTRY_BUFFERED_MAX);
	buf_init_wiped(&r->made, 4 * MAIL_HEAD_MAX);
	buf_init_wiped(&r->clean, ENTRY_BUFFERED_MAX);
	buf_init_wiped(&r->body, ENTRY_BUFFERED_MAX);
	buf_init(&r->quotes.bytes, MAIL_BODY_MAX);
	buf_init_wiped(&r->out, ENTRY_BUFFERED_MAX);
	if (source_read_all(in, &file, e) == -1)
		goto out;
	report_add(s->report, "bytes", "in", file.len);
	rc = file.len > MAIL_MAX ? held(r, "text-too-large")
				 : take_message(r, (const char *)file.data, file.len, e);
	if (rc == 0) {
		subject_not_passed(s, r->reason, in->number);
		report_hold_field(s->report, HOLD_FILE, r->reason, tally_field(s->rule, r->wrong), 1);
	} else if (rc == 1) {
		rc = put_member(r, e);
	}
	rc = rc == -1 ? -1 : 0;
out:
	buf_free(&file);
	buf_free(&r->value);
	buf_free(&r->text);
	buf_free(&r->made);
	buf_free(&r->clean);
	buf_free(&r->body);
	mail_quotes_free(&r->quotes);
	buf_free(&r->out);
	free(r);
	return rc;
}
