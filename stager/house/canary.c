/* Canaries: made-up values of every kind that scrubbing removes, in the forms that the policy's rules read. */
#include "canary.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "stager/json.h"

#define TEXT_LEN 4096

static void
digits(char *out, size_t len)
{
	for (size_t i = 0; i < len; i++)
		out[i] = (char)('0' + randombytes_uniform(10));
	out[len] = '\0';
}

/* Nine digits that pass the 11-test: the last one makes it so. */
static void
make_bsn(char out[static 10])
{
	int sum;

	do {
		digits(out, 8);
		out[0] = (char)('1' + randombytes_uniform(9));
		sum = 0;
		for (int i = 0; i < 8; i++)
			sum += (out[i] - '0') * (9 - i);
	} while (sum % 11 > 9);
	out[8] = (char)('0' + sum % 11);
	out[9] = '\0';
}

/* "NLkkSTGRdddddddddd", kk so that the remainder by 97 is 1: S T G R are 28 29 16 27, N L 23 21. */
static void
make_iban(char out[static 19])
{
	char account[11], number[40];
	unsigned rest = 0;

	digits(account, 10);
	(void)snprintf(number, sizeof(number), "28291627%s232100", account);
	for (const char *c = number; *c != '\0'; c++)
		rest = (rest * 10 + (unsigned)(*c - '0')) % 97;
	(void)snprintf(out, 19, "NL%02uSTGR%s", 98 - rest, account);
}

/* Sixteen digits that pass Luhn's test. */
static void
make_card(char out[static 17])
{
	int sum = 0;

	digits(out, 15);
	out[0] = '4';
	for (int i = 0; i < 15; i++) {
		int d = out[i] - '0';

		d = i % 2 == 0 ? d * 2 : d;
		sum += d > 9 ? d - 9 : d;
	}
	out[15] = (char)('0' + (10 - sum % 10) % 10);
	out[16] = '\0';
}

static const char *
text_of(const struct json *object, const char *key)
{
	const struct json *j = json_get(object, key);

	return j == NULL || j->type != JSON_STRING ? "" : j->string;
}

/* What must be gone of a value, whatever stands between its signs; unless the policy keeps finds of its kind in text. */
static void
add(struct canaries *c, const struct json *text, const char *kind, const char *value)
{
	struct json *j = json_object();
	char squeezed[64];
	size_t len = 0;

	if (strcmp(text_of(text, kind), "keep") == 0) {
		json_free(j);
		return;
	}
	for (; *value != '\0' && len < sizeof(squeezed) - 1; value++)
		if (isalnum((unsigned char)*value))
			squeezed[len++] = (char)tolower((unsigned char)*value);
	squeezed[len] = '\0';
	json_set_string(j, "kind", kind);
	json_set_string(j, "value", squeezed);
	json_push(c->values, j);
}

/* A title, a first name, an interfix and a family name, each of several. */
static void
make_person(char out[static 64])
{
	static const char *const titles[] = {"mevrouw", "mw.", "de heer", "dhr."};
	static const char *const given[] = {
	    "Annelies", "Willemijn", "Gerrit", "Hendrikus", "Marieke", "Pieter"};
	static const char *const family[] = {"van den Berg", "de Boer", "Hoekstra", "van der Meulen",
	    "Dijkstra", "Vermeulen", "Jansen", "Bakker"};
	unsigned title = randombytes_uniform(4);

	(void)snprintf(out, 64, "%s %s %s", titles[title], given[randombytes_uniform(6)],
	    family[randombytes_uniform(8)]);
}

