/* The report as one HTML page: head, style, and the body in one language or both. */
#include "stager/report_html.h"

#include <string.h>

#include "page.h"
#include "stager/digest.h"
#include "stager/enc.h"
#include "stager/json.h"

/* Black on white, white on near-black: contrasts of 7 to 1 and more for text. The switch is two radio buttons. */
static const char style[] =
    ":root{color-scheme:light dark;--ground:#fff;--ink:#16202b;--soft:#475465;--line:#c9d2dc;--panel:#f2f5f8;"
    "--accent:#0b4f8a;--fill:#2f74b5;--good:#e4f1e7;--goodline:#1d6b34;--warn:#fdf0d8;--warnline:#8a4b00}"
    "@media(prefers-color-scheme:dark){:root{--ground:#12181f;--ink:#e9eef4;--soft:#b3bfcc;--line:#3a4653;"
    "--panel:#1c242d;--accent:#8ec5f7;--fill:#5b9fdc;--good:#16301f;--goodline:#6fcf8b;--warn:#36270c;"
    "--warnline:#f0b456}}"
    "*{box-sizing:border-box}"
    "body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.5 \"Segoe UI\",\"Helvetica Neue\","
    "\"Liberation Sans\",Arial,sans-serif}"
    ".page{max-width:62rem;margin:0 auto;padding:1.5rem 1.25rem 3rem}"
    "header{border-bottom:3px solid var(--accent);padding-bottom:1rem;margin-bottom:1.5rem}"
    "header p{margin:.2rem 0;color:var(--soft)}"
    "h1{font-size:1.75rem;line-height:1.2;margin:.2rem 0 .4rem}"
    "h2{font-size:1.2rem;line-height:1.3;margin:0 0 .6rem;color:var(--accent)}"
    "h2.word::first-letter{text-transform:uppercase}"
    ".house{font-weight:600;letter-spacing:.02em}"
    "section{margin:0 0 2rem}"
    ".verdict{border:1px solid var(--goodline);border-left-width:6px;background:var(--good);"
    "padding:.75rem 1rem;margin-bottom:1.25rem}"
    ".verdict.held{border-color:var(--warnline);background:var(--warn)}"
    ".verdict p{margin:.15rem 0}.verdict strong{font-size:1.15rem}"
    ".figures{display:grid;grid-template-columns:repeat(4,1fr);gap:1px;background:var(--line);"
    "border:1px solid var(--line)}"
    ".figures div{background:var(--ground);padding:.6rem .8rem}"
    ".figures b{display:block;font-size:1.35rem;font-variant-numeric:tabular-nums}"
    ".figures span{color:var(--soft);font-size:.9rem}"
    ".remains{border:1px solid var(--line);border-left:6px solid var(--warnline);background:var(--panel);"
    "padding:1rem 1.1rem}"
    ".remains h2{color:inherit}.remains p{margin:.2rem 0 .6rem}.remains ul{margin:0;padding-left:1.2rem}"
    ".remains li{margin:.35rem 0}"
    ".wide{overflow-x:auto}"
    "table{border-collapse:collapse;width:100%;font-size:.95rem}"
    "th,td{text-align:left;vertical-align:top;padding:.35rem .7rem .35rem 0;border-bottom:1px solid "
    "var(--line)}"
    "thead th,thead td{border-bottom:2px solid var(--line);color:var(--soft);font-weight:600;"
    "vertical-align:bottom}"
    "tbody th{font-weight:400}"
    ".n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}"
    "thead .n{white-space:normal}td.small{width:45%}"
    ".bars th{width:45%}.bars .n{width:8rem}"
    ".zero{color:var(--soft)}.small{font-size:.85rem;color:var(--soft)}"
    ".chart{min-width:8rem;width:20%;vertical-align:middle}.bars "
    ".chart{width:auto}.bar{display:block;width:100%;height:.7rem}"
    ".track{fill:var(--panel)}.fill{fill:var(--fill)}"
    "dl{display:grid;grid-template-columns:auto 1fr;gap:.3rem 1.2rem;margin:0 0 1rem}"
    "dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}"
    "code,pre{font:.9rem/1.5 \"Liberation Mono\",Consolas,monospace}"
    "pre{background:var(--panel);border:1px solid var(--line);padding:.7rem .9rem;overflow-x:auto;"
    "white-space:pre-wrap;overflow-wrap:anywhere}"
    "footer{border-top:1px solid var(--line);padding-top:.8rem;color:var(--soft);font-size:.9rem}"
    ".choice{position:absolute;opacity:0}"
    ".switch{max-width:62rem;margin:0 auto;padding:1rem 1.25rem 0;text-align:right}"
    ".switch label{display:inline-block;padding:.2rem .8rem;border:1px solid var(--accent);"
    "color:var(--accent);cursor:pointer}"
    "#in-nl:checked~.switch [for=in-nl],#in-en:checked~.switch [for=in-en]{background:var(--accent);"
    "color:var(--ground)}"
    ".choice:focus-visible~.switch{outline:3px solid var(--fill)}"
    "#in-nl:checked~.en,#in-en:checked~.nl{display:none}"
    "@media(max-width:40rem){.figures{grid-template-columns:repeat(2,1fr)}.chart{display:none}}"
    "@media print{@page{size:A4;margin:16mm}"
    ":root{--ground:#fff;--ink:#000;--soft:#333;--line:#999;--panel:#f4f4f4;--accent:#0b4f8a;--fill:#2f74b5;"
    "--good:#fff;--warn:#fff;--goodline:#1d6b34;--warnline:#8a4b00}"
    "body{font-size:10pt}table{font-size:9pt}td.small{font-size:8pt}.page{max-width:none;padding:0}.switch{"
    "display:none}"
    "section{break-inside:avoid}.appendix{break-before:page;break-inside:auto}"
    "tr{break-inside:avoid}.wide{overflow:visible}"
    "svg,.verdict,.figures div,.remains{-webkit-print-color-adjust:exact;print-color-adjust:exact}}";

