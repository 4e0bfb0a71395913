/* alerts_page.c - one alert as a page to read: what happened, why, what to do, what was done
 * SPDX-License-Identifier: Apache-2.0 */
#include "alert/render.h"
#include "alert/response.h"
#include "base/clock.h"
#include "cli/alerts.h"
#include "cli/page.h"

#include <dnsvigil/rrtype.h>

#include <inttypes.h>
#include <string.h>

enum { VALUE_MAX_BYTES = 16 * 1024 };

enum label {
    LABEL_ID,
    LABEL_TYPE,
    LABEL_SEVERITY,
    LABEL_STATUS,
    LABEL_MACHINE,
    LABEL_OWNER,
    LABEL_TAGS,
    LABEL_RESOLVER,
    LABEL_DOMAIN,
    LABEL_QUERY,
    LABEL_TIME,
    LABEL_COUNT,
    LABEL_NEW_IN,
    LABEL_SENSOR,
    LABEL_TACTIC,
    LABEL_CLIENTS,
    LABEL_WHAT,
    LABEL_WHY,
    LABEL_THRESHOLD,
    LABEL_BENIGN_IF,
    LABEL_INDICATOR,
    LABEL_FEED,
    LABEL_ENTRY,
    LABEL_CATEGORY,
    LABEL_MATCHED,
    LABEL_SAMPLES,
    LABEL_RESPONSE,
    LABEL_HISTORY,
    LABEL_ALL,
};

static const char *const labels[LABEL_ALL][LANGUAGE_COUNT] = {
    [LABEL_ID] = {"id", "ID"},
    [LABEL_TYPE] = {"type", "種類"},
    [LABEL_SEVERITY] = {"severity", "重大度"},
    [LABEL_STATUS] = {"status", "状態"},
    [LABEL_MACHINE] = {"machine", "端末"},
    [LABEL_OWNER] = {"owner", "所有者"},
    [LABEL_TAGS] = {"tags", "タグ"},
    [LABEL_RESOLVER] = {"resolver", "リゾルバー"},
    [LABEL_DOMAIN] = {"domain", "ドメイン"},
    [LABEL_QUERY] = {"query name", "クエリ名"},
    [LABEL_TIME] = {"time (UTC)", "時刻 (UTC)"},
    [LABEL_COUNT] = {"times seen", "回数"},
    [LABEL_NEW_IN] = {"new", "新規性"},
    [LABEL_SENSOR] = {"sensor", "センサー"},
    [LABEL_TACTIC] = {"tactic", "戦術"},
    [LABEL_CLIENTS] = {"clients asking", "クライアント数"},
    [LABEL_WHAT] = {"What happened", "概要"},
    [LABEL_WHY] = {"Why this alert", "検知の根拠"},
    [LABEL_THRESHOLD] = {"threshold", "しきい値"},
    [LABEL_BENIGN_IF] = {"benign if", "無害な場合"},
    [LABEL_INDICATOR] = {"Indicator", "インジケーター"},
    [LABEL_FEED] = {"feed", "フィード"},
    [LABEL_ENTRY] = {"entry", "エントリ"},
    [LABEL_CATEGORY] = {"category", "分類"},
    [LABEL_MATCHED] = {"matched", "一致した値"},
    [LABEL_SAMPLES] = {"Sample transactions", "トランザクションの例"},
    [LABEL_RESPONSE] = {"What to do", "対応"},
    [LABEL_HISTORY] = {"History", "履歴"},
};

/* A page being printed. `text` holds one value at a time. */
struct sheet {
    const struct alert *alert;
    enum language language;
    struct page page;
    struct buf text;
    bool has_history; /* its heading is printed */
};

static void heading(const struct sheet *sheet, enum label label)
{
    page_heading(&sheet->page, labels[label][sheet->language]);
}

static void pair(const struct sheet *sheet, enum label label, const char *text)
{
    page_pair(&sheet->page, labels[label][sheet->language], text);
}

/* Prints what is in sheet->text and empties it. */
static void pair_text(struct sheet *sheet, enum label label)
{
    if (sheet->text.len)
        pair(sheet, label, sheet->text.data);
    buf_reset(&sheet->text);
}

