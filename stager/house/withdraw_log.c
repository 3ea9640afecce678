/* Who was withdrawn, by the log: the ledger's rows are taken for what they say only as far as entries say so, too. */
#include "withdraw_log.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "entries.h"
#include "stager/digest.h"
#include "stager/json.h"
#include "stager/ledger.h"
#include "stager/withdrawn.h"
#include "verify.h"
#include "withdraw.h"

#define FORM_MAX 65536

enum kind { LIST, MISSED, GATHERED, WITHDRAWN, ENDED };

struct withdraw_event {
	enum kind kind;
	uint64_t place;
	char id[MANIFEST_ID_LEN + 1];        /* the version; of a list the dataset */
	char successor[MANIFEST_ID_LEN + 1]; /* WITHDRAWN */
	uint64_t marks;                      /* LIST, GATHERED */
	uint8_t list[DIGEST_LEN];            /* LIST, WITHDRAWN: commitment to the list */
	uint8_t digest[DIGEST_LEN];          /* LIST, MISSED: of the marks */
};

struct reading {
	struct house *h;
	const char *dataset_id; /* NULL: all of them */
	const char *holder, *dataset;
	struct withdraw_log *out;
	uint64_t rows; /* that an entry spoke of */
	size_t room;
};

void
withdraw_log_init(struct withdraw_log *w)
{
	*w = (struct withdraw_log){.one_form = true};
	buf_init(&w->marks, (size_t)WITHDRAWN_MAX * WITHDRAWN_MARK_LEN);
	buf_init(&w->form, FORM_MAX);
}

void
withdraw_log_free(struct withdraw_log *w)
{
	buf_free(&w->marks);
	buf_free(&w->form);
	free(w->events);
	w->events = NULL;
	w->count = 0;
}

/* One more, all zero. */
static struct withdraw_event *
event(struct reading *r, enum kind kind, uint64_t place, struct err *e)
{
	struct withdraw_log *w = r->out;
	struct withdraw_event *grown;

	if (w->count == r->room) {
		size_t room = r->room == 0 ? 64 : 2 * r->room;

		if ((grown = reallocarray(w->events, room, sizeof(*grown))) == NULL) {
			err_set(e, ERR_SYSTEM, "withdrawals: out of memory");
			return NULL;
		}
		w->events = grown;
		r->room = room;
	}
	grown = &w->events[w->count++];
	*grown = (struct withdraw_event){.kind = kind, .place = place};
	return grown;
}

static int
take_id(const struct json *j, const char *key, char out[static MANIFEST_ID_LEN + 1], struct err *e)
{
	const char *value = json_need_string(j, key, "opening", e);

	if (value != NULL)
		(void)snprintf(out, MANIFEST_ID_LEN + 1, "%s", value);
	return value == NULL ? -1 : 0;
}

static bool
is(const struct json *j, const char *key, const char *value)
{
	const struct json *is = json_get(j, key);

	return is != NULL && is->type == JSON_STRING && strcmp(is->string, value) == 0;
}

static int
not_as_logged(uint64_t place, struct err *e)
{
	return err_set(e, ERR_FORGED,
	    "ledger: who was withdrawn at log entry %" PRIu64 " is not as the log has it", place);
}

/* The row that a list must have left: 1, 0 where there is none, -1. It goes behind the marks. */
static int
list_row(struct reading *r, const struct withdraw_event *list, const struct json *j, struct err *e)
{
	struct ledger_query *q = ledger_query(r->h->ledger, e,
	    "SELECT dataset, form, marks FROM withdrawal WHERE place = ?", "i", (int64_t)list->place);
	int more = ledger_next(q, e);
	uint8_t digest[DIGEST_LEN], form_digest[DIGEST_LEN];
	const void *marks, *form;
	size_t len, form_len;

	if (more == 1) {
		form = ledger_blob(q, 1, &form_len);
		marks = ledger_blob(q, 2, &len);
		digest_bytes(marks, len, digest);
		digest_bytes(form, form_len, form_digest);
		if (strcmp(ledger_text(q, 0), list->id) != 0 || len != list->marks * WITHDRAWN_MARK_LEN ||
		    !digest_equal(digest, list->digest))
			more = not_as_logged(list->place, e);
		/* Lists of before have none of their form. */
		if (more == 1 && json_get(j, "form") != NULL &&
		    (json_need_hex(j, "form", digest, sizeof(digest), "opening", e) == -1 ||
			!digest_equal(digest, form_digest)))
			more = not_as_logged(list->place, e);
		if (more == 1 && r->dataset_id != NULL) {
			struct buf *known = &r->out->form;

			if (known->len > 0 &&
			    (known->len != form_len || memcmp(known->data, form, form_len) != 0))
				r->out->one_form = false;
			if (buf_put(&r->out->marks, marks, len, e) == -1 ||
			    (known->len == 0 && buf_put(known, form, form_len, e) == -1))
				more = -1;
		}
	}
	ledger_end(q);
	return more;
}

