/* record.h - the native record: one alert as one JSON object, and back
 * SPDX-License-Identifier: Apache-2.0
 *
 * docs/schema/alert.schema.json describes the object. A key that is absent means unknown; nothing
 * is null. The language changes title, description, evidence.summary and evidence.benign_if only.
 */
#pragma once

#include "base/error.h"
#include "base/json.h"

#include <dnsvigil/alert.h>

enum { ALERT_JSON_MAX_BYTES = 256 * 1024 };

/* Appends one object. Times are cut to microseconds and numbers to six significant digits. */
void alert_to_json(const struct alert *alert, enum language language, struct json *json);

/* Reads an object alert_to_json() wrote. Strict: -EBADMSG with a message naming the key when the
 * text is not JSON, a key is missing or unknown, or a value has the wrong type, is too long or not
 * one of its vocabulary. Keys derived from the catalogue (titles, techniques, …) are not read back.
 */
int alert_from_json(const char *text, size_t len, struct alert *ret_alert, struct error *error);
