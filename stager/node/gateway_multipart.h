/* Results of this start, and uploads in parts that are under way: gateway_put.c, gateway_multipart.c, gateway_join.c. */
#ifndef NODE_GATEWAY_MULTIPART_H
#define NODE_GATEWAY_MULTIPART_H

#include "gateway_parts.h"

#define GATEWAY_TAG_LEN 48
#define GATEWAY_PARTS_MAX 10000
#define GATEWAY_UPLOADS_MAX 64
#define GATEWAY_UPLOAD_LEN 32 /* of an upload's id */
#define GATEWAY_XMLNS " xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\""

struct gateway_result {
	struct gateway_result *next;
	uint64_t len;
	char tag[GATEWAY_TAG_LEN + 1];
	char name[CATALOG_NAME_MAX + 1];
};

struct gateway_part {
	unsigned number;
	uint64_t first; /* segment in the file */
	uint64_t len;   /* bytes of plaintext */
	uint8_t digest[DIGEST_LEN];
	char tag[GATEWAY_TAG_LEN + 1];
};

struct gateway_upload {
	struct gateway_upload *next;
	char id[GATEWAY_UPLOAD_LEN + 1], name[CATALOG_NAME_MAX + 1];
	int fd; /* of the file without a name */
	struct secret *key;
	/* Under the results' lock. */
	unsigned users; /* requests that work on it; the list counts for one */
	time_t touched; /* when one of those ended last */
	uint64_t next_segment;
	struct gateway_part *parts; /* by number */
	size_t part_count, part_cap;
};

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
/* The upload of that id and name, one user more; NULL. take: it is out of the list, too, and its place in it the caller's. */
struct gateway_upload *gateway_upload_find(
    struct gateway_results *r, const char *id, const char *name, bool take);
/* One user less; takes NULL. */
void gateway_upload_leave(struct gateway_results *r, struct gateway_upload *u);
/*
 * The parts that a client's list (CompleteMultipartUpload) names, GATEWAY_PARTS_MAX at most: their numbers ascend, each is
 * here, under the ETag that it was told. Copied into out. ERR_INPUT. Under the results' lock.
 */
int gateway_upload_chosen(const struct gateway_upload *u, const char *xml, struct gateway_part *out,
    size_t *count, struct err *e) MUST_CHECK;
/*
 * Give up what nobody has touched for a day; where there is no place for another upload, the one that was touched
 * longest ago, if that is an hour.
 */
void gateway_uploads_expire(struct gateway_results *r, time_t now);
/* Its end: a request with the list of its parts. */
int gateway_upload_finish(struct gateway_call *c, struct gateway_upload *u, struct err *e) MUST_CHECK;
void gateway_uploads_free(struct gateway_results *r);

#endif
