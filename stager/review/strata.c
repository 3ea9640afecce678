/* Which members a person can look at, by what they are. */
#include <string.h>

#include "stager/review.h"

const char *const review_strata[REVIEW_STRATA] = {"letters", "scans"};

enum review_stratum
review_stratum_of(const char *extension)
{
	static const char *const letters[] = {"txt", "md", "json", "jsonl", "xml", "html", "eml", NULL};

	if (strcmp(extension, "dcm") == 0)
		return REVIEW_SCANS;
	for (size_t i = 0; letters[i] != NULL; i++)
		if (strcmp(extension, letters[i]) == 0)
			return REVIEW_LETTERS;
	return REVIEW_OTHERS;
}
