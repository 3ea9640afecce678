/* The page's first words: whether a version may go on, or what became of it. */
#include "page.h"

#include <string.h>

#include "stager/json.h"

static int64_t
document_number(const struct page *p, const char *key)
{
	const struct json *n = json_get(p->document, key);

	return n == NULL || n->type != JSON_INT ? 0 : n->integer;
}

static bool
is_held(const struct page *p)
{
	const struct json *state = json_get(p->document, "state");

	return state != NULL && state->type == JSON_STRING && strcmp(state->string, "held") == 0;
}

/* What the second check withheld, of whatever reason. */
int64_t
page_check_finds(const struct page *p)
{
	const struct json *held = json_get(p->report, "held");
	int64_t n = 0;

	for (size_t i = 0; held != NULL && i < held->count; i++) {
		const struct json *count = json_get(held->items[i], "count");

		if (strncmp(held->keys[i], "check:", 6) == 0 && count != NULL &&
		    count->integer <= JSON_INT_MAX - n)
			n += count->integer;
	}
	return n;
}

/* Something is to be looked at yet, or was found: the version cannot be accepted as it stands. */
static bool
review_waits(const struct page *p, bool *found)
{
	static const char *const strata[] = {"letters", "scans"};
	const struct json *review = json_get(p->document, "review"), *sets = json_get(review, "sets"),
			  *wanted = json_get(review, "wanted");
	int64_t finds = 0;
	bool waits = false;

	*found = false;
	if (sets == NULL || sets->type != JSON_OBJECT)
		return false;
	for (size_t i = 0; i < sets->count; i++) {
		for (size_t k = 0; k < 2; k++) {
			const struct json *part = json_get(sets->items[i], strata[k]);
			int64_t least = page_int(wanted, strata[k]), there = page_int(part, "population");

			finds += page_int(part, "found");
			waits = waits || page_int(part, "reviewed") < (least < there ? least : there);
		}
	}
	*found = finds > page_int(wanted, "found");
	return waits || (sets->count == 0 && page_int(wanted, "letters") + page_int(wanted, "scans") > 0);
}

static bool
in_state(const struct page *p, const char *state)
{
	return strcmp(p->state, state) == 0;
}

bool
page_ended(const struct page *p)
{
	return in_state(p, "WITHDRAWN") || in_state(p, "REJECTED") || in_state(p, "ERASED");
}

/* Of a version that is no more: what was told of it stands below, as it was. */
static void
verdict_ended(struct page *p)
{
	page_raw(p, "<div class=\"verdict held\"><p><strong>");
	if (in_state(p, "WITHDRAWN"))
		page_say(p, "TERUGGETROKKEN: van deze versie wordt niets meer vrijgegeven.",
		    "WITHDRAWN: nothing of this version is released any more.", NULL);
	else if (in_state(p, "REJECTED"))
		page_say(
		    p, "AFGEWEZEN: deze versie is weggegooid.", "REJECTED: this version was deleted.", NULL);
	else
		page_say(p, "GEWIST: van deze dataset is niets meer te openen.",
		    "ERASED: nothing of this dataset can be opened any more.", NULL);
	page_raw(p, "</strong></p>");
	if (in_state(p, "WITHDRAWN"))
		page_say_in(p, "p",
		    "Mensen die zich terugtrokken zaten er nog in. Haar sleutels en bestanden zijn weg; wat "
		    "eerder is "
		    "vrijgegeven is niet terug te halen. Latere versies noemt `stager list`.",
		    "People who withdrew were still in it. Its keys and files are gone; what was released "
		    "before cannot "
		    "be recalled. `stager list` names later versions.",
		    NULL);
	page_say_in(p, "p", "Wat hieronder staat is zoals het toen is verteld.",
	    "What stands below is as it was told then.", NULL);
	page_raw(p, "</div>\n");
}

