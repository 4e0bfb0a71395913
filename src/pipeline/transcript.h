/* transcript.h - transactions as lines of our own log, for other programs and to be analysed again
 * SPDX-License-Identifier: Apache-2.0
 *
 * What input/log_transactions.c reads, as docs/schema/transaction.schema.json describes it. It has
 * question, response code, flags and the records of the answer section; it has not: the other
 * sections, EDNS options, spelling and size of a message, further copies of a query, what comes
 * behind microseconds, and messages that cannot be read or are no queries. */
#pragma once

#include "base/buf.h"

#include <dnsvigil/transaction.h>

enum { TRANSCRIPT_LINE_MAX = 64 * 1024 };

/* Appends the transaction as one line without its end; false, with nothing of use in the buffer,
 * where the form cannot tell it. */
bool transcript_line(const struct transaction *transaction, struct buf *line);
