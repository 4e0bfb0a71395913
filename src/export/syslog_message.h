/* syslog_message.h - one record as the message that syslog collectors read (RFC 5424)
 * SPDX-License-Identifier: Apache-2.0
 *
 *     <132>1 2026-01-31T23:59:59.123Z sensor dnsvigil - threat_intel [dnsvigil@32473 id="…"
 *     revision="2" type="AzureDNS_…" severity="medium" entity="192.0.2.1"] CEF:0|…
 *
 * (one line). Facility and severity make the priority. The process has no id: an alert is its
 * sensor's, whichever process sends it, so the same alert is the same message. Times have three
 * digits of a second, which is what the pickiest readers take. */
#pragma once

#include "export/sink.h"

/* More than stands before the record, whatever the alert holds. */
enum { SYSLOG_HEADER_MAX = 768 };

/* Appends the message, without framing. */
void syslog_message_write(const struct config_export *config, const struct sink_record *record,
                          struct buf *buf);