static int
take_list(struct reading *r, uint64_t place, const struct json *j, struct err *e)
{
	struct withdraw_event *list;
	int64_t keys;
	int there;

	if (r->holder != NULL && is(j, "holder", r->holder) && is(j, "dataset", r->dataset) &&
	    !is(j, "dataset-id", r->dataset_id))
		return err_set(e, ERR_FORGED,
		    "ledger: dataset %s is another one than that from which people were withdrawn at log "
		    "entry "
		    "%" PRIu64,
		    r->dataset, place);
	if (r->dataset_id != NULL && !is(j, "dataset-id", r->dataset_id))
		return 0;
	if ((list = event(r, LIST, place, e)) == NULL ||
	    json_need_int(j, "keys", 1, WITHDRAWN_MAX, "opening", &keys, e) == -1 ||
	    json_need_hex(j, "commitment", list->list, DIGEST_LEN, "opening", e) == -1 ||
	    json_need_hex(j, "marks", list->digest, DIGEST_LEN, "opening", e) == -1)
		return -1;
	list->marks = (uint64_t)keys;
	if (take_id(j, "dataset-id", list->id, e) == -1 || (there = list_row(r, list, j, e)) == -1)
		return -1;
	if (there == 0)
		list->kind = MISSED;
	r->rows += (uint64_t)there;
	return 0;
}

static int
take_gathered(struct reading *r, uint64_t place, const struct json *j, struct err *e)
{
	struct withdraw_event *x = event(r, GATHERED, place, e);
	int64_t marks = 0;

	if (x == NULL || take_id(j, "version-id", x->id, e) == -1 ||
	    (json_get(j, "withdrawn") != NULL &&
		json_need_int(j, "withdrawn", 0, WITHDRAWN_MAX, "opening", &marks, e) == -1))
		return -1;
	x->marks = (uint64_t)marks;
	return 0;
}

static int
take_withdrawn(struct reading *r, uint64_t place, const struct json *j, struct err *e)
{
	struct withdraw_event *x;

	if (r->dataset_id != NULL && !is(j, "dataset-id", r->dataset_id))
		return 0;
	if ((x = event(r, WITHDRAWN, place, e)) == NULL || take_id(j, "version-id", x->id, e) == -1 ||
	    json_need_hex(j, "list", x->list, DIGEST_LEN, "opening", e) == -1)
		return -1;
	/* Where there was no new version it is null. */
	if (json_get(j, "successor") == NULL || json_get(j, "successor")->type != JSON_STRING)
		return 0;
	return take_id(j, "successor", x->successor, e);
}

static int
take_ended(struct reading *r, uint64_t place, const struct json *j, struct err *e)
{
	struct withdraw_event *x = event(r, ENDED, place, e);

	return x == NULL ? -1 : take_id(j, "version-id", x->id, e);
}

/* An entry counts whatever the ledger says that it is about: that is not in what was committed to. */
static int
each(void *ctx, uint64_t place, const char *type, const char *about, const void *text, size_t len,
    struct err *e)
{
	static const struct {
		const char *type;
		int (*take)(struct reading *r, uint64_t place, const struct json *j, struct err *e);
	} takers[] = {{"withdraw-list", take_list}, {"gather", take_gathered}, {"withdraw", take_withdrawn},
	    {"reject", take_ended}, {"erase", take_ended}};
	struct json *j;
	int rc;

	(void)about;
	for (size_t i = 0; i < sizeof(takers) / sizeof(takers[0]); i++) {
		if (strcmp(takers[i].type, type) != 0)
			continue;
		if ((j = json_parse(text, len, "opening", e)) == NULL ||
		    (rc = takers[i].take(ctx, place, j, e)) == -1) {
			/* It is our own entry: what it lacks is damage. */
			if (e->code == ERR_INPUT)
				e->code = ERR_FORGED;
			rc = -1;
		}
		json_free(j);
		return rc;
	}
	return 0;
}