static void paragraph(struct sheet *sheet)
{
    page_paragraph(&sheet->page, 2, "", sheet->text.len ? sheet->text.data : "");
    buf_reset(&sheet->text);
}

/* To the second, for people. */
static void time_append(struct buf *buf, int64_t time_ns)
{
    char text[TIME_TEXT_MAX];
    time_format(time_ns, text);
    buf_printf(buf, "%.10s %.8s", text, text + 11);
}

static void head_print(struct sheet *sheet)
{
    const struct alert *alert = sheet->alert;
    const struct detector_row *row = &detector_rows[alert->detector];
    enum language language = sheet->language;
    fprintf(sheet->page.stream, "%s%s%s\n", sheet->page.bold, row->title[language],
            sheet->page.plain);
    pair(sheet, LABEL_ID, alert->id);
    buf_printf(&sheet->text, "%s (%s)", row->slug, row->alert_type);
    pair_text(sheet, LABEL_TYPE);
    pair(sheet, LABEL_SEVERITY, severity_names[alert->severity][language]);
    buf_text(&sheet->text, alert_status_names[alert->status][language]);
    if (alert->disposition != DISPOSITION_NONE)
        buf_printf(&sheet->text, " (%s)", disposition_names[alert->disposition][language]);
    alert_marks(alert, language, &sheet->text);
    pair_text(sheet, LABEL_STATUS);
    buf_printf(&sheet->text, "%s: %s", tactic_names[row->tactic][language], row->techniques);
    pair_text(sheet, LABEL_TACTIC);
}

/* On what it rests that the domain is called new; "" where it does not matter. */
static const char *new_in_text(const struct alert *alert, enum language language)
{
    static const char *const texts[HISTORY_COUNT][LANGUAGE_COUNT] = {
        [HISTORY_INPUT] = {"first seen in this input; nothing is known from before it",
                           "この入力で初めて観測（それ以前の記録はありません）"},
        [HISTORY_NETWORK] = {"first seen in this network, which has been watched for long enough",
                             "十分な期間監視しているこのネットワークで初めて観測"},
    };
    for (int i = 0; i < HISTORY_COUNT; i++)
        if (*alert->prevalence_new_in && strcmp(alert->prevalence_new_in, history_slugs[i]) == 0)
            return texts[i][language];
    return "";
}

static void facts_print(struct sheet *sheet)
{
    const struct alert *alert = sheet->alert;
    alert_compromised_entity(alert, &sheet->text);
    pair_text(sheet, LABEL_MACHINE);
    buf_text(&sheet->text, alert->entity_owner);
    if (*alert->entity_email)
        buf_printf(&sheet->text, " <%s>", alert->entity_email);
    pair_text(sheet, LABEL_OWNER);
    alert_tags(alert, ", ", &sheet->text);
    pair_text(sheet, LABEL_TAGS);
    pair(sheet, LABEL_RESOLVER, alert->resolver_ip);
    pair(sheet, LABEL_DOMAIN, alert->domain);
    pair(sheet, LABEL_QUERY, alert->qname);
    time_append(&sheet->text, alert->start_ns);
    if (alert->end_ns > alert->start_ns) {
        buf_text(&sheet->text, " – ");
        time_append(&sheet->text, alert->end_ns);
    }
    pair_text(sheet, LABEL_TIME);
    buf_printf(&sheet->text, "%" PRIu64, alert->count);
    pair_text(sheet, LABEL_COUNT);
    if (alert->prevalence_clients)
        buf_printf(&sheet->text, "%" PRIu64, alert->prevalence_clients);
    pair_text(sheet, LABEL_CLIENTS);
    pair(sheet, LABEL_NEW_IN, new_in_text(alert, sheet->language));
    pair(sheet, LABEL_SENSOR, alert->sensor);
}

