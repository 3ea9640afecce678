/*
 * Sending: where sealed sets may go, what went, and the proof that it is there. stager/house/endpoint.c, send*.c.
 * DESIGN.md, "Sending".
 */
#ifndef STAGER_SEND_H
#define STAGER_SEND_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stager/delivery.h"
#include "stager/endpoint.h"
#include "stager/err.h"
#include "stager/house.h"

struct json;

/* A place that the house may send to. Its name stands for it for good. */
struct place {
	char name[MANIFEST_NAME_MAX + 1];
	char url[DELIVERY_URL_MAX + 1]; /* without a slash at its end */
	char country[DELIVERY_COUNTRY_LEN + 1];
	char site[MANIFEST_NAME_MAX + 1];
	char gateway[DELIVERY_URL_MAX + 1]; /* of s3://: https://HOST[:PORT]; else "" */
};

/* Enter it in the ledger and the log. ERR_USAGE where a part of it cannot be, or the name is taken. */
int house_endpoint_add(struct house *h, const struct place *p, struct err *e) MUST_CHECK;
/* No more is sent there. What is there stays. */
int house_endpoint_remove(struct house *h, const char *name, struct err *e) MUST_CHECK;
/*
 * to: an endpoint's name, or a URL at or below an endpoint's, the longest such. url receives where exactly; ERR_REFUSED
 * where there is none.
 */
int house_endpoint_find(struct house *h, const char *to, struct place *out,
    char url[static DELIVERY_URL_MAX + 1], struct err *e) MUST_CHECK;
/*
 * What went where, or is on its way: [{"version-id","set","endpoint","url","country","site","state"}] of one version, or of a
 * holder's dataset (version_id NULL). Erased versions too: what is there stays there. Caller frees; NULL with e.
 */
struct json *house_deliveries(struct house *h, const char *version_id, const char *holder,
    const char *dataset, struct err *e) MUST_CHECK;

struct send {
	const char *version_id;
	const char *set; /* NULL: the only one there is */
	const char *to;  /* house_endpoint_find */
	struct endpoint_options options;
	bool check; /* only what was sent there before */
	bool deep;  /* read everything that is there */
	const volatile sig_atomic_t
	    *stop; /* once it is not 0, end soon, and at once where it is over 1; may be NULL */
	/* Now and then, one thread at a time; each may be NULL. event: frees nothing. */
	void (*progress)(void *ctx, uint64_t bytes, uint64_t total);
	void (*event)(void *ctx, struct json *event);
	void *ctx;
};

struct send_result {
	struct place place;
	char url[DELIVERY_URL_MAX + 1];
	char set[MANIFEST_NAME_MAX + 1];
	uint64_t objects, bytes;           /* of the set, with its table and manifest */
	uint64_t sent_objects, sent_bytes; /* by this run */
	uint64_t read_bytes;               /* of what was there and not known to be good */
	bool unchanged;    /* all was there already: nothing was sent, and nothing entered in the log */
	struct buf record; /* the envelope of the delivery's record; the caller frees */
};

/*
 * Send a set of a version: what is missing, and no byte before the log has an entry that says so. Runs again from
 * wherever it was cut. ERR_REFUSED before anything is sent where the version is not ACCEPTED, or the endpoint's country or
 * site is not in the set's residency; ERR_FORGED where the vault is not what the manifest says, and nothing of that body
 * leaves; ERR_REMOTE where the other side fails, or another sender is at work on the same. result is filled as far as it
 * went.
 */
int house_send(struct house *h, const struct send *s, struct send_result *result, struct err *e) MUST_CHECK;

#endif