/* No row that no entry speaks of. */
static int
none_besides(const struct reading *r, struct err *e)
{
	struct ledger_query *q = ledger_query(r->h->ledger, e,
	    "SELECT count(*) FROM withdrawal WHERE ?1 IS NULL OR dataset = ?1", "s", r->dataset_id);
	int more = ledger_next(q, e), rc = -1;

	if (more == 1)
		rc = (uint64_t)ledger_int(q, 0) == r->rows
			 ? 0
			 : err_set(
			       e, ERR_FORGED, "ledger: somebody is withdrawn of whom the log has no entry");
	ledger_end(q);
	return rc;
}

int
withdraw_log_read(struct house *h, const char *dataset_id, const char *holder, const char *dataset,
    struct withdraw_log *w, struct err *e)
{
	struct reading r = {.h = h, .dataset_id = dataset_id, .holder = holder, .dataset = dataset, .out = w};

	return entries_each(h, each, &r, NULL, e) == -1 ? -1 : none_besides(&r, e);
}

int
withdraw_log_whole(const struct withdraw_log *w, struct err *e)
{
	for (size_t i = 0; i < w->count; i++) {
		const struct withdraw_event *x = &w->events[i];
		bool again = x->kind != MISSED;

		for (size_t k = i + 1; !again && k < w->count; k++)
			again = w->events[k].kind == LIST && strcmp(w->events[k].id, x->id) == 0 &&
				digest_equal(w->events[k].digest, x->digest);
		if (!again)
			return err_set(e, ERR_FORGED,
			    "ledger: who was withdrawn at log entry %" PRIu64
			    " is missing: if stager withdraw was cut off there, give it the same list again",
			    x->place);
	}
	return 0;
}

/* The withdrawal that made version id. */
static const struct withdraw_event *
made_by(const struct withdraw_log *w, const char *id)
{
	for (size_t i = 0; i < w->count; i++)
		if (w->events[i].kind == WITHDRAWN && strcmp(w->events[i].successor, id) == 0)
			return &w->events[i];
	return NULL;
}

static const struct withdraw_event *
gathered_for(const struct withdraw_log *w, const char *id)
{
	for (size_t i = 0; i < w->count; i++)
		if (w->events[i].kind == GATHERED && strcmp(w->events[i].id, id) == 0)
			return &w->events[i];
	return NULL;
}

bool
withdraw_log_gathered(const struct withdraw_log *w, const char *id)
{
	return gathered_for(w, id) != NULL;
}

uint64_t
withdraw_log_left_out(const struct withdraw_log *w, const char *id)
{
	const struct withdraw_event *first = NULL, *by;
	uint64_t marks = 0;

	/* No further than there are entries. */
	for (size_t steps = 0; steps <= w->count && (first = gathered_for(w, id)) == NULL; steps++) {
		if ((by = made_by(w, id)) == NULL)
			break;
		for (size_t i = 0; i < w->count; i++)
			if (w->events[i].kind == LIST && digest_equal(w->events[i].list, by->list))
				marks += w->events[i].marks;
		id = by->id;
	}
	return marks + (first == NULL ? 0 : first->marks);
}

int
withdraw_log_living(const struct withdraw_log *w, const char *id, struct err *e)
{
	for (size_t i = 0; i < w->count; i++) {
		const struct withdraw_event *x = &w->events[i];

		if ((x->kind == WITHDRAWN || x->kind == ENDED) && strcmp(x->id, id) == 0)
			return err_set(e, ERR_FORGED,
			    "ledger: version %s is called a living one, and log entry %" PRIu64
			    " says that it ended",
			    id, x->place);
	}
	return 0;
}

int
withdraw_marks(struct house *h, const char *dataset_id, struct buf *marks, struct err *e)
{
	struct withdraw_log w;
	int rc = -1;

	withdraw_log_init(&w);
	if (withdraw_log_read(h, dataset_id, NULL, NULL, &w, e) == 0)
		rc = buf_put(marks, w.marks.data, w.marks.len, e);
	withdraw_log_free(&w);
	return rc;
}

int
verify_withdrawals(struct house *h, struct err *e)
{
	struct withdraw_log w;
	int rc;

	withdraw_log_init(&w);
	rc = withdraw_log_read(h, NULL, NULL, NULL, &w, e) == -1 ? -1 : withdraw_log_whole(&w, e);
	withdraw_log_free(&w);
	return rc;
}
