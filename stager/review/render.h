/* Between the renderers. */
#ifndef REVIEW_RENDER_H
#define REVIEW_RENDER_H

#include "stager/review.h"

/* Text in UTF-8, UTF-16 or Windows-1252, found out as in encoding.h. render.c */
int render_text(struct review_text *t, const uint8_t *data, size_t len, struct err *e) MUST_CHECK;
/* One character of UTF-8 at data, or, where there is none, its first byte as of Windows-1252: *used bytes. */
uint32_t render_code(const uint8_t *data, size_t len, size_t *used);
/* Objects and arrays unfolded, a value a line; strings with what their escapes stand for. render_json.c */
int render_json(struct review_text *t, const uint8_t *data, size_t len, struct err *e) MUST_CHECK;
/* The attributes up to the pixels. render_dicom.c */
int render_dicom(struct review_text *t, const uint8_t *data, size_t len, struct err *e) MUST_CHECK;

#endif
