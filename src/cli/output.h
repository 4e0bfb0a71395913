/* output.h - prints a stream of alerts as a table for people, JSON Lines or CSV for programs
 * SPDX-License-Identifier: Apache-2.0
 *
 *     struct output *output;
 *     int r = output_open(format, language, stdout, &output, &error);
 *     r = output_alert(output, &alert, &error);    for each
 *     r = output_close(output, &error);            also after an error; writes what is pending
 *
 * One thread. No byte of an alert's text reaches a terminal or file as a control character. */
#pragma once

#include "base/error.h"

#include <dnsvigil/alert.h>

#include <stdio.h>

enum output_format {
    OUTPUT_AUTO, /* a table on a terminal, else JSON Lines */
    OUTPUT_TABLE,
    OUTPUT_JSON,
    OUTPUT_CSV,
};

struct output;

/* The format that OUTPUT_AUTO means for this stream; others stay what they are. */
enum output_format output_format_for(enum output_format format, FILE *stream);

/* Whether to colour what goes to this stream: a terminal, and neither NO_COLOR nor TERM=dumb. */
bool output_colours(FILE *stream);

/* Columns to fill: the terminal's width, or 0 (no limit) where the stream is none. */
unsigned output_width(FILE *stream);

/* Borrows the stream until output_close(). Negative errno without memory. */
int output_open(enum output_format format, enum language language, FILE *stream,
                struct output **ret_output, struct error *error);

/* Writes one alert. A table keeps up to OUTPUT_TABLE_ROWS_MAX rows back to align them and prints
 * longer lists in several parts. Negative errno when the stream cannot be written. */
int output_alert(struct output *output, const struct alert *alert, struct error *error);

/* Prints what is pending, flushes the stream and frees. NULL is allowed. */
int output_close(struct output *output, struct error *error);

enum { OUTPUT_TABLE_ROWS_MAX = 1000 };
