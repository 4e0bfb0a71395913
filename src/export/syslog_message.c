/* syslog_message.c - one record as the message that syslog collectors read (RFC 5424)
 * SPDX-License-Identifier: Apache-2.0 */
#include "export/syslog_message.h"

#include "base/clock.h"
#include "base/utf8.h"
#include "export/codes.h"
#include "export/facts.h"

#include <inttypes.h>
#include <string.h>

enum { HOSTNAME_MAX = 255, APP_NAME_MAX = 48, MSGID_MAX = 32, PARAM_MAX = 96 };

static const char bom[] = "\xef\xbb\xbf";

/* A part of the header: printable ASCII without blanks (RFC 5424 6), or "-". */
static void token(struct buf *buf, const char *text, size_t max)
{
    if (!*text)
        buf_char(buf, '-');
    for (size_t i = 0; text[i] && i < max; i++)
        buf_char(buf, text[i] > ' ' && text[i] <= '~' ? text[i] : '_');
    buf_char(buf, ' ');
}

static void timestamp(struct buf *buf, int64_t time_ns)
{
    char text[TIME_TEXT_MAX];
    const size_t to_milliseconds = strlen("2026-01-31T23:59:59.123");
    if (!time_ns) {
        buf_text(buf, "- ");
        return;
    }
    time_format(time_ns, text);
    buf_append(buf, text, to_milliseconds);
    buf_text(buf, "Z ");
}

/* A value is UTF-8 with three characters escaped (RFC 5424 6.3.3); controls are made visible, so
 * that no message has a line end. */
static void param(struct buf *buf, const char *name, const char *value)
{
    struct buf clean;
    buf_init(&clean, PARAM_MAX);
    utf8_append_visible(&clean, value);
    buf_printf(buf, " %s=\"", name);
    for (const char *c = clean.data ? clean.data : ""; *c; c++) {
        if (strchr("\"\\]", *c))
            buf_char(buf, '\\');
        buf_char(buf, *c);
    }
    buf_char(buf, '"');
    buf_done(&clean);
}

static void structured_data(const struct config_export *config, const struct sink_record *record,
                            struct buf *buf)
{
    const struct alert *alert = record->alert;
    buf_printf(buf, "[dnsvigil@%" PRIu32, config->enterprise_number);
    param(buf, "id", record->id);
    buf_printf(buf, " revision=\"%" PRIu32 "\"", record->revision);
    param(buf, "type", detector_rows[alert->detector].alert_type);
    param(buf, "severity", severity_names[alert->severity][LANGUAGE_EN]);
    param(buf, "entity", alert->entity_ip);
    buf_text(buf, "] ");
}

void syslog_message_write(const struct config_export *config, const struct sink_record *record,
                          struct buf *buf)
{
    const struct alert *alert = record->alert;
    buf_printf(buf, "<%u>1 ", config->facility * 8u + severity_codes[alert->severity].syslog);
    timestamp(buf, fact_generated_ns(alert));
    token(buf, alert->sensor, HOSTNAME_MAX);
    token(buf, config->app_name, APP_NAME_MAX);
    token(buf, "", 1);
    token(buf, detector_rows[alert->detector].slug, MSGID_MAX);
    structured_data(config, record, buf);
    if (config->bom)
        buf_text(buf, bom);
    buf_append(buf, record->bytes, record->len);
}
