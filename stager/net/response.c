/* Writing a response's head. */
#include <inttypes.h>
#include <string.h>
#include <stdio.h>
#include <time.h>

#include "stager/http.h"

const char *
http_reason(int status)
{
	static const struct {
		int status;
		const char *reason;
	} all[] = {{100, "Continue"}, {200, "OK"}, {201, "Created"}, {204, "No Content"},
	    {206, "Partial Content"}, {304, "Not Modified"}, {400, "Bad Request"}, {401, "Unauthorized"},
	    {403, "Forbidden"}, {404, "Not Found"}, {405, "Method Not Allowed"}, {408, "Request Timeout"},
	    {409, "Conflict"}, {411, "Length Required"}, {412, "Precondition Failed"},
	    {413, "Content Too Large"}, {414, "URI Too Long"}, {416, "Range Not Satisfiable"},
	    {417, "Expectation Failed"}, {429, "Too Many Requests"}, {431, "Request Header Fields Too Large"},
	    {500, "Internal Server Error"}, {501, "Not Implemented"}, {502, "Bad Gateway"},
	    {503, "Service Unavailable"}, {504, "Gateway Timeout"}, {505, "HTTP Version Not Supported"},
	    {507, "Insufficient Storage"}};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (all[i].status == status)
			return all[i].reason;
	return "Status";
}

int
http_status(struct buf *out, int status, struct err *e)
{
	return buf_printf(out, e, "HTTP/1.1 %d %s\r\n", status, http_reason(status));
}

int
http_put(struct buf *out, const char *name, const char *value, struct err *e)
{
	for (const char *c = value; *c != '\0'; c++)
		if (((unsigned char)*c < ' ' && *c != '\t') || *c == 0x7f)
			return err_set(e, ERR_INPUT, "response field %s: a control character", name);
	return buf_printf(out, e, "%s: %s\r\n", name, value);
}

int
http_put_number(struct buf *out, const char *name, uint64_t value, struct err *e)
{
	return buf_printf(out, e, "%s: %" PRIu64 "\r\n", name, value);
}

int
http_end(struct buf *out, struct err *e)
{
	return buf_put_str(out, "\r\n", e);
}

void
http_date(time_t t, char out[static HTTP_DATE_LEN + 1])
{
	static const char days[][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
	static const char months[][4] = {
	    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	char text[64];
	struct tm tm;

	memset(&tm, 0, sizeof(tm));
	(void)gmtime_r(&t, &tm);
	(void)snprintf(text, sizeof(text), "%s, %02u %s %04u %02u:%02u:%02u GMT",
	    days[(unsigned)tm.tm_wday % 7], (unsigned)tm.tm_mday % 100, months[(unsigned)tm.tm_mon % 12],
	    ((unsigned)tm.tm_year + 1900) % 10000, (unsigned)tm.tm_hour % 100, (unsigned)tm.tm_min % 100,
	    (unsigned)tm.tm_sec % 100);
	memcpy(out, text, HTTP_DATE_LEN);
	out[HTTP_DATE_LEN] = '\0';
}
