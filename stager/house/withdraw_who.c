/* Who withdraws: a list of keys into pseudonyms and marks, by confined programs; and what a policy lets be told of whose a record is. */
#include "withdraw.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "stager/io.h"
#include "stager/json.h"
#include "stager/ledger.h"
#include "stager/sift.h"
#include "stager/withdrawn.h"
#include "withdraw_log.h"

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 8u /* since Linux 6.3; Debian 12's headers do not know it */
#endif

#define FORM_MAX 65536

int
withdraw_memory(const char *name, struct err *e)
{
	int fd = memfd_create(name, MFD_CLOEXEC | MFD_NOEXEC_SEAL);

	if (fd == -1)
		fd = memfd_create(name, MFD_CLOEXEC);
	return fd == -1 ? err_sys(e, "%s: memory", name) : fd;
}

int
withdraw_mark_key(struct house *h, struct helper *pseudonym, const char *holder, const char *dataset_id,
    int *reader, struct err *e)
{
	if (pseudonym->control == -1 && house_key_start(h, "pseudonym", false, pseudonym, e) == -1)
		return -1;
	/* Of the dataset, whatever its policies become. */
	return house_subkey(pseudonym, holder, dataset_id, "withdrawn", 1, reader, e);
}

/* A rule's action for one of its columns or fields; NULL where it has none. */
static const struct json *
action_of(const struct json *fields, const char *name)
{
	for (size_t i = 0; fields != NULL && i < fields->count; i++) {
		const struct json *is = json_get(fields->items[i], "name");

		if (is != NULL && is->type == JSON_STRING && strcmp(is->string, name) == 0)
			return json_get(fields->items[i], "action");
	}
	return NULL;
}

/* What leaves has a pseudonym in it. */
static bool
makes_pseudonym(const struct json *action)
{
	const struct json *what = json_get(action, "do");

	return (what != NULL && what->type == JSON_STRING && strcmp(what->string, "pseudonym") == 0) ||
	       json_get(action, "reference") != NULL;
}

static bool
is_text(const struct json *j, const char *text)
{
	return j != NULL && j->type == JSON_STRING && strcmp(j->string, text) == 0;
}

/* Whether a rule's records are somebody's by this column or path; of a document it can be one of several. */
static bool
is_subject(const struct json *subject, const char *name)
{
	if (subject == NULL || subject->type != JSON_ARRAY)
		return is_text(subject, name);
	for (size_t i = 0; i < subject->count; i++)
		if (is_text(subject->items[i], name))
			return true;
	return false;
}

/* Whether each record keeps a pseudonym of its subject, whichever of the paths says who that is. */
static bool
keeps_subject(const struct json *subject, const struct json *fields)
{
	if (subject->type != JSON_ARRAY)
		return makes_pseudonym(action_of(fields, subject->string));
	for (size_t i = 0; i < subject->count; i++)
		if (!makes_pseudonym(action_of(fields, subject->items[i]->string)))
			return false;
	return true;
}

/* Whether a pseudonym stands in one of several sets alone: then the other part of a record cannot be told from those of others. */
static bool
parted(const struct json *rule, const struct json *fields)
{
	const struct json *own = json_get(rule, "set"), *set;
	bool several = false, alone = false;

	for (size_t i = 0; fields != NULL && i < fields->count; i++) {
		if ((set = json_get(fields->items[i], "set")) == NULL || set->type != JSON_STRING)
			continue;
		several = several || own == NULL || !is_text(own, set->string);
		alone = alone || makes_pseudonym(json_get(fields->items[i], "action"));
	}
	return several && alone;
}

/* Of one rule: whether its members and records say whose they are, and whom they name. */
static bool
rule_attributable(const struct json *rule, bool *wide)
{
	const struct json *format = json_get(rule, "format"), *subject = json_get(rule, "subject"),
			  *fields = json_get(rule, "columns");
	const bool table = is_text(format, "csv") || is_text(format, "fixed");
	bool somebody;

	somebody = subject != NULL && (subject->type == JSON_STRING || subject->type == JSON_ARRAY);
	if (fields == NULL)
		fields = json_get(rule, "fields");
	for (size_t i = 0; fields != NULL && i < fields->count; i++) {
		const struct json *name = json_get(fields->items[i], "name");

		if (makes_pseudonym(json_get(fields->items[i], "action")) &&
		    !(name != NULL && name->type == JSON_STRING && is_subject(subject, name->string)))
			*wide = true;
	}
	if (parted(rule, fields))
		return false;
	if (table || (is_text(format, "jsonl") && is_text(json_get(rule, "sample"), "file")))
		return !somebody || keeps_subject(subject, fields);
	/* A document that names several leaves whole. */
	return true;
}