int
canaries_make(struct canaries *c, const struct json *policy, struct err *e)
{
	const struct json *rules = json_get(policy, "text");
	char bsn[10], iban[19], card[17], phone[16], land[16], mail[48], part[9], postcode[8], date[11];
	char person[64], url[48], ip[48], mac[64];

	*c = (struct canaries){.values = json_array(), .text = malloc(TEXT_LEN), .key = malloc(16)};
	if (c->text == NULL || c->key == NULL)
		return err_set(e, ERR_SYSTEM, "canaries: out of memory");
	make_bsn(bsn);
	make_iban(iban);
	make_card(card);
	digits(part, 7);
	(void)snprintf(phone, sizeof(phone), "06-%c%s", "12345"[randombytes_uniform(5)], part);
	digits(part, 7);
	(void)snprintf(land, sizeof(land), "020-%s", part);
	digits(part, 8);
	(void)snprintf(mail, sizeof(mail), "kanarie.%s@voorbeeld.nl", part);
	/* Digits that stand in no pseudonym, so that none is taken for it. */
	(void)snprintf(postcode, sizeof(postcode), "%u89%u %c%c", 8 + randombytes_uniform(2),
	    randombytes_uniform(2), (char)('A' + randombytes_uniform(5)),
	    (char)('T' + randombytes_uniform(4)));
	(void)snprintf(date, sizeof(date), "%02u-%02u-19%02u", 1 + randombytes_uniform(28),
	    1 + randombytes_uniform(12), 20 + randombytes_uniform(60));
	make_person(person);
	digits(part, 6);
	(void)snprintf(url, sizeof(url), "https://www.voorbeeld%s.nl/kanarie", part);
	(void)snprintf(ip, sizeof(ip), "145.%u.%u.%u", 100 + randombytes_uniform(156),
	    100 + randombytes_uniform(156), 100 + randombytes_uniform(156));
	(void)snprintf(mac, sizeof(mac), "02:%02x:%02x:%02x:%02x:%02x", randombytes_uniform(256),
	    randombytes_uniform(256), randombytes_uniform(256), randombytes_uniform(256),
	    randombytes_uniform(256));
	/* The name and not the title before it, which may stay. */
	add(c, rules, "person", strchr(strncmp(person, "de ", 3) == 0 ? person + 3 : person, ' ') + 1);
	add(c, rules, "url", url);
	add(c, rules, "ip", ip);
	add(c, rules, "mac", mac);
	add(c, rules, "bsn", bsn);
	add(c, rules, "iban", iban);
	add(c, rules, "card", card);
	add(c, rules, "phone", phone);
	add(c, rules, "phone", land);
	add(c, rules, "email", mail);
	add(c, rules, "location", postcode);
	add(c, rules, "date", date);
	(void)snprintf(c->text, TEXT_LEN,
	    "Betreft %s, geboren op %s. Het BSN is %s. De rekening is %s. Zij betaalt met "
	    "creditcard %s. "
	    "Zij woont op postcode %s. Mobiel %s, thuis telefoon %s, of mail naar %s. Zie "
	    "%s, van IP-adres %s, MAC-adres %s.",
	    person, date, bsn, iban, card, postcode, phone, land, mail, url, ip, mac);
	digits(c->key, 9);
	add(c, NULL, "key", c->key);
	return 0;
}

void
canaries_free(struct canaries *c)
{
	json_free(c->values);
	free(c->text);
	free(c->key);
	*c = (struct canaries){.values = NULL};
}

/* What is put where an action stands: "" where only an empty value passes for sure. */
static const char *
value_for(const struct canaries *c, const struct json *action)
{
	const char *word = text_of(action, "do");

	if (strcmp(word, "text") == 0)
		return c->text;
	return strcmp(word, "drop") == 0 || strcmp(word, "blank") == 0 || strcmp(word, "pseudonym") == 0
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

			kept = kept || strcmp(text_of(action, "do"), "drop") != 0;
			if ((i > 0 && buf_put_str(out, delimiter, e) == -1) ||
			    csv_field(out,
				row == 0 ? text_of(columns->items[i], "name") : value_for(c, action),
				e) == -1)
				return -1;
		}
		if (buf_put_u8(out, '\n', e) == -1)
			return -1;
	}
	/* Of a table without columns nothing leaves, this row neither. */
	return kept ? 1 : 0;
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
	/* Attributes are a known person's, which a record that is planted has none of. */
	for (size_t i = 0; i < fields->count; i++)
		if (json_get(json_get(fields->items[i], "action"), "attribute") != NULL)
			return 0;
	record = json_object();
	for (size_t i = 0; i < fields->count; i++) {
		const char *path = text_of(fields->items[i], "name"),
			   *value = value_for(c, json_get(fields->items[i], "action"));

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
	if (strcmp(format, "jsonl") == 0)
		return make_record(c, rule, out, e);
	if (strcmp(format, "text") == 0)
		return buf_put_str(out, c->text, e) == -1 ? -1 : 1;
	return 0;
}
