/* page.h - text laid out for reading: headings, labelled values, wrapped paragraphs
 * SPDX-License-Identifier: Apache-2.0
 *
 * Lines are filled to the terminal's width (at most PAGE_WIDTH_MAX columns; that too where there is
 * no terminal), counting wide characters as two. Everything is made visible before it is printed.
 */
#pragma once

#include <stdio.h>

enum { PAGE_WIDTH_MAX = 100, PAGE_LABEL_WIDTH = 18 };

struct page {
    FILE *stream;
    unsigned width;
    const char *bold; /* how to switch bold on and off; "" without colours */
    const char *plain;
};

struct page page_on(FILE *stream);

void page_heading(const struct page *page, const char *text);

/* `label` in the left column and the text beside it; nothing for an empty text. */
void page_pair(const struct page *page, const char *label, const char *text);

/* The text from column `indent` on, with `lead` (say "- ") before its first line. */
void page_paragraph(const struct page *page, unsigned indent, const char *lead, const char *text);

/* Like page_paragraph(), for a cursor that already stands at column `indent`. */
void page_wrap(const struct page *page, unsigned indent, const char *text);

/* Columns the text takes on a terminal. */
unsigned page_text_width(const char *text);