static void why_print(struct sheet *sheet)
{
    const struct alert *alert = sheet->alert;
    heading(sheet, LABEL_WHAT);
    alert_description(alert, sheet->language, &sheet->text);
    paragraph(sheet);
    heading(sheet, LABEL_WHY);
    alert_summary(alert, sheet->language, &sheet->text);
    paragraph(sheet);
    for (unsigned i = 0; i < alert->feature_count; i++) {
        const struct alert_feature *feature = &alert->features[i];
        const char *space = *feature->unit ? " " : "";
        buf_printf(&sheet->text, "%.6g%s%s (%s %.6g%s%s)", feature->value, space, feature->unit,
                   labels[LABEL_THRESHOLD][sheet->language], feature->threshold, space,
                   feature->unit);
        page_pair(&sheet->page, feature->name, sheet->text.data);
        buf_reset(&sheet->text);
    }
    alert_benign_if(alert, sheet->language, &sheet->text);
    pair_text(sheet, LABEL_BENIGN_IF);
}

static void indicator_print(struct sheet *sheet)
{
    const struct alert_indicator *indicator = &sheet->alert->indicator;
    if (!sheet->alert->has_indicator)
        return;
    heading(sheet, LABEL_INDICATOR);
    buf_printf(&sheet->text, "%s (%u %%)", indicator->feed, indicator->confidence);
    pair_text(sheet, LABEL_FEED);
    pair(sheet, LABEL_ENTRY, indicator->entry);
    pair(sheet, LABEL_CATEGORY, indicator->category);
    pair(sheet, LABEL_MATCHED, indicator->matched);
}

static void sample_print(struct sheet *sheet, const struct alert_sample *sample)
{
    char qtype[RRTYPE_TEXT_MAX], rcode[RRTYPE_TEXT_MAX];
    time_append(&sheet->text, sample->time_ns);
    buf_printf(&sheet->text, "  %s %s", sample->qname, rrtype_name(sample->qtype, qtype));
    if (sample->rcode >= 0)
        buf_printf(&sheet->text, "  %s", rcode_name((uint16_t)sample->rcode, rcode));
    paragraph(sheet);
    for (const char *line = sample->answers; *line;) {
        size_t len = strcspn(line, "\n");
        buf_append(&sheet->text, line, len);
        page_paragraph(&sheet->page, 4, "", sheet->text.data);
        buf_reset(&sheet->text);
        line += len + (line[len] == '\n');
    }
}

static void samples_print(struct sheet *sheet)
{
    if (sheet->alert->sample_count == 0)
        return;
    heading(sheet, LABEL_SAMPLES);
    for (unsigned i = 0; i < sheet->alert->sample_count; i++)
        sample_print(sheet, &sheet->alert->samples[i]);
}

static void response_print(const struct sheet *sheet)
{
    heading(sheet, LABEL_RESPONSE);
    for (unsigned i = 0; i < RESPONSE_STEP_COUNT; i++) {
        char lead[8];
        snprintf(lead, sizeof(lead), "%u. ", i + 1);
        page_paragraph(&sheet->page, 2, lead, response_steps[i].text[sheet->language]);
    }
    for (unsigned i = 0; i < RESPONSE_ACTION_COUNT; i++)
        page_paragraph(&sheet->page, 5, "- ", response_actions[i].text[sheet->language]);
}

static void change_append(struct buf *buf, const struct store_event *event)
{
    if (*event->from || *event->to)
        buf_printf(buf, " %s → %s", *event->from ? event->from : "-", *event->to ? event->to : "-");
    if (*event->reason && strcmp(event->what, "status") == 0)
        buf_printf(buf, " (%s)", event->reason);
    if (*event->comment)
        buf_printf(buf, ": %s", event->comment);
}

static int event_print(void *context, const struct store_event *event)
{
    struct sheet *sheet = context;
    if (!sheet->has_history)
        heading(sheet, LABEL_HISTORY);
    sheet->has_history = true;
    time_append(&sheet->text, event->time_ns);
    buf_printf(&sheet->text, "  %s, %s", event->actor, event->what);
    change_append(&sheet->text, event);
    paragraph(sheet);
    return 0;
}

int alerts_page_print(struct store *store, const struct alert *alert, enum language language,
                      struct error *error)
{
    struct sheet sheet = {.alert = alert, .language = language, .page = page_on(stdout)};
    buf_init(&sheet.text, VALUE_MAX_BYTES);
    head_print(&sheet);
    facts_print(&sheet);
    why_print(&sheet);
    indicator_print(&sheet);
    samples_print(&sheet);
    response_print(&sheet);
    int r = store_history(store, alert->id, event_print, &sheet, error);
    buf_done(&sheet.text);
    return r;
}
