/* Canaries: made-up values of every kind that scrubbing removes, new for each unit. */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <sodium.h>

#include "canary.h"
#include "stager/json.h"

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

/* One sentence with a value or two to the text. */
static int
sentence(struct canaries *c, struct err *e, const char *format, ...)
{
	va_list args;
	int n;

	if (c->sentence_count == CANARY_SENTENCES)
		return err_set(e, ERR_SYSTEM, "canaries: more sentences than there is room for");
	va_start(args, format);
	n = vsnprintf(c->sentences[c->sentence_count], CANARY_SENTENCE, format, args);
	va_end(args);
	if (n < 0 || n >= CANARY_SENTENCE)
		return err_set(e, ERR_SYSTEM, "canaries: a sentence is too long");
	c->sentence_count++;
	return 0;
}

/* Letters of no word, so that nothing but the subject's row can be why they are found. */
static void
letters(char *out, size_t len)
{
	static const char consonants[] = "bdfgklmnprstvw", vowels[] = "aeiou";

	for (size_t i = 0; i < len; i++)
		out[i] = i % 2 == 0 ? consonants[randombytes_uniform(sizeof(consonants) - 1)]
				    : vowels[randombytes_uniform(sizeof(vowels) - 1)];
	out[len] = '\0';
}

/* What a subject table would say of the subject of all that is planted, in a text that gives no detector a reason. */
static int
make_known(struct canaries *c, const struct json *known, struct err *e)
{
	char name[12], number[12], street[12], place[12], address[32];

	letters(name, 11);
	digits(number, 8);
	number[0] = '7';
	letters(street, 9);
	letters(place, 9);
	(void)snprintf(address, sizeof(address), "%s %s", street, place);
	if (json_get(known, "person") != NULL) {
		json_set_string(c->known, "person", name);
		add(c, NULL, "known", name);
		if (sentence(c, e, "hoewel %s dat vond", name) == -1)
			return -1;
	}
	if (json_get(known, "number") != NULL) {
		json_set_string(c->known, "number", number);
		add(c, NULL, "known", number);
		if (sentence(c, e, "waar %s stond", number) == -1)
			return -1;
	}
	if (json_get(known, "address") != NULL) {
		json_set_string(c->known, "address", address);
		add(c, NULL, "known", address);
		if (sentence(c, e, "waar %s lag", address) == -1)
			return -1;
	}
	return 0;
}

/* A day in a form that the policy reads, for fields that move dates or leave their year. "" where it reads none of ours. */
static void
make_days(struct canaries *c, const struct json *policy)
{
	const struct json *order = json_get(json_get(policy, "dates"), "order");
	const unsigned day = 1 + randombytes_uniform(28), month = 1 + randombytes_uniform(12),
		       year = 1920 + randombytes_uniform(60);

	for (size_t i = 0;
	     order != NULL && order->type == JSON_ARRAY && i < order->count && c->day[0] == '\0'; i++) {
		const char *form = order->items[i]->type == JSON_STRING ? order->items[i]->string : "";

		if (strcmp(form, "dd-MM-yyyy") == 0)
			(void)snprintf(c->day, sizeof(c->day), "%02u-%02u-%04u", day, month, year);
		else if (strcmp(form, "yyyy-MM-dd") == 0)
			(void)snprintf(c->day, sizeof(c->day), "%04u-%02u-%02u", year, month, day);
	}
	if (c->day[0] != '\0')
		add(c, NULL, "day", c->day);
}

int
canaries_make(struct canaries *c, const struct json *policy, struct err *e)
{
	const struct json *rules = json_get(policy, "text");
	char bsn[10], iban[19], card[17], phone[16], land[16], mail[48], part[9], postcode[8], date[11];
	char person[64], url[48], ip[48], mac[64];

	*c = (struct canaries){.values = json_array(), .known = json_object()};
	c->linked = json_get(policy, "subject") != NULL;
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
	make_days(c, policy);
	if (sentence(c, e, "Betreft %s, geboren op %s.", person, date) == -1 ||
	    sentence(c, e, "Het BSN is %s.", bsn) == -1 || sentence(c, e, "De rekening is %s.", iban) == -1 ||
	    sentence(c, e, "Zij betaalt met creditcard %s.", card) == -1 ||
	    sentence(c, e, "Zij woont op postcode %s.", postcode) == -1 ||
	    sentence(c, e, "Mobiel %s, thuis telefoon %s.", phone, land) == -1 ||
	    sentence(c, e, "Mail naar %s.", mail) == -1 || sentence(c, e, "Zie %s.", url) == -1 ||
	    sentence(c, e, "Het IP-adres is %s, het MAC-adres %s.", ip, mac) == -1 ||
	    make_known(c, json_get(json_get(policy, "subject"), "known"), e) == -1)
		return -1;
	(void)snprintf(c->person, sizeof(c->person), "%s",
	    strchr(strncmp(person, "de ", 3) == 0 ? person + 3 : person, ' ') + 1);
	(void)snprintf(c->bsn, sizeof(c->bsn), "%s", bsn);
	(void)snprintf(c->phone, sizeof(c->phone), "%s", phone);
	(void)snprintf(c->mail, sizeof(c->mail), "%s", mail);
	for (size_t i = 0; i < c->sentence_count; i++)
		(void)snprintf(c->text + strlen(c->text), sizeof(c->text) - strlen(c->text), "%s%s",
		    i > 0 ? " " : "", c->sentences[i]);
	digits(c->key, 9);
	add(c, NULL, "key", c->key);
	return 0;
}

void
canaries_free(struct canaries *c)
{
	json_free(c->values);
	json_free(c->known);
	*c = (struct canaries){.values = NULL};
}
