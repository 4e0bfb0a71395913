/* dialect_cef.c - ArcSight Common Event Format
 * SPDX-License-Identifier: Apache-2.0 */
#include "alert/render.h"
#include "base/clock.h"
#include "base/utf8.h"
#include "export/codes.h"
#include "export/cut.h"
#include "export/facts.h"

#include <dnsvigil/rrtype.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Longest values of the keys, in bytes. */
enum {
    CEF_NAME_MAX = 512,
    CEF_ID_MAX = 40,
    CEF_SHORT_MAX = 63,
    CEF_SENSOR_MAX = 100,
    CEF_DOMAIN_MAX = 255,
    CEF_TEXT_MAX = 1023,
    CEF_CUSTOM_MAX = 4000,
    CEF_DIRECTION_OUTBOUND = 1,
    CEF_TYPE_BASE = 0,
    CEF_TYPE_CORRELATION = 2,
};

/* One character of a value. Other control characters than line ends would end the event for many
 * receivers: they become spaces. */
static void value_char(struct buf *buf, uint32_t code, const char *bytes, size_t len)
{
    if (code == '\\' || code == '=')
        buf_char(buf, '\\');
    if (code == '\n')
        buf_text(buf, "\\n");
    else if (code == '\r')
        buf_text(buf, "\\r");
    else if (code < 0x20 || (code >= 0x7f && code < 0xa0))
        buf_char(buf, ' ');
    else
        buf_append(buf, bytes, len);
}

static void value_append(struct buf *buf, const char *text, size_t max)
{
    size_t len = text_fit(text, max);
    for (size_t i = 0; i < len;) {
        uint32_t code = 0;
        size_t n = utf8_decode((const uint8_t *)text + i, len - i, &code);
        if (n)
            value_char(buf, code, text + i, n);
        else
            buf_text(buf, "\xef\xbf\xbd");
        i += n ? n : 1;
    }
}

/* ` key=value`; nothing for an empty one. */
static void pair(struct buf *buf, const char *key, const char *text, size_t max)
{
    if (!*text)
        return;
    buf_printf(buf, " %s=", key);
    value_append(buf, text, max);
}

static void pair_number(struct buf *buf, const char *key, int64_t value)
{
    char text[24];
    snprintf(text, sizeof(text), "%" PRId64, value);
    pair(buf, key, text, sizeof(text));
}

/* A custom key and what it stands for. */
static void custom(struct buf *buf, const char *key, const char *label, const char *text)
{
    char label_key[24];
    snprintf(label_key, sizeof(label_key), "%sLabel", key);
    if (!*text)
        return;
    pair(buf, key, text, CEF_CUSTOM_MAX);
    pair(buf, label_key, label, CEF_TEXT_MAX);
}

static void custom_words(struct buf *buf, const char *key, const char *label, struct buf *text)
{
    custom(buf, key, label, text->len ? text->data : "");
    buf_done(text);
}

/* The plain key takes IPv4 only; IPv6 has custom keys with prescribed labels. */
static void address(struct buf *buf, const char *key, const char *key6, const char *label6,
                    const char *text)
{
    struct addr addr;
    if (!addr_parse(text, strlen(text), &addr))
        return;
    if (addr_is_v4(&addr))
        pair(buf, key, text, ADDR_TEXT_MAX);
    else
        custom(buf, key6, label6, text);
}

/* The header and the first pair. Titles are ours: no bar, backslash or line end is in them. */
static void head(const struct alert *alert, struct buf *buf)
{
    const struct detector_row *row = &detector_rows[alert->detector];
    struct buf title;
    buf_init(&title, CEF_NAME_MAX);
    alert_title(alert, LANGUAGE_EN, &title);
    buf_printf(buf, "CEF:0|dnsvigil|dnsvigil|%s|%s|%s|%u|act=alert", DNSVIGIL_VERSION,
               row->alert_type, title.data, severity_codes[alert->severity].cef);
    buf_done(&title);
}

static void times(const struct alert *alert, struct buf *buf)
{
    pair_number(buf, "rt", fact_generated_ns(alert) / NS_PER_MS);
    pair_number(buf, "start", alert->start_ns / NS_PER_MS);
    pair_number(buf, "end", alert->end_ns / NS_PER_MS);
}

