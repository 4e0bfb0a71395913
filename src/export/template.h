/* template.h - a text with places that the native record of an alert fills
 * SPDX-License-Identifier: Apache-2.0
 *
 * %{path} stands for what the record has there: keys with dots between them, numbers for entries of
 * lists, as in evidence.samples.0.qname; nothing where it has nothing. What it becomes is safe
 * within a text of JSON; a word before the path says otherwise:
 *
 *     %{title}           characters escaped as in a JSON text, without its quotes
 *     %{json:evidence}   the value as JSON, null where there is none; %{json:.} the whole record
 *     %{url:domain}      percent-encoded (RFC 3986 2.1)
 *     %{text:title}      as people read it, control characters made visible
 *
 * %%{ is a plain %{. There is nothing else: no conditions, no loops. */
#pragma once

#include "base/buf.h"
#include "base/error.h"

#include <jansson.h>

enum { TEMPLATE_BYTES_MAX = 64 << 10 };

struct template;

/* NULL with a message that says which line is wrong. */
struct template *template_parse(const char *text, size_t len, struct error *error);

/* The same from a file. */
struct template *template_read(const char *path, struct error *error);

void template_free(struct template *template);

/* Appends the text for this record. Any thread. */
void template_write(const struct template *template, const json_t *record, struct buf *buf);