int
withdraw_attributable(const struct json *policy, bool *wide, struct err *e)
{
	const struct json *files = json_need(policy, "files", JSON_ARRAY, "policy", e);

	*wide = false;
	if (files == NULL)
		return -1;
	if (json_get(policy, "subject") == NULL)
		return err_set(e, ERR_REFUSED,
		    "withdraw: the version's policy has no `subject`, so nobody can tell whose its records "
		    "are: push "
		    "again without these people");
	for (size_t i = 0; i < files->count; i++) {
		const struct json *match = json_get(files->items[i], "match");

		if (!rule_attributable(files->items[i], wide))
			return err_set(e, ERR_REFUSED,
			    "withdraw: of what the policy's rule %zu (%.100s) let out nobody can tell any "
			    "more whose it is: "
			    "it keeps no pseudonym of its subject, or one that stands in one of its sets "
			    "alone. "
			    "`--no-new-version` withdraws the version; then push again, which leaves these "
			    "people out",
			    i + 1, match == NULL ? "" : match->string);
	}
	return 0;
}

int
withdraw_form(const struct json *policy, struct buf *out, struct err *e)
{
	const struct json *key = json_get(json_get(policy, "subject"), "key");
	struct json *form;
	int rc;

	if (key == NULL || key->type != JSON_OBJECT)
		return err_set(e, ERR_REFUSED, "the policy has no `subject` whose key it names");
	form = json_object();
	json_set(form, "pad", json_get(key, "pad") == NULL ? json_int(0) : json_copy(json_get(key, "pad")));
	json_set(form, "pattern",
	    json_get(key, "pattern") == NULL ? json_null() : json_copy(json_get(key, "pattern")));
	rc = json_encode(form, out, e);
	json_free(form);
	return rc;
}

/* The dataset's id; "" where there is none of that name. */
static int
find_dataset(struct house *h, const char *holder, const char *dataset, char id[static MANIFEST_ID_LEN + 1],
    struct err *e)
{
	struct ledger_query *q = ledger_query(
	    h->ledger, e, "SELECT id FROM dataset WHERE holder = ? AND name = ?", "ss", holder, dataset);
	int more = ledger_next(q, e);

	(void)snprintf(id, MANIFEST_ID_LEN + 1, "%s", more == 1 ? ledger_text(q, 0) : "");
	ledger_end(q);
	return more == -1 ? -1 : 0;
}

int
house_withdrawn(struct house *h, const char *holder, const char *dataset, const struct json *policy,
    struct buf *marks, char dataset_id[static MANIFEST_ID_LEN + 1], struct err *e)
{
	struct withdraw_log log;
	struct buf form;
	int rc = -1;

	withdraw_log_init(&log);
	buf_init(&form, FORM_MAX);
	if (find_dataset(h, holder, dataset, dataset_id, e) == -1 ||
	    withdraw_log_read(h, dataset_id, holder, dataset, &log, e) == -1 ||
	    withdraw_log_whole(&log, e) == -1)
		goto out;
	if (log.marks.len == 0) {
		dataset_id[0] = '\0';
		rc = 0;
		goto out;
	}
	if (withdraw_form(policy, &form, e) == -1) {
		err_context(
		    e, "push: people were withdrawn from dataset %s, and who they are must be seen", dataset);
		goto out;
	}
	if (!log.one_form || log.form.len != form.len || memcmp(log.form.data, form.data, form.len) != 0) {
		err_set(e, ERR_REFUSED,
		    "push: people were withdrawn from dataset %s by keys of another form (`pattern`, "
		    "`pad`) than this policy's: they would not be recognised",
		    dataset);
		goto out;
	}
	rc = buf_put(marks, log.marks.data, log.marks.len, e);
out:
	withdraw_log_free(&log);
	buf_free(&form);
	return rc;
}

