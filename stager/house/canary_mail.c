/* A canary as an e-mail (RFC 5322): values in headers that the policy names, in one that it does not, and in a text in base64 (RFC 2045). */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "canary.h"
#include "stager/enc.h"
#include "stager/json.h"

#define LINE_LEN 76 /* of base64: RFC 2045 section 6.8 */

static const char *
text_of(const struct json *object, const char *key)
{
	const struct json *j = json_get(object, key);

	return j == NULL || j->type != JSON_STRING ? "" : j->string;
}

static int
header(struct buf *out, const char *name, const char *value, struct err *e)
{
	return buf_put_str(out, name, e) == -1 || buf_put_str(out, ": ", e) == -1 ||
		       buf_put_str(out, value, e) == -1
		   ? -1
		   : buf_put_str(out, "\r\n", e);
}

/* A header that the policy names. Of pseudonyms those of people alone: what else has them is of another form. */
static int
named(const struct canaries *c, const struct json *rule, struct buf *out, struct err *e)
{
	static const char *const people[] = {"From", "To", "Cc", "Reply-To", "Sender"};
	const struct json *headers = json_get(rule, "headers");
	char address[160];

	(void)snprintf(address, sizeof(address), "\"%s\" <%s>", c->person, c->mail);
	for (size_t i = 0; headers != NULL && headers->type == JSON_ARRAY && i < headers->count; i++) {
		const char *name = text_of(headers->items[i], "name"),
			   *word = text_of(json_get(headers->items[i], "action"), "do");
		bool person = false;

		for (size_t k = 0; k < sizeof(people) / sizeof(people[0]); k++)
			person = person || strcasecmp(name, people[k]) == 0;
		/* A line of a header has at most 998 characters: the first sentences. */
		if ((strcmp(word, "text") == 0 && !person && header(out, name, c->sentences[0], e) == -1) ||
		    (strcmp(word, "pseudonym") == 0 && person && header(out, name, address, e) == -1))
			return -1;
	}
	return 0;
}

int
canaries_mail(const struct canaries *c, const struct json *rule, struct buf *out, struct err *e)
{
	struct buf text;
	int rc = -1;

	buf_init(&text, 2 * sizeof(c->text));
	if (named(c, rule, out, e) == -1 || header(out, "X-Kanarie", c->key, e) == -1 ||
	    header(out, "MIME-Version", "1.0", e) == -1 ||
	    header(out, "Content-Type", "text/plain; charset=utf-8", e) == -1 ||
	    header(out, "Content-Transfer-Encoding", "base64", e) == -1 ||
	    buf_put_str(out, "\r\n", e) == -1 || base64_encode(c->text, strlen(c->text), &text, e) == -1)
		goto out;
	for (size_t at = 0, n; at < text.len; at += n) {
		n = text.len - at < LINE_LEN ? text.len - at : LINE_LEN;
		if (buf_put(out, text.data + at, n, e) == -1 || buf_put_str(out, "\r\n", e) == -1)
			goto out;
	}
	rc = 1;
out:
	buf_free(&text);
	return rc;
}
