/* dialect_leef.c - QRadar Log Event Extended Format 2.0
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "base/utf8.h"
#include "export/codes.h"
#include "export/facts.h"

#include <dnsvigil/rrtype.h>

#include <inttypes.h>
#include <string.h>

/* The format has no escapes: what separates pairs or fields must not be in a value. */
static bool code_is_reserved(uint32_t code)
{
    return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == '|' || code == '^';
}

static void value_append(struct buf *buf, const char *text)
{
    size_t len = strlen(text);
    for (size_t i = 0; i < len;) {
        uint32_t code = 0;
        size_t n = utf8_decode((const uint8_t *)text + i, len - i, &code);
        if (!n)
            buf_text(buf, "\xef\xbf\xbd");
        else if (code_is_reserved(code))
            buf_char(buf, ' ');
        else
            buf_append(buf, text + i, n);
        i += n ? n : 1;
    }
}

static void key_begin(struct buf *buf, const char *key)
{
    buf_printf(buf, "\t%s=", key);
}

static void pair(struct buf *buf, const char *key, const char *text)
{
    if (!*text)
        return;
    key_begin(buf, key);
    value_append(buf, text);
}

static void pair_number(struct buf *buf, const char *key, int64_t value)
{
    key_begin(buf, key);
    buf_printf(buf, "%" PRId64, value);
}

/* Names have their own escapes (RFC 1035 5.1), which say the same without the reserved bytes. */
static void pair_name(struct buf *buf, const char *key, const char *name)
{
    struct buf text;
    buf_init(&text, 4 * NAME_TEXT_MAX);
    for (const char *c = name; *c; c++) {
        if (*c == '|' || *c == '^')
            buf_printf(&text, "\\%03u", (unsigned)(uint8_t)*c);
        else
            buf_char(&text, *c);
    }
    pair(buf, key, text.len ? text.data : "");
    buf_done(&text);
}

static void pair_words(struct buf *buf, const char *key, struct buf *text)
{
    pair(buf, key, text->len ? text->data : "");
    buf_done(text);
}

static void peers(const struct alert *alert, struct buf *buf)
{
    pair(buf, "src", alert->entity_ip);
    pair(buf, "dst", alert->resolver_ip);
    pair(buf, "identHostName", alert->entity_name);
    pair(buf, "resource", fact_entity(alert));
    pair(buf, "owner", alert->entity_owner);
    pair(buf, "sensor", alert->sensor);
}

static void transaction(const struct alert *alert, struct buf *buf)
{
    char scratch[RRTYPE_TEXT_MAX];
    const struct alert_sample *sample = &alert->samples[0];
    pair_name(buf, "domain", alert->domain);
    pair_name(buf, "qname", alert->qname);
    if (alert->sample_count == 0)
        return;
    pair(buf, "qtype", rrtype_name(sample->qtype, scratch));
    if (sample->rcode >= 0)
        pair(buf, "rcode", rcode_name((uint16_t)sample->rcode, scratch));
}

static void why(const struct alert *alert, struct buf *buf)
{
    struct buf rule;
    buf_init(&rule, EXPORT_RECORD_MAX_BYTES);
    fact_rule(alert, &rule);
    pair_words(buf, "policy", &rule);
    pair(buf, "reason", reason_rows[alert->reason].slug);
    pair(buf, "technique", detector_rows[alert->detector].techniques);
    key_begin(buf, "score");
    buf_printf(buf, "%u.%02u", alert->confidence / 100u, alert->confidence % 100u);
}

static void identity(const struct alert *alert, struct buf *buf)
{
    struct buf key;
    buf_init(&key, EXPORT_RECORD_MAX_BYTES);
    fact_key(alert, &key);
    pair(buf, "alertId", alert->id);
    pair_words(buf, "alertKey", &key);
    pair_number(buf, "revision", alert->revision);
    pair(buf, "status", alert_status_names[alert->status][LANGUAGE_EN]);
    pair(buf, "disposition", disposition_names[alert->disposition][LANGUAGE_EN]);
}

void dialect_leef(const struct dialect_context *context, const struct alert *alert, struct buf *buf)
{
    const struct detector_row *row = &detector_rows[alert->detector];
    struct buf url;
    buf_init(&url, EXPORT_RECORD_MAX_BYTES);
    fact_alert_url(context, alert, &url);
    buf_printf(buf, "LEEF:2.0|dnsvigil|dnsvigil|%s|%s|x09|devTime=%" PRId64, DNSVIGIL_VERSION,
               row->alert_type, (int64_t)(fact_generated_ns(alert) / NS_PER_MS));
    pair(buf, "cat", tactic_names[row->tactic][LANGUAGE_EN]);
    pair_number(buf, "sev", severity_codes[alert->severity].leef);
    pair_number(buf, "count", (int64_t)alert->count);
    peers(alert, buf);
    transaction(alert, buf);
    why(alert, buf);
    identity(alert, buf);
    pair_words(buf, "url", &url);
    pair(buf, "sample", alert->sample ? "true" : "");
    pair(buf, "truncated", context->truncated ? "true" : "");
}
