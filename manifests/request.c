/* A request for a release: its canonical form, its digest and its id. */
#include <string.h>

#include "stager/enc.h"
#include "stager/json.h"
#include "stager/release.h"

#include "fields.h"

static const char what[] = "request";

static void
request_name(struct request *r, const void *data, size_t len)
{
	digest_bytes(data, len, r->digest);
	base32_encode(r->digest, 16, r->id);
}

int
request_decode(const void *data, size_t len, struct request *r, struct err *e)
{
	static const char *const keys[] = {"type", "holder", "dataset", "version-id", "manifest", "set",
	    "site", "slots", "redemptions", "not-before", "not-after", "job-key", "requester", "salt", NULL};
	struct json *j = NULL;
	struct request q;
	int rc = -1;

	memset(&q, 0, sizeof(q));
	if ((j = field_decode(data, len, REQUEST_MAX, REQUEST_TYPE, keys, what, e)) == NULL ||
	    field_name(j, "holder", q.holder, what, e) == -1 ||
	    field_name(j, "dataset", q.dataset, what, e) == -1 ||
	    field_id(j, "version-id", q.version_id, what, e) == -1 ||
	    json_need_hex(j, "manifest", q.manifest, DIGEST_LEN, what, e) == -1 ||
	    field_name(j, "set", q.set, what, e) == -1 || field_name(j, "site", q.site, what, e) == -1 ||
	    field_u32(j, "slots", 1, RELEASE_SLOTS_MAX, what, &q.slots, e) == -1 ||
	    field_u32(j, "redemptions", 1, RELEASE_SLOTS_MAX, what, &q.redemptions, e) == -1 ||
	    json_need_int(j, "not-before", 0, JSON_INT_MAX, what, &q.not_before, e) == -1 ||
	    json_need_int(j, "not-after", 0, JSON_INT_MAX, what, &q.not_after, e) == -1 ||
	    json_need_hex(j, "job-key", q.job_key, SIGN_PUBLIC_LEN, what, e) == -1 ||
	    field_person(j, "requester", q.requester, what, e) == -1 ||
	    json_need_hex(j, "salt", q.salt, sizeof(q.salt), what, e) == -1)
		goto out;
	if (q.slots > q.redemptions) {
		err_set(e, ERR_INPUT, "%s: fewer redemptions than slots", what);
		goto out;
	}
	if (q.not_before >= q.not_after) {
		err_set(e, ERR_INPUT, "%s: the window ends before it begins", what);
		goto out;
	}
	request_name(&q, data, len);
	*r = q;
	rc = 0;
out:
	json_free(j);
	return rc;
}

int
request_encode(struct request *r, struct buf *out, struct err *e)
{
	struct json *j = json_object();
	size_t before = out->len;
	struct request again;
	int rc = -1;

	json_set_string(j, "type", REQUEST_TYPE);
	json_set_string(j, "holder", r->holder);
	json_set_string(j, "dataset", r->dataset);
	json_set_string(j, "version-id", r->version_id);
	json_set_hex(j, "manifest", r->manifest, DIGEST_LEN);
	json_set_string(j, "set", r->set);
	json_set_string(j, "site", r->site);
	json_set_int(j, "slots", r->slots);
	json_set_int(j, "redemptions", r->redemptions);
	json_set_int(j, "not-before", r->not_before);
	json_set_int(j, "not-after", r->not_after);
	json_set_hex(j, "job-key", r->job_key, SIGN_PUBLIC_LEN);
	json_set_string(j, "requester", r->requester);
	json_set_hex(j, "salt", r->salt, sizeof(r->salt));
	if (field_encode(j, REQUEST_MAX, what, out, e) == -1)
		goto out;
	/* Nothing is written that a reader would refuse. */
	if (request_decode(out->data + before, out->len - before, &again, e) == -1) {
		out->len = before;
		goto out;
	}
	memcpy(r->digest, again.digest, sizeof(r->digest));
	memcpy(r->id, again.id, sizeof(r->id));
	rc = 0;
out:
	json_free(j);
	return rc;
}
