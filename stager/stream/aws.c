/* Credentials and settings for S3 from the environment, ~/.aws/credentials and ~/.aws/config. */
#include "aws.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "stager/io.h"

#define FILE_MAX (256u << 10)

static int
set(char *out, size_t room, const char *value, size_t len, const char *what, struct err *e)
{
	/* What is known already stays: the environment goes before the files, credentials before config. */
	if (out[0] != '\0')
		return 0;
	if (len >= room)
		return err_set(e, ERR_LIMIT, "S3: %s: too long", what);
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)value[i] <= 0x20 || (unsigned char)value[i] > 0x7e)
			return err_set(e, ERR_INPUT, "S3: %s: a character that cannot be in it", what);
	memcpy(out, value, len);
	out[len] = '\0';
	return 0;
}

static int
from_environment(char *out, size_t room, const char *variable, struct err *e)
{
	const char *value = getenv(variable);

	return value == NULL ? 0 : set(out, room, value, strlen(value), variable, e);
}

static void
trim(const char **s, size_t *len)
{
	while (*len > 0 && (**s == ' ' || **s == '\t')) {
		(*s)++;
		(*len)--;
	}
	while (*len > 0 && ((*s)[*len - 1] == ' ' || (*s)[*len - 1] == '\t' || (*s)[*len - 1] == '\r'))
		(*len)--;
}

static bool
is(const char *s, size_t len, const char *word)
{
	return strlen(word) == len && memcmp(s, word, len) == 0;
}

/* "[NAME]", in the config also "[profile NAME]". */
static bool
is_section(const char *s, size_t len, const char *profile, bool config)
{
	if (len < 2 || s[len - 1] != ']')
		return false;
	s++;
	len -= 2;
	trim(&s, &len);
	if (is(s, len, profile))
		return !config || strcmp(profile, "default") == 0;
	if (!config || len < 8 || memcmp(s, "profile", 7) != 0 || (s[7] != ' ' && s[7] != '\t'))
		return false;
	s += 8;
	len -= 8;
	trim(&s, &len);
	return is(s, len, profile);
}

static int
read_setting(
    struct aws *a, bool keyed, const char *key, size_t key_len, const char *value, size_t len, struct err *e)
{
	struct {
		const char *key;
		char *out;
		size_t room;
	} known[] = {
	    {"aws_access_key_id", a->user, sizeof(a->user)},
	    {"aws_secret_access_key", a->secret, sizeof(a->secret)},
	    {"aws_session_token", a->token, sizeof(a->token)},
	    {"region", a->region, sizeof(a->region)},
	    {"endpoint_url", a->endpoint, sizeof(a->endpoint)},
	    {"ca_bundle", a->ca, sizeof(a->ca)},
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (is(key, key_len, known[i].key) && !(keyed && i < 3))
			return set(known[i].out, known[i].room, value, len, known[i].key, e);
	return 0;
}

/* The profile's lines KEY = VALUE; others', and nested settings (which are indented), are passed over. */
static int
read_profile(
    struct aws *a, const char *text, size_t len, const char *profile, bool config, bool *found, struct err *e)
{
	const char *end = text + len, *next, *key, *value;
	size_t line, key_len, value_len;
	bool here = false, keyed = a->user[0] != '\0';

