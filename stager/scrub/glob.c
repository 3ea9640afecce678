/* Which rule of the policy a file falls under. */
#include "stager/policy.h"

#include <stdio.h>
#include <string.h>

#include "stager/utf8.h"

/* Two runs of characters, none of them a '/'. */
struct part {
	const char *at;
	size_t len;
};

/* The part that begins at `at`, up to the next slash. */
static struct part
part_at(const char *at)
{
	return (struct part){at, strcspn(at, "/")};
}

/* The part after this one; at is NULL after the last. */
static struct part
part_next(struct part p)
{
	if (p.at[p.len] == '\0')
		return (struct part){NULL, 0};
	return part_at(p.at + p.len + 1);
}

static bool
part_any(struct part p)
{
	return p.at != NULL && p.len == 2 && p.at[0] == '*' && p.at[1] == '*';
}

static size_t
character_len(const char *s, size_t len)
{
	size_t n = utf8_sequence((const uint8_t *)s, len);

	return n == 0 ? 1 : n;
}

/*
 * `?` and `*` within one part. Where a part fails after a star, that star takes one character more; only the
 * last star met is ever taken up again, since whatever an earlier one could take more the last one can take
 * too. So the time is at most the product of the lengths.
 */
static bool
part_match(struct part glob, struct part name)
{
	size_t g = 0, n = 0, star = SIZE_MAX, star_n = 0;

	while (n < name.len) {
		if (g < glob.len && glob.at[g] == '*') {
			star = g++;
			star_n = n;
		} else if (g < glob.len && glob.at[g] == '?') {
			n += character_len(name.at + n, name.len - n);
			g++;
		} else if (g < glob.len && glob.at[g] == name.at[n]) {
			g++;
			n++;
		} else if (star != SIZE_MAX) {
			g = star + 1;
			star_n += character_len(name.at + star_n, name.len - star_n);
			n = star_n;
		} else {
			return false;
		}
	}
	while (g < glob.len && glob.at[g] == '*')
		g++;
	return g == glob.len;
}

/* The same again one floor up: parts for characters, `**` for the star. At the end it wants at least the
 * file. */
bool
policy_glob(const char *glob, const char *name)
{
	struct part g = part_at(glob), n = part_at(name), star = {NULL, 0}, star_n = {NULL, 0};

	while (n.at != NULL) {
		if (part_any(g)) {
			star = part_next(g);
			if (star.at == NULL)
				return true;
			star_n = n;
			g = star;
		} else if (g.at != NULL && part_match(g, n)) {
			g = part_next(g);
			n = part_next(n);
		} else if (star.at != NULL) {
			star_n = part_next(star_n);
			n = star_n;
			g = star;
		} else {
			return false;
		}
	}
	return g.at == NULL;
}

const struct rule *
policy_rule(const struct policy *p, const char *name, bool *several)
{
	const struct rule *found = NULL;

	*several = false;
	for (size_t i = 0; i < p->rule_count; i++) {
		if (!policy_glob(p->rules[i].match, name))
			continue;
		if (found != NULL) {
			*several = true;
			return NULL;
		}
		found = &p->rules[i];
	}
	return found;
}

#define KEY_MARK "\001" /* neither a policy nor a name has it */
#define KEY_TEXT_MAX 8192

static bool
key_character(char c)
{
	return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

bool
policy_glob_key(const char *glob, const char *name, const char **key, size_t *len)
{
	const char *in = strstr(glob, "{key}");
	char marked[KEY_TEXT_MAX], with[KEY_TEXT_MAX];

	if (in == NULL || strchr(name, KEY_MARK[0]) != NULL ||
	    (size_t)snprintf(marked, sizeof(marked), "%.*s" KEY_MARK "%s", (int)(in - glob), glob,
		in + strlen("{key}")) >= sizeof(marked) ||
	    strlen(name) >= sizeof(with))
		return false;
	/* Each run in turn is taken for the key: one character that only the glob's own mark takes. */
	for (const char *at = name, *end; *at != '\0'; at = end) {
		for (end = at; key_character(*end); end++)
			continue;
		if (end == at) {
			end++;
			continue;
		}
		(void)snprintf(with, sizeof(with), "%.*s" KEY_MARK "%s", (int)(at - name), name, end);
		if (policy_glob(marked, with)) {
			*key = at;
			*len = (size_t)(end - at);
			return true;
		}
	}
	return false;
}
