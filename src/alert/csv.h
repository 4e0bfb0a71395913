/* csv.h - alerts as CSV (RFC 4180) that a spreadsheet can open without running anything
 * SPDX-License-Identifier: Apache-2.0
 *
 * A cell that a spreadsheet would take for a formula (it starts with = + - @, a tab or a carriage
 * return) gets a leading apostrophe; control characters are written as escapes, so that a record is
 * always one line. */
#pragma once

#include "base/buf.h"

#include <dnsvigil/alert.h>

/* Appends one cell. */
void csv_cell(struct buf *row, const char *text);

/* Appends the header line, CR LF included. */
void alert_csv_header(struct buf *buf);

/* Appends one record, CR LF included. */
void alert_csv_row(const struct alert *alert, enum language language, struct buf *buf);