	/* All three of a key come from one place. */
	for (; text < end; text = next) {
		next = memchr(text, '\n', (size_t)(end - text));
		line = next == NULL ? (size_t)(end - text) : (size_t)(next - text);
		next = next == NULL ? end : next + 1;
		if (line == 0 || *text == '#' || *text == ';' || *text == ' ' || *text == '\t')
			continue;
		key = text;
		key_len = line;
		trim(&key, &key_len);
		if (key_len > 0 && *key == '[') {
			here = is_section(key, key_len, profile, config);
			*found |= here;
			continue;
		}
		if (!here || (value = memchr(key, '=', key_len)) == NULL)
			continue;
		value_len = key_len - (size_t)(value + 1 - key);
		key_len = (size_t)(value - key);
		value++;
		trim(&key, &key_len);
		trim(&value, &value_len);
		if (read_setting(a, keyed, key, key_len, value, value_len, e) == -1)
			return -1;
	}
	return 0;
}

static int
read_file(struct aws *a, const char *variable, const char *usual, const char *profile, bool config,
    bool *found, struct err *e)
{
	const char *path = getenv(variable), *home = getenv("HOME");
	bool named = path != NULL && path[0] != '\0';
	char own[AWS_VALUE_MAX];
	struct buf b;
	ssize_t n;
	int fd, rc = -1;

	if (!named) {
		if (home == NULL ||
		    (size_t)snprintf(own, sizeof(own), "%s/.aws/%s", home, usual) >= sizeof(own))
			return 0;
		path = own;
	}
	if ((fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)) == -1) {
		if (!named && (errno == ENOENT || errno == EACCES || errno == ENOTDIR))
			return 0;
		return err_set(e, ERR_INPUT, "S3: %s: cannot be opened", named ? variable : usual);
	}
	buf_init(&b, FILE_MAX);
	/* In one piece of memory, so that growing leaves no copy of a key behind. */
	if (buf_reserve(&b, FILE_MAX, e) != NULL && (n = io_read(fd, b.data, FILE_MAX, usual, e)) != -1) {
		b.len = (size_t)n;
		rc = b.len < FILE_MAX ? 0 : err_set(e, ERR_LIMIT, "S3: %s: too long", usual);
	}
	io_close(&fd);
	if (rc == 0)
		rc = read_profile(a, (const char *)b.data, b.len, profile, config, found, e);
	if (b.data != NULL)
		explicit_bzero(b.data, b.cap); /* also what was read before a fault */
	buf_free(&b);
	return rc;
}

int
aws_load(struct aws *out, struct err *e)
{
	const char *profile = getenv("AWS_PROFILE");
	bool found = false, named = profile != NULL && profile[0] != '\0';

	memset(out, 0, sizeof(*out));
	if (!named)
		profile = "default";
	if (from_environment(out->user, sizeof(out->user), "AWS_ACCESS_KEY_ID", e) == -1 ||
	    from_environment(out->secret, sizeof(out->secret), "AWS_SECRET_ACCESS_KEY", e) == -1 ||
	    from_environment(out->token, sizeof(out->token), "AWS_SESSION_TOKEN", e) == -1 ||
	    from_environment(out->region, sizeof(out->region), "AWS_REGION", e) == -1 ||
	    from_environment(out->region, sizeof(out->region), "AWS_DEFAULT_REGION", e) == -1 ||
	    from_environment(out->endpoint, sizeof(out->endpoint), "AWS_ENDPOINT_URL_S3", e) == -1 ||
	    from_environment(out->endpoint, sizeof(out->endpoint), "AWS_ENDPOINT_URL", e) == -1 ||
	    from_environment(out->ca, sizeof(out->ca), "AWS_CA_BUNDLE", e) == -1)
		return -1;
	if ((out->user[0] == '\0') != (out->secret[0] == '\0'))
		return err_set(
		    e, ERR_INPUT, "S3: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY: one without the other");
	if (out->user[0] == '\0')
		out->token[0] = '\0'; /* of another key */
	if (read_file(out, "AWS_SHARED_CREDENTIALS_FILE", "credentials", profile, false, &found, e) == -1 ||
	    read_file(out, "AWS_CONFIG_FILE", "config", profile, true, &found, e) == -1)
		return -1;
	if (named && !found)
		return err_set(e, ERR_INPUT, "S3: AWS_PROFILE: no such profile in credentials or config");
	if (out->user[0] == '\0' || out->secret[0] == '\0')
		return err_set(e, ERR_INPUT,
		    "S3: no credentials: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or ~/.aws/credentials");
	if (out->region[0] == '\0')
		memcpy(out->region, "us-east-1", sizeof("us-east-1"));
	return 0;
}

void
aws_wipe(struct aws *a)
{
	explicit_bzero(a, sizeof(*a));
}
