/* What a command must know to find the gateway: variables for S3 clients, and a CURL_HOME. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "stager/io.h"
#include "stager/json.h"
#include "stager/rank.h"

#define TEXT_MAX 8192

/* A word of ready.json: no space, no quote, nothing that a configuration file could take for more. */
static const char *
word_of(const struct rank *r, const char *key, struct err *e)
{
	const char *text = json_need_string(r->ready, key, "gateway: ready.json", e);

	for (const char *c = text; c != NULL && *c != '\0'; c++) {
		if (*c <= ' ' || *c > '~' || *c == '"' || *c == '\\') {
			err_set(e, ERR_INPUT, "gateway: ready.json: %s has a bad form", key);
			return NULL;
		}
	}
	return text;
}

/* The host of "http://HOST:PORT". */
static int
host_of(const char *url, char *out, size_t size, struct err *e)
{
	const char *from = strstr(url, "://"), *colon;

	if (from == NULL || (colon = strrchr(from + 3, ':')) == NULL || (size_t)(colon - from - 3) >= size)
		return err_set(e, ERR_INPUT, "gateway: ready.json: url has a bad form");
	(void)snprintf(out, size, "%.*s", (int)(colon - from - 3), from + 3);
	return 0;
}

int
rank_env_files(const struct rank *r, struct err *e)
{
	const char *url = word_of(r, "url", e), *token = word_of(r, "bearer", e), *home = getenv("HOME");
	char host[256], text[TEXT_MAX], users[TEXT_MAX / 2] = "";
	int len;

	if (url == NULL || token == NULL || host_of(url, host, sizeof(host), e) == -1)
		return -1;
	if (mkdirat(r->folder, "curl", 0700) == -1 && errno != EEXIST)
		return err_sys(e, "CURL_HOME: make");
	/* A header in .curlrc would go to every host; netrc's go to the one that it names. */
	len = snprintf(text, sizeof(text), "machine %s login stager password %s\n", host, token);
	if (io_replace_file(r->folder, "curl/netrc", text, (size_t)len, 0600, e) == -1)
		return -1;
	/* The user's own settings go on to count, but for their netrc. */
	if (home != NULL && strpbrk(home, "\"\\\n") == NULL && strlen(home) < 1024) {
		(void)snprintf(users, sizeof(users), "%s/.curlrc", home);
		if (access(users, R_OK) == 0)
			(void)snprintf(users, sizeof(users), "config = \"%s/.curlrc\"\n", home);
		else
			users[0] = '\0';
	}
	len = snprintf(
	    text, sizeof(text), "%snetrc-optional\nnetrc-file = \"%s/curl/netrc\"\n", users, r->path);
	if (len < 0 || (size_t)len >= sizeof(text))
		return err_set(e, ERR_LIMIT, "CURL_HOME: a path is too long");
	return io_replace_file(r->folder, "curl/.curlrc", text, (size_t)len, 0600, e);
}

/* One more host that no proxy is asked for, in the variable's two spellings. */
static int
no_proxy(const char *host, struct err *e)
{
	static const char *const names[] = {"no_proxy", "NO_PROXY"};
	char text[TEXT_MAX];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *old = getenv(names[i]);

		if (old != NULL && strlen(old) > sizeof(text) - 300)
			return err_set(e, ERR_LIMIT, "%s: too long", names[i]);
		(void)snprintf(text, sizeof(text), "%s%s%s", old == NULL ? "" : old,
		    old == NULL || old[0] == '\0' ? "" : ",", host);
		if (setenv(names[i], text, 1) == -1)
			return err_sys(e, "environment");
	}
	return 0;
}

int
rank_env_set(const struct rank *r, struct err *e)
{
	const char *url = word_of(r, "url", e), *access = word_of(r, "access-key", e),
		   *secret = word_of(r, "secret-key", e), *bucket = word_of(r, "bucket", e),
		   *token = word_of(r, "bearer", e);
	char host[256], curl[4096];
	const char *const all[][2] = {
	    {"STAGER_URL", url},
	    {"STAGER_VERSION", bucket}, /* the first part of every path, and S3's bucket */
	    {"STAGER_TOKEN", token},    /* for clients that want a header: "Authorization: Bearer TOKEN" */
	    {"AWS_ACCESS_KEY_ID", access},
	    {"AWS_SECRET_ACCESS_KEY", secret},
	    {"AWS_ENDPOINT_URL", url},
	    {"AWS_ENDPOINT_URL_S3", url},
	    {"S3_ENDPOINT_URL", url}, /* MosaicML Streaming, s5cmd */
	    {"AWS_REGION", "us-east-1"},
	    {"AWS_DEFAULT_REGION", "us-east-1"},
	    {"AWS_EC2_METADATA_DISABLED", "true"},
	    /* Signatures cover what goes in; sums of whole objects are not what ranges are checked by. */
	    {"AWS_REQUEST_CHECKSUM_CALCULATION", "when_required"},
	    {"AWS_RESPONSE_CHECKSUM_VALIDATION", "when_required"},
	    {"CURL_HOME", curl},
	};
	static const char *const gone[] = {
	    "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN", "AWS_PROFILE", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"};

	if (url == NULL || access == NULL || secret == NULL || bucket == NULL || token == NULL ||

	    host_of(url, host, sizeof(host), e) == -1)
		return -1;
	(void)snprintf(curl, sizeof(curl), "%s/curl", r->path);
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (setenv(all[i][0], all[i][1], 1) == -1)
			return err_sys(e, "environment");
	for (size_t i = 0; i < sizeof(gone) / sizeof(gone[0]); i++)
		(void)unsetenv(gone[i]);
	return no_proxy(host, e);
}
