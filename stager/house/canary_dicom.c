/* A canary as a DICOM file (PS3.10, explicit VR little endian): values in attributes that the Basic Profile removes or replaces, one pixel. */
#include <string.h>

#include "canary.h"
#include "stager/json.h"

#define PREAMBLE_LEN 128
#define EXPLICIT_LE "1.2.840.10008.1.2.1"
/* Of nobody: PS3.5 section B.2. */
#define INSTANCE "2.25.98112277182340217722903981"

static int
put16(struct buf *out, uint16_t v, struct err *e)
{
	return buf_put_u8(out, (uint8_t)v, e) == -1 ? -1 : buf_put_u8(out, (uint8_t)(v >> 8), e);
}

static int
head(struct buf *out, uint32_t tag, const char *vr, size_t len, struct err *e)
{
	if (put16(out, (uint16_t)(tag >> 16), e) == -1 || put16(out, (uint16_t)tag, e) == -1 ||
	    buf_put(out, vr, 2, e) == -1)
		return -1;
	/* PS3.5 section 7.1.2: these have a length of four bytes behind two of none. */
	if (strcmp(vr, "OB") == 0 || strcmp(vr, "OW") == 0)
		return put16(out, 0, e) == -1 ? -1 : buf_put_u32le(out, (uint32_t)len, e);
	return put16(out, (uint16_t)len, e);
}

/* A value of an even length: UIDs are filled up with a zero, all else with a space. */
static int
text(struct buf *out, uint32_t tag, const char *vr, const char *value, struct err *e)
{
	const size_t len = strlen(value);

	if (head(out, tag, vr, len + len % 2, e) == -1 || buf_put(out, value, len, e) == -1)
		return -1;
	return len % 2 == 0 ? 0 : buf_put_u8(out, strcmp(vr, "UI") == 0 ? 0 : ' ', e);
}

static int
number(struct buf *out, uint32_t tag, uint16_t value, struct err *e)
{
	return head(out, tag, "US", 2, e) == -1 ? -1 : put16(out, value, e);
}

/* The kind of image: one that the rule reads. NULL: none that is made here. */
static const char *
modality_of(const struct json *rule, const char **sop_class)
{
	static const struct {
		const char *modality, *sop_class;
	} made[] = {{"CT", "1.2.840.10008.5.1.4.1.1.2"}, {"MR", "1.2.840.10008.5.1.4.1.1.4"},
	    {"PT", "1.2.840.10008.5.1.4.1.1.128"}, {"CR", "1.2.840.10008.5.1.4.1.1.1"},
	    {"DX", "1.2.840.10008.5.1.4.1.1.1.1"}};
	const struct json *wanted = json_get(rule, "modality");

	for (size_t i = 0; i < sizeof(made) / sizeof(made[0]); i++) {
		bool ok = wanted == NULL || wanted->type != JSON_ARRAY || wanted->count == 0;

		for (size_t k = 0; !ok && k < wanted->count; k++)
			ok = wanted->items[k]->type == JSON_STRING &&
			     strcmp(wanted->items[k]->string, made[i].modality) == 0;
		if (ok) {
			*sop_class = made[i].sop_class;
			return made[i].modality;
		}
	}
	return NULL;
}

/* The policy says itself what becomes of it: nothing is planted there. */
static bool
named(const struct json *rule, const char *tag)
{
	const struct json *tags = json_get(rule, "tags"), *name;

	for (size_t i = 0; tags != NULL && tags->type == JSON_ARRAY && i < tags->count; i++)
		if ((name = json_get(tags->items[i], "tag")) != NULL && name->type == JSON_STRING &&
		    strcmp(name->string, tag) == 0)
			return true;
	return false;
}

static int
dataset(const struct canaries *c, const struct json *rule, const char *modality, const char *sop_class,
    struct buf *out, struct err *e)
{
	const struct {
		uint32_t tag;
		const char *name, *vr, *value;
	} planted[] = {{0x00100010, "(0010,0010)", "PN", c->person},
	    {0x00100020, "(0010,0020)", "LO", c->key}, {0x00101000, "(0010,1000)", "LO", c->bsn},
	    {0x00102154, "(0010,2154)", "SH", c->phone}, {0x00104000, "(0010,4000)", "LT", c->text}};

	if (text(out, 0x00080016, "UI", sop_class, e) == -1 ||
	    text(out, 0x00080018, "UI", INSTANCE, e) == -1 || text(out, 0x00080060, "CS", modality, e) == -1)
		return -1;
	for (size_t i = 0; i < sizeof(planted) / sizeof(planted[0]); i++)
		if (!named(rule, planted[i].name) &&
		    text(out, planted[i].tag, planted[i].vr, planted[i].value, e) == -1)
			return -1;
	/* A private element of a maker's. */
	if (text(out, 0x00110010, "LO", "KANARIE", e) == -1 || text(out, 0x00111001, "LO", c->bsn, e) == -1 ||
	    text(out, 0x0020000d, "UI", INSTANCE ".1", e) == -1 ||
	    text(out, 0x0020000e, "UI", INSTANCE ".2", e) == -1)
		return -1;
	if (number(out, 0x00280002, 1, e) == -1 || text(out, 0x00280004, "CS", "MONOCHROME2", e) == -1 ||
	    number(out, 0x00280010, 1, e) == -1 || number(out, 0x00280011, 1, e) == -1 ||
	    number(out, 0x00280100, 8, e) == -1 || number(out, 0x00280101, 8, e) == -1 ||
	    number(out, 0x00280102, 7, e) == -1 || number(out, 0x00280103, 0, e) == -1)
		return -1;
	return head(out, 0x7fe00010, "OB", 2, e) == -1 ? -1 : put16(out, 0, e);
}

int
canaries_dicom(const struct canaries *c, const struct json *rule, struct buf *out, struct err *e)
{
	const char *sop_class, *modality = modality_of(rule, &sop_class);
	uint8_t *preamble;
	struct buf meta;
	int rc = -1;

	if (modality == NULL)
		return 0;
	buf_init(&meta, 4096);
	if ((preamble = buf_reserve(out, PREAMBLE_LEN, e)) == NULL)
		goto out;
	memset(preamble, 0, PREAMBLE_LEN);
	out->len += PREAMBLE_LEN;
	/* PS3.10 section 7.1. */
	if (head(&meta, 0x00020001, "OB", 2, e) == -1 || put16(&meta, 0x0100, e) == -1 ||
	    text(&meta, 0x00020002, "UI", sop_class, e) == -1 ||
	    text(&meta, 0x00020003, "UI", INSTANCE, e) == -1 ||
	    text(&meta, 0x00020010, "UI", EXPLICIT_LE, e) == -1 ||
	    text(&meta, 0x00020012, "UI", INSTANCE ".3", e) == -1)
		goto out;
	if (buf_put_str(out, "DICM", e) == -1 || head(out, 0x00020000, "UL", 4, e) == -1 ||
	    buf_put_u32le(out, (uint32_t)meta.len, e) == -1 || buf_put(out, meta.data, meta.len, e) == -1 ||
	    dataset(c, rule, modality, sop_class, out, e) == -1)
		goto out;
	rc = 1;
out:
	buf_free(&meta);
	return rc;
}
