/* stager-node doctor: what this node gives, and whether that is enough. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "node.h"
#include "stager/carrier.h"
#include "stager/doctor.h"
#include "stager/dsse.h"
#include "stager/io.h"
#include "stager/json.h"
#include "stager/secret.h"

#define ENVELOPE_MAX (4u * MANIFEST_MAX)

/* By the way that fetch and cat take, and to nobody but whom the user named. */
static void
look_outside(struct doctor *d, const struct node_options *o)
{
	const struct endpoint_options options = {.streams = 1,
	    .ca = o->ca,
	    .plain_http = o->plain_http,
	    .foreign = true,
	    .tries = 1,
	    .stall_s = 10};
	struct err e = {.code = ERR_NONE};
	struct carrier *c = NULL;
	struct endpoint_info info;
	int there = -1;

	if (carrier_start(o->from, &options, &c, &e) == 0)
		there = carrier_head(c, "manifest.json", &info, &e);
	carrier_free(c);
	if (there == -1)
		doctor_say(d, "outgoing", false, false, "%.150s", e.text);
	else
		doctor_say(d, "outgoing", false, true, "--from answers");
}

/* What the manifest's set asks for, at least. */
static int
look_at_manifest(struct doctor *d, const struct node_options *o, struct err *e)
{
	const struct manifest_set *set;
	struct house_card card;
	struct manifest *m = NULL;
	struct dsse *envelope = NULL;
	struct buf text;
	int rc = -1;

	buf_init(&text, ENVELOPE_MAX);
	if (o->pin == NULL) {
		err_set(e, ERR_USAGE, "doctor: --manifest wants --pin (see --help)");
		goto out;
	}
	if (node_read_card(o->pin, &card, e) == -1 || io_read_file(AT_FDCWD, o->manifest, &text, e) == -1 ||
	    (envelope = dsse_decode(text.data, text.len, "manifest", e)) == NULL ||
	    dsse_check(envelope, DSSE_MANIFEST, card.key, "manifest", e) == -1 ||
	    (m = manifest_decode(envelope->payload.data, envelope->payload.len, e)) == NULL)
		goto out;
	set = o->set != NULL ? manifest_set(m, o->set) : m->set_count == 1 ? &m->sets[0] : NULL;
	if (set == NULL) {
		err_set(e, ERR_USAGE, "--set: which of the manifest's sets?");
		goto out;
	}
	/* No evidence of hardware is made in this version. */
	if (strcmp(set->evidence, "none") == 0)
		doctor_say(d, "evidence", false, true, "set %s asks for none", set->name);
	else
		doctor_say(d, "evidence", true, false, "set %s asks for %.40s, which this node cannot give",
		    set->name, set->evidence);
	rc = 0;
out:
	manifest_free(m);
	dsse_free(envelope);
	buf_free(&text);
	return rc;
}

static int
say_json(const struct doctor *d, bool met, const char *missing, struct err *e)
{
	struct json *all = json_object(), *findings = json_object(), *one;
	struct buf text;
	int rc = -1;

	buf_init(&text, 65536);
	for (size_t i = 0; i < d->count; i++) {
		one = json_object();
		json_set(one, "has", json_bool(d->findings[i].has));
		json_set(one, "least", json_bool(d->findings[i].least));
		json_set_string(one, "detail", d->findings[i].detail);
		json_set(findings, d->findings[i].name, one);
	}
	json_set(all, "findings", findings);
	json_set_int(all, "locked-bytes", (int64_t)d->lockable);
	json_set_int(all, "ram-bytes", (int64_t)d->ram);
	json_set(all, "met", json_bool(met));
	json_set_string(all, "missing", missing);
	if (json_encode(all, &text, e) == 0 && buf_put_u8(&text, '\n', e) == 0)
		rc = io_write(1, text.data, text.len, "standard output", e);
	json_free(all);
	buf_free(&text);
	return rc;
}

int
node_doctor(const struct node_options *o, struct err *e)
{
	struct err own = {.code = ERR_NONE};
	struct doctor d;
	char missing[512];
	bool met;

	doctor_look(&d);
	if (secret_start(&own) == -1)
		doctor_say(&d, "secrets", true, false, "%.150s", own.text);
	else
		doctor_say(&d, "secrets", true, true, "keys can be kept in locked memory");
	if (o->from != NULL)
		look_outside(&d, o);
	if (o->manifest != NULL && look_at_manifest(&d, o, e) == -1)
		return -1;
	if (doctor_check(&d, o->minimum != NULL ? o->minimum : "", missing, sizeof(missing), &met, e) == -1)
		return -1;
	if (o->json) {
		if (say_json(&d, met, missing, e) == -1)
			return -1;
	} else {
		for (size_t i = 0; i < d.count; i++)
			(void)printf("%-3s %-15s %s\n", d.findings[i].has ? "yes" : "no", d.findings[i].name,
			    d.findings[i].detail);
		if (fflush(stdout) != 0)
			return err_sys(e, "standard output: write");
	}
	return met ? 0 : err_set(e, ERR_REFUSED, "this node does not give what is asked: %s", missing);
}
