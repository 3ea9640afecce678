/* What a steward is about to sign: read, checked, and said in plain words. */
#include "sign_show.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "stager/acceptance.h"
#include "stager/enc.h"
#include "stager/json.h"
#include "stager/release.h"

#define SECONDS_A_DAY 86400

void
document_init(struct document *d)
{
	d->type = NULL;
	buf_init(&d->payload, DOCUMENT_MAX);
	buf_init(&d->text, DOCUMENT_MAX);
}

void
document_free(struct document *d)
{
	buf_free(&d->payload);
	buf_free(&d->text);
}

/* "2027-03-01 09:00:00 UTC" */
static void
format_time(int64_t seconds, char out[static 64])
{
	time_t t = (time_t)seconds;
	struct tm tm;

	if (gmtime_r(&t, &tm) == NULL || strftime(out, 64, "%Y-%m-%d %H:%M:%S UTC", &tm) == 0)
		memcpy(out, "far away", sizeof("far away"));
}

static int
read_request(struct document *d, const uint8_t key[static SIGN_PUBLIC_LEN], int64_t now, struct err *e)
{
	char from[64], until[64], job[SIGN_PUBLIC_LEN * 2 + 1], manifest[DIGEST_HEX_LEN + 1];
	char keyid[SIGN_KEYID_LEN + 1];
	struct request r;
	int64_t length;

	if (request_decode(d->payload.data, d->payload.len, &r, e) == -1)
		return -1;
	if (r.not_after <= now)
		return err_set(e, ERR_REFUSED, "request %s: its window is over", r.id);
	if (memcmp(r.job_key, key, SIGN_PUBLIC_LEN) == 0)
		return err_set(e, ERR_REFUSED, "request %s: this is the job's own key", r.id);
	format_time(r.not_before, from);
	format_time(r.not_after, until);
	hex_encode(r.job_key, SIGN_PUBLIC_LEN, job);
	hex_encode(r.manifest, DIGEST_LEN, manifest);
	sign_keyid(r.job_key, keyid);
	length = r.not_after - r.not_before;
	return buf_printf(&d->text, e,
	    "To release the keys of a dataset to a job:\n"
	    "  request        %s\n"
	    "  holder         %s\n"
	    "  dataset        %s, version %s\n"
	    "  manifest       %s\n"
	    "  set            %s\n"
	    "  site           %s\n"
	    "  slots          %" PRIu32 " (nodes at one time)\n"
	    "  redemptions    %" PRIu32 " (releases in all, restarts included)\n"
	    "  from           %s\n"
	    "  until          %s (%" PRId64 " days, %" PRId64 " hours)\n"
	    "  requester      %s\n"
	    "  job key        %s (%s)\n",
	    r.id, r.holder, r.dataset, r.version_id, manifest, r.set, r.site, r.slots, r.redemptions, from,
	    until, length / SECONDS_A_DAY, length % SECONDS_A_DAY / 3600, r.requester, keyid, job);
}

static int
read_report(struct document *d, struct err *e)
{
	struct acceptance a;
	uint8_t digest[DIGEST_LEN];
	int rc;

	if (acceptance_decode(d->payload.data, d->payload.len, &a, e) == -1)
		return -1;
	digest_bytes(d->payload.data, d->payload.len, digest);
	rc = acceptance_describe(&a, digest, &d->text, e);
	acceptance_free(&a);
	return rc;
}

/* Another's statement, signed with the key that it names: he has it. */
static int
read_steward(struct document *d, const void *data, size_t len, const uint8_t key[static SIGN_PUBLIC_LEN],
    struct err *e)
{
	char keyid[SIGN_KEYID_LEN + 1], hex[SIGN_PUBLIC_LEN * 2 + 1];
	struct dsse *envelope = NULL;
	struct steward s;
	int rc = -1;

	if ((envelope = dsse_decode(data, len, "envelope", e)) == NULL)
		goto out;
	if (strcmp(envelope->type, DSSE_STEWARD) != 0) {
		err_set(e, ERR_REFUSED, "envelope: not a steward's statement");
		goto out;
	}
	if (steward_decode(envelope->payload.data, envelope->payload.len, &s, e) == -1 ||
	    dsse_check(envelope, DSSE_STEWARD, s.key, "steward statement", e) == -1)
		goto out;
	if (memcmp(s.key, key, SIGN_PUBLIC_LEN) == 0) {
		err_set(e, ERR_REFUSED, "steward statement: this key has signed it already");
		goto out;
	}
	sign_keyid(s.key, keyid);
	hex_encode(s.key, SIGN_PUBLIC_LEN, hex);
	if (buf_put(&d->payload, envelope->payload.data, envelope->payload.len, e) == -1)
		goto out;
	rc = buf_printf(&d->text, e,
	    "To admit another steward, who may accept versions and approve requests:\n"
	    "  holder         %s\n"
	    "  person         %s\n"
	    "  key            %s (%s)\n",
	    s.holder, s.person, keyid, hex);
out:
	dsse_free(envelope);
	return rc;
}

int
document_read(struct document *d, const void *data, size_t len, const uint8_t key[static SIGN_PUBLIC_LEN],
    int64_t now, struct err *e)
{
	const struct json *type;
	struct json *j = NULL;
	int rc = -1;

	/* Editors and shells end a file with a newline; it is not signed. */
	if (len > 0 && ((const uint8_t *)data)[len - 1] == '\n')
		len--;
	if ((j = json_parse(data, len, "document", e)) == NULL) {
		if (e->code == ERR_INPUT)
			err_context(e, "this file is no request, report or steward's statement");
		goto out;
	}
	if (json_get(j, "payloadType") != NULL) {
		d->type = DSSE_STEWARD;
		rc = read_steward(d, data, len, key, e);
		goto out;
	}
	type = json_get(j, "type");
	if (type != NULL && type->type == JSON_STRING && strcmp(type->string, REQUEST_TYPE) == 0)
		d->type = DSSE_REQUEST;
	else if (type != NULL && type->type == JSON_STRING && strcmp(type->string, ACCEPTANCE_TYPE) == 0)
		d->type = DSSE_REPORT;
	if (d->type == NULL) {
		err_set(e, ERR_INPUT, "document: neither a request, a report nor a steward's envelope");
		goto out;
	}
	if (buf_put(&d->payload, data, len, e) == -1)
		goto out;
	if (strcmp(d->type, DSSE_REQUEST) == 0)
		rc = read_request(d, key, now, e);
	else
		rc = read_report(d, e);
out:
	json_free(j);
	return rc;
}
