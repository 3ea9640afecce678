/* What each reason for holding something means, in one line for people. */
#include "stager/report.h"

#include <string.h>

struct reason {
	const char *word;
	const char *text;
};

/* Sorted by who says it. There are no others: what is not here is refused. */
static const struct reason reasons[] = {
    /* any file */
    {"file-unmatched", "no rule of the policy names this file"},
    {"file-several-rules", "more than one rule of the policy names this file"},
    {"kind-unknown", "its content does not look like what the rule says it is"},
    {"size-unknown", "its size is not known beforehand, and the rule passes it as it is"},
    {"too-large", "it is larger than this format may be"},
    {"not-utf8", "it is not text in UTF-8, Windows-1252 or UTF-16, or in two of them"},
    {"nul-byte", "there is a NUL byte in its text"},
    {"subject-missing", "the field that names the subject is not there, or empty"},
    {"subject-key", "what names the subject has not the form of a key"},
    {"subject-unmatched", "its subject has no row in the subject table"},
    {"subject-repeated", "its subject has more than one row in the subject table"},
    {"attribute-unknown", "what the policy says of its subject cannot be told from the subject table"},
    {"subject-broken", "its subject's row in the subject table cannot be used"},
    /* tables */
    {"header-missing", "there is no header row"},
    {"column-unnamed", "a column that the policy does not name"},
    {"column-missing", "a column that the policy names is not there"},
    {"column-repeated", "two columns have the same name"},
    {"field-count", "a row has more or fewer fields than the header"},
    {"quote-open", "a quoted field is never closed"},
    {"quote-records", "a quoted value seems to hold other records: a quote is missing or too many"},
    {"quote-stray", "a quote stands where none may be"},
    {"record-too-long", "a record is longer than it may be"},
    /* values */
    {"value-type", "a value is not of the type that the policy keeps"},
    {"value-range", "a number is outside the range that the policy keeps"},
    {"date-form", "a date is not in one of the forms that the policy lists"},
    {"quasi-missing", "a field that counts for who looks alike (`quasi`) is not there"},
    {"quasi-too-long", "a value that counts for who looks alike (`quasi`, `l`) is longer than it may be"},
    {"value-unlisted", "a value is not in the hierarchy that the policy names"},
    {"reference-form", "a reference is not of the form and of a type that the policy lists"},
    {"text-too-large", "a free text is longer than it may be"},
    /* JSON Lines */
    {"json-broken", "a line is not valid JSON"},
    {"json-duplicate-key", "an object has the same key twice"},
    {"json-depth", "objects are nested deeper than they may be"},
    {"mail-header", "a header of a mail cannot be read"},
    {"mail-address", "what the policy takes for addresses in a mail are none"},
    {"mail-broken", "the parts of a mail cannot be told apart"},
    {"mail-encoding", "a part of a mail is encoded in a way that is not read, or damaged"},
    {"mail-charset", "a part of a mail is in a character set that is not read"},
    {"mail-attachment", "a mail has an attachment"},
    {"mail-html", "a mail has text in HTML"},
    {"mail-depth", "parts of a mail are nested deeper than they may be"},
    {"mail-parts", "a mail has more parts than it may have"},
    {"subject-several", "what names the subject stands there more than once, with different values"},
    {"xml-broken", "it is not well-formed XML, or has names beyond ASCII"},
    {"xml-doctype", "it has a document type, which could declare entities"},
    {"xml-entity", "it refers to an entity that is none of the five that XML has"},
    {"xml-encoding", "it says that it is in another encoding than it is, or in one that is not read"},
    {"xml-namespace", "it declares a namespace that the policy does not name"},
    {"xml-depth", "elements are nested deeper than they may be"},
    {"xml-attributes", "an element has more attributes than it may have"},
    {"field-unnamed", "a field that the policy does not name"},
    /* DICOM */
    {"dicom-preamble", "it does not begin as a DICOM file"},
    {"dicom-broken", "its data elements cannot be followed to the end"},
    {"dicom-vr", "a data element has a type that the standard does not know"},
    {"dicom-syntax", "its transfer syntax is not one that is read"},
    {"dicom-deflated", "it is deflated, which is not read"},
    {"dicom-pixels", "its pixel data are not of the size that its attributes say, or not of as many frames"},
    {"dicom-modality", "its modality is not one that the policy lists"},
    {"dicom-burned-in", "it may have text burned into its pixels"},
    {"dicom-recognizable", "it may show a person who can be recognised"},
    {"dicom-too-large", "it is larger than a DICOM file may be"},
    {"dicom-depth", "its sequences are nested deeper than they may be"},
    {"dicom-sop-class", "its kind of object (report, document, directory) is not one that can be cleaned"},
    /* the second scan of what leaves */
    {"check-bsn", "the second scan found a citizen service number"},
    {"check-iban", "the second scan found a bank account"},
    {"check-email", "the second scan found an e-mail address"},
    {"check-phone", "the second scan found a telephone number"},
    {"check-postcode", "the second scan found a postcode"},
    {"check-date", "the second scan found a date"},
    {"check-name", "the second scan found a person's name"},
    {"check-known", "the second scan found what the subject table says of the record's own subject"},
    {"check-dicom-tag", "the second scan found an identifying attribute with a value in a DICOM member"},
    {"check-private-tag", "the second scan found private elements in a DICOM member"},
    {"check-dicom", "the second scan could not read a DICOM member"},
    {"check-encoded", "the second scan found something encoded that it cannot read"},
    {"check-xml", "the second scan could not read XML"},
    {"check-csv", "the second scan could not read a table"},
    {"check-jsonl", "the second scan could not read JSON"},
    {"check-text", "the second scan could not read a text"},
    {"check-sample", "it belongs to a sample whose first member the second scan withheld"},
    {"check-bsn-share",
	"numbers of a column pass the test of citizen service numbers far more often than chance"},
    {"check-canary", "a value that was planted as a trial did not come through to the second scan"},
    {"check-form", "a member does not have the form that its kind says"},
};

const char *
report_reason_text(const char *reason)
{
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (strcmp(reasons[i].word, reason) == 0)
			return reasons[i].text;
	return NULL;
}
