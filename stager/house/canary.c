/* Canaries in the forms that the policy's rules read. */
#include "canary.h"

#include <stdio.h>
#include <string.h>

#include "stager/entry.h"
#include "stager/json.h"

static const char *
text_of(const struct json *object, const char *key)
{
	const struct json *j = json_get(object, key);

	return j == NULL || j->type != JSON_STRING ? "" : j->string;
}

const char *
canaries_value(const struct canaries *c, const struct json *action, char made[static CANARY_REFERENCE])
{
	const char *word = text_of(action, "do");
	const struct json *types = json_get(action, "reference");

	if (strcmp(word, "text") == 0)
		return c->text;
	if (strcmp(word, "shift") == 0 || strcmp(word, "year") == 0)
		return c->day;
	if (strcmp(word, "pseudonym") == 0 && types != NULL && types->type == JSON_ARRAY &&
	    types->count > 0 && types->items[0]->type == JSON_STRING) {
		(void)snprintf(made, CANARY_REFERENCE, "%s/%s", types->items[0]->string, c->key);
		return made;
	}
	return json_get(action, "attribute") != NULL || strcmp(word, "drop") == 0 ||
		       strcmp(word, "blank") == 0 || strcmp(word, "pseudonym") == 0
		   ? c->key
		   : "";
}

/* A field of a table, in quotes. */
static int
csv_field(struct buf *out, const char *text, struct err *e)
{
	if (buf_put_u8(out, '"', e) == -1)
		return -1;
	for (; *text != '\0'; text++)
		if ((*text == '"' && buf_put_u8(out, '"', e) == -1) ||
		    buf_put_u8(out, (uint8_t)*text, e) == -1)
			return -1;
	return buf_put_u8(out, '"', e);
}

static int
make_table(const struct canaries *c, const struct json *rule, struct buf *out, struct err *e)
{
	const struct json *columns = json_get(rule, "columns");
	const char *delimiter = text_of(json_get(rule, "csv"), "delimiter");
	bool kept = false;

	if (columns == NULL || columns->type != JSON_ARRAY)
		return 0;
	for (int row = 0; row < 2; row++) {
		for (size_t i = 0; i < columns->count; i++) {
			const struct json *action = json_get(columns->items[i], "action");
			char made[CANARY_REFERENCE];

			kept = kept || strcmp(text_of(action, "do"), "drop") != 0;
			if ((i > 0 && buf_put_str(out, delimiter, e) == -1) ||
			    csv_field(out,
				row == 0 ? text_of(columns->items[i], "name")
					 : canaries_value(c, action, made),
				e) == -1)
				return -1;
		}
		if (buf_put_u8(out, '\n', e) == -1)
			return -1;
	}
	/* Of a table without columns nothing leaves, this row neither. */
	return kept ? 1 : 0;
}

/* Whole sentences, as many as fit, from *next on. */
static size_t
fill(const struct canaries *c, size_t *next, char *out, size_t width)
{
	size_t len = 0, n;

	for (; *next < c->sentence_count; ++*next) {
		n = strlen(c->sentences[*next]);
		if (len + n + 1 > width)
			break;
		memcpy(out + len, c->sentences[*next], n);
		out[len + n] = ' ';
		len += n + 1;
	}
	return len;
}

/* Lines of fixed width, until every sentence that fits a field has stood in one. */
static int
make_lines(const struct canaries *c, const struct json *rule, struct buf *out, struct err *e)
{
	const struct json *columns = json_get(rule, "columns"), *places = json_get(rule, "fixed");
	size_t next = 0, wide = 0, before;
	bool kept = false, said = false;

	if (columns == NULL || columns->type != JSON_ARRAY || places == NULL || places->type != JSON_ARRAY ||
	    places->count != columns->count)
		return 0;
	do {
		int64_t end = 1, at, width;

		before = next;
		for (size_t i = 0; i < columns->count; i++) {
			const struct json *action = json_get(columns->items[i], "action");
			char made[CANARY_REFERENCE];
			const char *value = canaries_value(c, action, made);
			uint8_t *field;

			if (json_need_int(places->items[i], "at", 1, JSON_INT_MAX, "policy", &at, e) == -1 ||
			    json_need_int(places->items[i], "width", 1, JSON_INT_MAX, "policy", &width, e) ==
				-1)
				return -1;
			if (at < end || (size_t)(at - end + width) > ENTRY_CANARY_MAX)
				return 0;
			kept = kept || strcmp(text_of(action, "do"), "drop") != 0;
			if ((field = buf_reserve(out, (size_t)(at - end + width), e)) == NULL)
				return -1;
			memset(field, ' ', (size_t)(at - end + width));
			out->len += (size_t)(at - end + width);
			field += at - end;
			if (value == c->text) {
				wide = (size_t)width > wide ? (size_t)width : wide;
				said = fill(c, &next, (char *)field, (size_t)width) > 0 || said;
			} else if (strlen(value) <= (size_t)width) {
				memcpy(field, value, strlen(value));
				said = said || *value != '\0';
			}
			end = at + width;
		}
		if (buf_put_u8(out, '\n', e) == -1)
			return -1;
		/* One that fits no field is left out. */
		if (next == before && wide > 0 && next < c->sentence_count)
			next++;
	} while (wide > 0 && next < c->sentence_count);
	/* Where every field is too narrow the lines are empty, and of empty lines nothing leaves. */
	return kept && said ? 1 : 0;
}

