/* Results of this start, and uploads in parts that are under way: gateway_put.c, gateway_multipart.c. */
#ifndef NODE_GATEWAY_MULTIPART_H
#define NODE_GATEWAY_MULTIPART_H

#include "gateway_parts.h"

#define GATEWAY_TAG_LEN 48

struct gateway_result {
	struct gateway_result *next;
	uint64_t len;
	char tag[GATEWAY_TAG_LEN + 1];
	char name[CATALOG_NAME_MAX + 1];
};

struct gateway_upload;

struct gateway_results {
	int folder; /* the caller's */
	uint8_t key[X25519_LEN];
	pthread_mutex_t lock;        /* over what follows */
	struct gateway_result *done; /* what was put */
	struct gateway_upload *uploads;
	unsigned upload_count;
};

int gateway_results_add(
    struct gateway_results *r, const char *name, uint64_t len, const char *tag, struct err *e) MUST_CHECK;
void gateway_tag(
    const uint8_t digest[static DIGEST_LEN], unsigned parts, char out[static GATEWAY_TAG_LEN + 1]);
/* A request with ?uploads or ?uploadId= */
int gateway_multipart(struct gateway_call *c, struct err *e) MUST_CHECK;
void gateway_uploads_free(struct gateway_results *r);

#endif