void
page_verdict(struct page *p)
{
	bool held = is_held(p), empty = document_number(p, "members") == 0, found,
	     waits = review_waits(p, &found), accepted = in_state(p, "ACCEPTED") || in_state(p, "SENT");

	if (page_ended(p)) {
		verdict_ended(p);
		return;
	}
	if (accepted)
		held = waits = found = false;
	page_raw(p, held || waits || found ? "<div class=\"verdict held\"><p><strong>"
					   : "<div class=\"verdict\"><p><strong>");
	if (p->digest == NULL && held)
		page_say(p, "Een push nu zou worden VASTGEHOUDEN.", "A push now would be HELD.", NULL);
	else if (p->digest == NULL)
		page_say(p, "Een push nu zou doorgaan.", "A push now would go through.", NULL);
	else if (accepted)
		page_say(p, "Door een datasteward aanvaard.", "Accepted by a steward.", NULL);
	else if (empty)
		page_say(p, "VASTGEHOUDEN: er is niets doorgelaten.", "HELD: nothing passed.", NULL);
	else if (held)
		page_say(p, "VASTGEHOUDEN: uw besluit is nodig.", "HELD: your decision is needed.", NULL);
	else
		page_say(p, "Binnen de grenzen van het beleid.", "Within the limits of the policy.", NULL);
	page_raw(p, "</strong></p><p>");
	if (p->digest == NULL)
		page_say(p, "Dit is een proef: er is niets verzegeld, bewaard of vastgelegd. ",
		    "This is a dry run: nothing was sealed, kept or logged. ", NULL);
	if (held && page_check_finds(p) > 0)
		page_say(p,
		    "De tweede controle hield iets tegen dat het schonen had laten staan. Dat vraagt altijd "
		    "een "
		    "mens.",
		    "The second check withheld something that scrubbing had left. That always takes a "
		    "person.",
		    NULL);
	else if (held && page_count(p, "disclosure", "held") > 0 &&
		 page_count(p, "withdrawn", "subjects") > 0)
		page_say(p, "Er zijn mensen uitgehaald: groepen kunnen nu kleiner zijn dan het beleid wil.",
		    "People were taken out: groups may be smaller now than the policy wants.", NULL);
	else if (held && page_count(p, "disclosure", "held") > 0)
		page_say(p,
		    "Door wat van hen wordt getoond staan er meer alleen, of zijn er meer leeggemaakt, dan "
		    "het "
		    "beleid zonder mens toelaat.",
		    "By what is shown of them more stand alone, or were blanked, than the policy allows "
		    "without "
		    "a person.",
		    NULL);
	else if (held)
		page_say(p,
		    "Er is meer vastgehouden dan het beleid zonder mens toelaat. Wat is vastgehouden zit er "
		    "niet in.",
		    "More was held back than the policy allows without a person. What was held back is not "
		    "in "
		    "it.",
		    NULL);
	else if (accepted && is_held(p))
		page_say(p, "Zonder dat besluit was deze versie vastgehouden.",
		    "Without that decision this version would have been held.", NULL);
	else
		page_say(p,
		    "Er is niet meer vastgehouden dan het beleid toelaat, en de tweede controle vond niets.",
		    "No more was held back than the policy allows, and the second check found nothing.",
		    NULL);
	page_raw(p, "</p>");
	if (found)
		page_say_in(p, "p",
		    "Een mens vond iets dat weg had gemoeten, vaker dan het beleid toelaat: deze versie kan "
		    "niet worden aanvaard.",
		    "A person found something that should have been gone, more often than the policy allows: "
		    "this version cannot "
		    "be accepted.",
		    NULL);
	else if (waits)
		page_say_in(p, "p",
		    "Nog niet te aanvaarden: een mens moet er eerst een deel van bekijken, zie hieronder.",
		    "Not to be accepted yet: a person must look at some of it first, see below.", NULL);
	page_raw(p, "</div>\n");
}
