/* log_told.h - names and record data as network monitors print them, in presentation format
 * SPDX-License-Identifier: Apache-2.0
 *
 * Zeek and Suricata write bytes that are no text as \xNN, texts of TXT records without quotes, and
 * of some records only the name. What they do not tell of such data is filled with zeros. */
#pragma once

#include "input/log.h"

enum { LOG_TOLD_BYTES = 256 * 1024 };

/* Room for what has to be written differently: empty it before each record by setting `used` to 0.
 */
struct log_told {
    size_t used;
    char text[LOG_TOLD_BYTES];
};

/* The name in presentation format. Without room it is empty, which is no name. */
struct log_text log_told_name(struct log_told *told, struct log_text text);

/* The data of a record of this type likewise. Without room it is empty. */
struct log_text log_told_data(struct log_told *told, uint16_t type, struct log_text text);

/* Bytes of a text as one string, or several where it is long. */
struct log_text log_told_string(struct log_told *told, struct log_text bytes);

/* Undoes \xNN; everything else stays as it is. */
struct log_text log_told_bytes(struct log_told *told, struct log_text text);

/* Text made by the caller. */
struct log_text log_told_print(struct log_told *told, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