/* Put a value where a path of the policy leads, with what lies between. */
static void
put_path(struct json *at, const char *path, struct json *value)
{
	char key[256];
	size_t len;

	for (;;) {
		struct json *next;
		bool last, element;

		if (*path != '.')
			break;
		path++;
		len = strcspn(path, ".[");
		if (len == 0 || len >= sizeof(key) || at->type != JSON_OBJECT)
			break;
		memcpy(key, path, len);
		key[len] = '\0';
		if (strcmp(key, "*") == 0)
			memcpy(key, "kanarie", sizeof("kanarie"));
		path += len;
		element = strncmp(path, "[*]", 3) == 0;
		path += element ? 3 : 0;
		last = *path == '\0';
		next = (struct json *)(uintptr_t)json_get(at, key);
		if (next == NULL) {
			next = element ? json_array() : last ? value : json_object();
			json_set(at, key, next);
			if (last && !element)
				return;
		} else if (last && !element) {
			break; /* something stands there already */
		}
		while (element) {
			if (next->type != JSON_ARRAY)
				goto done;
			element = strncmp(path, "[*]", 3) == 0;
			if (next->count == 0)
				json_push(next, element ? json_array() : last ? value : json_object());
			else if (last)
				goto done;
			if (last && !element)
				return;
			next = next->items[0];
			path += element ? 3 : 0;
			last = *path == '\0';
		}
		at = next;
	}
done:
	json_free(value);
}

static int
make_record(const struct canaries *c, const struct json *rule, struct buf *out, struct err *e)
{
	const struct json *fields = json_get(rule, "fields");
	struct json *record;
	int rc = -1;

	if (fields == NULL || fields->type != JSON_ARRAY)
		return 0;
	record = json_object();
	for (size_t i = 0; i < fields->count; i++) {
		char made[CANARY_REFERENCE];
		const char *path = text_of(fields->items[i], "name"),
			   *value = canaries_value(c, json_get(fields->items[i], "action"), made);

		if (*path == '$')
			put_path(record, path + 1, *value == '\0' ? json_null() : json_string(value));
	}
	if (record->count > 0 && json_encode(record, out, e) == 0)
		rc = buf_put_u8(out, '\n', e) == -1 ? -1 : 1;
	else if (record->count == 0 || e->code == ERR_INPUT)
		rc = 0; /* names that our own JSON does not write */
	if (rc == 0)
		e->code = ERR_NONE;
	json_free(record);
	return rc;
}

int
canaries_file(const struct canaries *c, const struct json *rule, struct buf *out, struct err *e)
{
	const char *format = text_of(rule, "format");

	if (strcmp(format, "csv") == 0)
		return make_table(c, rule, out, e);
	if (strcmp(format, "fixed") == 0)
		return make_lines(c, rule, out, e);
	if (strcmp(format, "jsonl") == 0 || strcmp(format, "json") == 0)
		return make_record(c, rule, out, e);
	if (strcmp(format, "dicom") == 0)
		return canaries_dicom(c, rule, out, e);
	if (strcmp(format, "eml") == 0)
		return canaries_mail(c, rule, out, e);
	if (strcmp(format, "xml") == 0)
		return canaries_xml(c, rule, out, e);
	if (strcmp(format, "text") == 0)
		return buf_put_str(out, c->text, e) == -1 ? -1 : 1;
	return 0;
}