/* The page may use this style and nothing else: not even its own attributes, and no script. */
static void
head(struct page *p, enum report_language language)
{
	uint8_t digest[DIGEST_LEN];

	digest_bytes(style, strlen(style), digest);
	page_raw(p, "<!DOCTYPE html>\n<html lang=\"");
	page_raw(p, language == REPORT_ENGLISH ? "en" : "nl");
	page_raw(p, "\">\n<head>\n<meta charset=\"utf-8\">\n<meta http-equiv=\"Content-Security-Policy\" "
		    "content=\"default-src 'none'; style-src 'sha256-");
	if (!p->failed && base64_encode(digest, sizeof(digest), p->out, p->e) == -1)
		p->failed = true;
	page_raw(p, "'; base-uri 'none'; form-action 'none'\">\n<meta name=\"viewport\" "
		    "content=\"width=device-width, initial-scale=1\">\n<meta name=\"referrer\" "
		    "content=\"no-referrer\">\n<title>");
	page_text(p, json_get(p->document, "dataset")->string);
	page_raw(p, " \xc2\xb7 ");
	p->dutch = language != REPORT_ENGLISH;
	page_say(p, "schoonrapport", "scrub report", NULL);
	page_raw(p, "</title>\n<style>");
	page_raw(p, style);
	page_raw(p, "</style>\n</head>\n<body>\n");
}

static void
title(struct page *p)
{
	page_raw(p, "<header><p class=\"house\">");
	page_text(p, json_get(p->document, "holder")->string);
	page_raw(p, "</p><h1>");
	page_say(p, "Schoonrapport: ", "Scrub report: ", NULL);
	page_text(p, json_get(p->document, "dataset")->string);
	if (p->digest != NULL)
		page_say(p, ", versie #1", ", version #1", &json_get(p->document, "version")->integer);
	else
		page_say(p, " (proef)", " (dry run)", NULL);
	page_raw(p, "</h1>");
	page_say_in(p, "p",
	    "Wat er is verwijderd, vervangen en vastgehouden voordat deze gegevens worden verzegeld. "
	    "Aantallen en "
	    "redenen, nooit een waarde.",
	    "What was removed, replaced and held back before these data are sealed. Counts and reasons, "
	    "never a "
	    "value.",
	    NULL);
	page_raw(p, "</header>\n");
}

static void
body(struct page *p, bool dutch)
{
	p->dutch = dutch;
	page_raw(
	    p, dutch ? "<main class=\"page nl\" lang=\"nl\">\n" : "<main class=\"page en\" lang=\"en\">\n");
	title(p);
	page_summary(p);
	page_told(p);
	page_follows(p);
	page_withdrawn(p);
	page_review(p);
	page_remains(p);
	page_held(p);
	page_fields(p);
	page_check(p);
	page_charts(p);
	page_others(p);
	page_previous(p);
	page_digests(p);
	page_parts(p);
	page_say_in(p, "footer", "Gemaakt door Stager uit het rapport dat wordt getekend.",
	    "Made by Stager from the report that is signed.", NULL);
	page_raw(p, "\n</main>\n");
}

/* Both bodies, one of which is shown: the radio buttons are reached with Tab and the arrows, too. */
static void
both(struct page *p)
{
	page_raw(p, "<input class=\"choice\" type=\"radio\" name=\"in\" id=\"in-nl\" checked>"
		    "<input class=\"choice\" type=\"radio\" name=\"in\" id=\"in-en\">\n"
		    "<div class=\"switch\"><label for=\"in-nl\" lang=\"nl\">Nederlands</label>"
		    "<label for=\"in-en\" lang=\"en\">English</label></div>\n");
	body(p, true);
	body(p, false);
}

int
report_html(const struct json *document, const char *digest, const char *state, enum report_language language,
    struct buf *out, struct err *e)
{
	struct page p = {
	    .out = out, .e = e, .document = document, .digest = digest, .state = state == NULL ? "" : state};
	int64_t version;

	if (json_need_string(document, "dataset", "report", e) == NULL ||
	    json_need_string(document, "holder", "report", e) == NULL ||
	    (digest != NULL &&
		json_need_int(document, "version", 1, JSON_INT_MAX, "report", &version, e) == -1) ||
	    (p.report = json_need(document, "report", JSON_OBJECT, "report", e)) == NULL)
		return -1;
	p.least = page_count(&p, "told", "least") > 1 ? page_count(&p, "told", "least") : 1;
	head(&p, language);
	if (language == REPORT_BOTH)
		both(&p);
	else
		body(&p, language == REPORT_DUTCH);
	page_raw(&p, "</body>\n</html>\n");
	return p.failed ? -1 : 0;
}