static void peers(const struct alert *alert, struct buf *buf)
{
    address(buf, "src", "c6a2", "Source IPv6 Address", alert->entity_ip);
    pair(buf, "shost", alert->entity_name, CEF_TEXT_MAX);
    pair(buf, "suser", alert->entity_owner, CEF_TEXT_MAX);
    address(buf, "dst", "c6a3", "Destination IPv6 Address", alert->resolver_ip);
    pair(buf, "app", "DNS", CEF_SHORT_MAX);
    pair(buf, "dhost", alert->qname, CEF_TEXT_MAX);
    if (strlen(alert->domain) <= CEF_DOMAIN_MAX) /* half a name would be another name */
        pair(buf, "destinationDnsDomain", alert->domain, CEF_DOMAIN_MAX);
    pair(buf, "dvchost", alert->sensor, CEF_SENSOR_MAX);
    pair_number(buf, "deviceDirection", CEF_DIRECTION_OUTBOUND);
}

static void transaction(const struct alert *alert, struct buf *buf)
{
    char scratch[RRTYPE_TEXT_MAX];
    const struct alert_sample *sample = &alert->samples[0];
    if (alert->sample_count == 0)
        return;
    custom(buf, "cs1", "DnsQueryType", rrtype_name(sample->qtype, scratch));
    custom(buf, "cs2", "DnsAnswers", sample->answers);
    if (sample->rcode < 0)
        return;
    pair_number(buf, "cn1", sample->rcode);
    pair(buf, "cn1Label", "DnsResponseCode", CEF_TEXT_MAX);
}

static void why(const struct dialect_context *context, const struct alert *alert, struct buf *buf)
{
    struct buf rule, key, summary, description;
    buf_init(&rule, EXPORT_RECORD_MAX_BYTES);
    buf_init(&key, EXPORT_RECORD_MAX_BYTES);
    buf_init(&summary, EXPORT_RECORD_MAX_BYTES);
    buf_init(&description, EXPORT_RECORD_MAX_BYTES);
    fact_rule(alert, &rule);
    fact_key(alert, &key);
    alert_summary(alert, context->language, &summary);
    alert_description(alert, context->language, &description);
    pair(buf, "reason", reason_rows[alert->reason].slug, CEF_TEXT_MAX);
    custom_words(buf, "cs3", "DetectionRule", &rule);
    custom(buf, "cs4", "MitreTechnique", detector_rows[alert->detector].techniques);
    custom_words(buf, "cs5", "AlertKey", &key);
    custom_words(buf, "cs6", "Evidence", &summary);
    pair(buf, "msg", description.data, CEF_TEXT_MAX);
    buf_done(&description);
}

static void state(const struct dialect_context *context, const struct alert *alert, struct buf *buf)
{
    struct buf url;
    buf_init(&url, EXPORT_RECORD_MAX_BYTES);
    fact_alert_url(context, alert, &url);
    pair(buf, "request", url.len ? url.data : "", CEF_TEXT_MAX);
    buf_done(&url);
    buf_printf(buf, " cfp1=%u.%02u cfp1Label=Confidence", alert->confidence / 100u,
               alert->confidence % 100u);
    custom(buf, "flexString1", "AlertStatus", alert_status_names[alert->status][LANGUAGE_EN]);
    custom(buf, "flexString2", "Truncated", context->truncated ? "true" : "");
}

void dialect_cef(const struct dialect_context *context, const struct alert *alert, struct buf *buf)
{
    const struct detector_row *row = &detector_rows[alert->detector];
    head(alert, buf);
    pair(buf, "externalId", fact_guid(alert), CEF_ID_MAX);
    pair(buf, "cat", tactic_names[row->tactic][LANGUAGE_EN], CEF_TEXT_MAX);
    pair_number(buf, "cnt", (int64_t)alert->count);
    pair_number(buf, "type", alert->is_incident ? CEF_TYPE_CORRELATION : CEF_TYPE_BASE);
    times(alert, buf);
    peers(alert, buf);
    transaction(alert, buf);
    why(context, alert, buf);
    state(context, alert, buf);
}