/* What stager-scrub made of the list. */
static int
take_subjects(struct withdrawal *w, const struct json *got, struct err *e)
{
	const struct json *lines = json_need(got, "lines", JSON_ARRAY, "stager-scrub", e),
			  *others = json_need(got, "others", JSON_ARRAY, "stager-scrub", e);

	if (lines == NULL || others == NULL ||
	    json_need_int(got, "spellings", 0, SIFT_SPELLINGS_MAX, "stager-scrub", &w->spellings, e) == -1 ||
	    json_need_int(got, "keys", 0, SIFT_LIST_MAX, "stager-scrub", &w->keys, e) == -1 ||
	    json_need_hex(got, "commitment", w->result->commitment, DIGEST_LEN, "stager-scrub", e) == -1 ||
	    json_need_base64(got, "marks", &w->marks, "stager-scrub", e) == -1)
		return -1;
	if (lines->count != (size_t)w->keys || w->marks.len != (size_t)w->keys * WITHDRAWN_MARK_LEN)
		return err_set(e, ERR_INPUT, "stager-scrub: not a mark and a line for each key");
	if (w->keys == 0)
		return err_set(e, ERR_INPUT, "subjects: the list is empty");
	for (size_t i = 0; i < lines->count; i++)
		if (lines->items[i]->type != JSON_INT)
			return err_set(e, ERR_INPUT, "stager-scrub: a line is no number");
	json_free(w->lines);
	json_free(w->others);
	w->lines = json_copy(lines);
	w->others = json_copy(others);
	w->result->keys = (uint64_t)w->keys;
	return 0;
}

int
withdraw_who(struct withdrawal *w, struct err *e)
{
	static const char *const argv[] = {"stager-scrub", "withdraw", NULL};
	struct helper pseudonym = HELPER_NONE, scrub = HELPER_NONE;
	int subkey = -1, marks = -1, list = -1, rc = -1;
	struct json *policy = NULL, *got = NULL, *ask;
	struct stat st;

	buf_clear(&w->marks);
	buf_clear(&w->form);
	io_close(&w->list);
	if (withdraw_form(w->base->policy, &w->form, e) == -1)
		return err_context(e, "withdraw");
	if ((list = open(w->ask->subjects, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)) == -1)
		return err_sys(e, "subjects %s: open", w->ask->subjects);
	if (fstat(list, &st) == -1 || !S_ISREG(st.st_mode)) {
		err_set(e, ERR_INPUT, "subjects %s: not a file", w->ask->subjects);
		goto out;
	}
	if ((w->list = withdraw_memory("stager-subjects", e)) == -1 ||
	    house_key_start(w->h, "pseudonym", false, &pseudonym, e) == -1 ||
	    house_policy_subkey(&pseudonym, w->base->policy, w->base->holder, &subkey, e) == -1 ||
	    withdraw_mark_key(w->h, &pseudonym, w->base->holder, w->base->dataset_id, &marks, e) == -1 ||
	    helper_start(&scrub, argv,
		(const struct spawn_fd[]){
		    {.from = w->list, .to = 4}, {.from = subkey, .to = 5}, {.from = marks, .to = 6}},
		3, e) == -1)
		goto out;
	policy = json_copy(w->base->policy);
	if (wire_send(scrub.control, WIRE_POLICY, policy, NULL, 0, e) == -1) {
		(void)helper_failed(&scrub, e);
		goto out;
	}
	ask = json_object();
	json_set_hex(ask, "salt", w->result->salt, DIGEST_LEN);
	if ((got = carry_ask(&scrub, WIRE_EXCLUDE, ask, &list, 1, WIRE_SUBJECTS, e)) == NULL ||
	    take_subjects(w, got, e) == -1 || helper_end(&scrub, e) == -1 || helper_end(&pseudonym, e) == -1)
		goto out;
	rc = 0;
out:
	json_free(policy);
	json_free(got);
	helper_kill(&scrub);
	helper_kill(&pseudonym);
	io_close(&subkey);
	io_close(&marks);
	io_close(&list);
	return rc;
}
