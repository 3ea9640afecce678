/* Who a record is about: its key brought into one form, its pseudonym, and what the context says. */
#include "subject.h"

#include <string.h>

#include "linkage.h"
#include "reference.h"
#include "stager/pattern.h"
#include "stager/report.h"
#include "stager/withdrawn.h"

bool
subject_key(const struct subject_rules *rules, const char *value, size_t len,
    char out[static SUBJECT_KEY_MAX], size_t *out_len)
{
	size_t zeros;

	while (len > 0 && *value == ' ') {
		value++;
		len--;
	}
	while (len > 0 && value[len - 1] == ' ')
		len--;
	if (len == 0 || len > SUBJECT_KEY_MAX ||
	    (rules->pattern != NULL && !pattern_match(rules->pattern, value, len)))
		return false;
	zeros = len < rules->pad ? rules->pad - len : 0;
	memset(out, '0', zeros);
	memcpy(out + zeros, value, len);
	*out_len = zeros + len;
	return true;
}

unsigned
subject_age_step(const struct subject *s, const struct attribute *age)
{
	unsigned steps = s->body_len < SUBJECT_HEAD_LEN ? 0 : s->body[SUBJECT_AGE_AT] & ~SUBJECT_CARRIED;

	/* Another program's work: never past the last. */
	return steps < age->wider_count ? steps : (unsigned)age->wider_count;
}

bool
subject_carried(const struct subject *s)
{
	return s->body_len >= SUBJECT_HEAD_LEN && (s->body[SUBJECT_AGE_AT] & SUBJECT_CARRIED) != 0;
}

long
subject_shift_of(const struct policy *policy, struct pseudonym_key *key, const char *text, size_t len)
{
	const uint64_t steps = (uint64_t)(policy->shift_max / policy->shift_step);
	uint8_t mac[16];
	uint64_t n = 0;
	long step;

	/* 128 bits: how unevenly so many fall on a few hundred places does not show. */
	pseudonym_shift(key, text, len, mac);
	for (size_t i = 0; i < 8; i++)
		n = n << 8 | mac[i];
	n %= 2 * steps;
	step = n < steps ? (long)n + 1 : -(long)(n - steps) - 1;
	return step * policy->shift_step;
}

enum subject_verdict
subject_find(const struct scrub *s, const char *value, size_t len, const char **dropped, const char **reason)
{
	const struct subject_rules *rules = s->policy->subject;
	struct subject *subject = s->subject;
	char key[SUBJECT_KEY_MAX];
	enum subject_state state;
	size_t key_len;

	subject->body = NULL;
	subject->body_len = 0;
	if (!subject_key(rules, value, len, key, &key_len)) {
		*reason = "subject-key";
		return SUBJECT_HELD;
	}
	pseudonym_make(s->key, key, key_len, subject->pseudonym);
	explicit_bzero(key, sizeof(key));
	if (!context_find(s->context, subject->pseudonym, &state, &subject->body, &subject->body_len)) {
		*dropped = "unmatched";
		*reason = "subject-unmatched";
		return rules->unmatched_drop ? SUBJECT_DROPPED : SUBJECT_HELD;
	}
	switch (state) {
	case SUBJECT_GOOD:
		if (s->rule != rules->table || !subject_carried(subject))
			return SUBJECT_TAKEN;
		*dropped = "carried";
		return SUBJECT_DROPPED;
	case SUBJECT_EXCLUDED:
		*dropped = "excluded";
		return SUBJECT_DROPPED;
	case SUBJECT_REPEATED:
		*reason = "subject-repeated";
		return SUBJECT_HELD;
	case SUBJECT_BROKEN:
		break;
	}
	*reason = "subject-broken";
	return SUBJECT_HELD;
}

/* Known, and in which state? */
static bool
look_up(const struct scrub *s, const char *pseudonym, enum subject_state *state)
{
	const uint8_t *body;
	size_t len;

	return context_find(s->context, pseudonym, state, &body, &len);
}

static bool
is_excluded(const struct scrub *s, const char *pseudonym)
{
	enum subject_state state;

	return context_may_exclude(s->context, pseudonym) && look_up(s, pseudonym, &state) &&
	       state == SUBJECT_EXCLUDED;
}

/* A key in its one form, and its pseudonym. Of who has a row the first pass has seen the mark. */
static bool
is_gone(const struct scrub *s, const char *key, size_t len, const char *pseudonym)
{
	enum subject_state state;

	return is_excluded(s, pseudonym) || (s->withdrawn != NULL && !look_up(s, pseudonym, &state) &&
						withdrawn_has(s->withdrawn, key, len));
}

/* A UUID is the same one in small letters and in capitals. */
static bool
is_gone_cased(const struct scrub *s, const char *value, size_t len)
{
	char key[REFERENCE_UUID_LEN], pseudonym[PSEUDONYM_LEN + 1];
	bool gone = false;

	for (int capital = 0; capital < 2 && !gone; capital++) {
		if (!reference_uuid_cased(value, len, capital == 1, key))
			continue;
		pseudonym_make(s->key, key, len, pseudonym);
		gone = is_gone(s, key, len, pseudonym);
	}
	explicit_bzero(key, sizeof(key));
	return gone;
}

bool
subject_excluded(const struct scrub *s, const char *value, size_t len, const char made[static PSEUDONYM_LEN])
{
	char key[SUBJECT_KEY_MAX], pseudonym[PSEUDONYM_LEN + 1];
	size_t key_len = 0;
	bool gone;

	if (s->context == NULL || (s->withdrawn == NULL && !context_excludes(s->context)))
		return false;
	if (is_excluded(s, made))
		return true;
	while (len > 0 && *value == ' ') {
		value++;
		len--;
	}
	while (len > 0 && value[len - 1] == ' ')
		len--;
	if (len == REFERENCE_UUID_LEN && is_gone_cased(s, value, len))
		return true;
	if (len == 0 || len > SUBJECT_KEY_MAX || (len >= s->policy->subject->pad && s->withdrawn == NULL))
		return false;
	/* A key in its one form need not be what a key may look like before zeros are put in front. */
	if (!subject_key(s->policy->subject, value, len, key, &key_len)) {
		memcpy(key, value, len);
		key_len = len;
	}
	memcpy(pseudonym, made, PSEUDONYM_LEN);
	if (key_len != len)
		pseudonym_make(s->key, key, key_len, pseudonym);
	gone = is_gone(s, key, key_len, pseudonym);
	explicit_bzero(key, sizeof(key));
	return gone;
}

int
subject_of_file(const struct scrub *s, const char *value, size_t len, uint64_t file)
{
	const char *dropped, *reason;

	switch (subject_find(s, value, len, &dropped, &reason)) {
	case SUBJECT_TAKEN:
		return 1;
	case SUBJECT_DROPPED:
		report_add(s->report, "files", "dropped", 1);
		report_add(s->report, "subjects", dropped, 1);
		return 0;
	case SUBJECT_HELD:
		break;
	}
	report_hold(s->report, HOLD_FILE, reason, file, 1);
	return 0;
}

void
subject_not_passed(const struct scrub *s, const char *reason, uint64_t file)
{
	if (!subject_drops(reason)) {
		report_hold(s->report, HOLD_FILE, reason, file, 1);
		return;
	}
	report_add(s->report, "files", "dropped", 1);
	report_add(s->report, "subjects", reason, 1);
}

const char *
subject_of(const struct scrub *s)
{
	return s->subject != NULL ? s->subject->pseudonym : "x";
}
