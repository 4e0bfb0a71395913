/* options.c - option tables: the parser, the help text and the error messages come from one table
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/options.h"
#include "base/clock.h"
#include "cli/cli.h"
#include "cli/output.h"
#include "cli/page.h"
#include "cli/suggest.h"

#include <dnsvigil/terms.h>

#include <assert.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    LETTERS_MAX = 3 + 2 * OPTION_ROWS_MAX,
    CODE_HELP = 'h',
    CODE_FIRST = 256, /* getopt's code for row i is CODE_FIRST + i */
    HELP_COLUMN = 28,
};

static void row_help(const struct page *page, const struct option_row *row)
{
    char left[128], letter[8] = "    ";
    if (row->letter)
        snprintf(letter, sizeof(letter), "-%c, ", row->letter);
    snprintf(left, sizeof(left), "  %s--%s%s%s", letter, row->name, row->argument ? " " : "",
             row->argument ? row->argument : "");
    fprintf(page->stream, "%-*s", HELP_COLUMN, left);
    if (strlen(left) >= HELP_COLUMN)
        fprintf(page->stream, "\n%*s", HELP_COLUMN, "");
    page_wrap(page, HELP_COLUMN, row->help);
}

static const struct option_row help_row = {"help", CODE_HELP, NULL, "print this help", NULL, 0};

static void table_help(const struct option_table *table)
{
    struct page page = page_on(stdout);
    printf("%sUsage:%s dnsvigil %s %s\n\n", page.bold, page.plain, table->command,
           table->arguments);
    page_wrap(&page, 0, table->summary);
    page_heading(&page, "Options:");
    for (size_t i = 0; i < table->count; i++)
        row_help(&page, &table->rows[i]);
    row_help(&page, &help_row);
    if (table->notes)
        printf("\n%s\n", table->notes);
}

static void usage_begin(const struct option_table *table)
{
    fprintf(stderr, "dnsvigil %s: ", table->command);
}

static int usage_end(const struct option_table *table)
{
    fprintf(stderr, "Try `dnsvigil %s --help`.\n", table->command);
    return CLI_EXIT_USAGE;
}

int options_usage_error(const struct option_table *table, const char *format, ...)
{
    va_list args;
    usage_begin(table);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    return usage_end(table);
}

static const struct option_row *row_of(const struct option_table *table, int code)
{
    for (size_t i = 0; i < table->count; i++)
        if (code == CODE_FIRST + (int)i || (code && code == table->rows[i].letter))
            return &table->rows[i];
    return NULL;
}

/* What getopt_long() refused: an option we do not have, or a value for a flag. */
static int unknown_error(const struct option_table *table, char **argv)
{
    const char *word = argv[optind - 1];
    const struct option_row *flag = row_of(table, optopt);
    if (flag)
        return options_usage_error(table, "--%s takes no value", flag->name);
    if (strncmp(word, "--", 2) != 0)
        return options_usage_error(table, "there is no option -%c", optopt);
    char name[64];
    snprintf(name, sizeof(name), "%.*s", (int)strcspn(word + 2, "="), word + 2);
    struct suggestion suggestion = suggest_start(name);
    for (size_t i = 0; i < table->count; i++)
        suggest_offer(&suggestion, table->rows[i].name);
    if (suggestion.best)
        return options_usage_error(table, "there is no option --%s; did you mean --%s?", name,
                                   suggestion.best);
    return options_usage_error(table, "there is no option --%s", name);
}

static int value_error(const struct option_table *table, const struct option_row *row)
{
    struct page page = page_on(stderr);
    usage_begin(table);
    fprintf(stderr, "\"%s\" is not a value for --%s:\n", optarg, row->name);
    row_help(&page, row);
    return usage_end(table);
}

/* The table in getopt's form. */
static void table_spell(const struct option_table *table, struct option *names, char *letters)
{
    assert(table->count <= OPTION_ROWS_MAX);
    *letters++ = ':'; /* a missing value is told apart from an unknown option */
    *letters++ = CODE_HELP;
    for (size_t i = 0; i < table->count; i++) {
        const struct option_row *row = &table->rows[i];
        names[i] = (struct option){row->name, row->argument ? required_argument : no_argument, NULL,
                                   CODE_FIRST + (int)i};
        if (!row->letter)
            continue;
        *letters++ = row->letter;
        if (row->argument)
            *letters++ = ':';
    }
    *letters = 0;
    names[table->count] = (struct option){"help", no_argument, NULL, CODE_HELP};
    names[table->count + 1] = (struct option){0};
}

/* Acts on one code from getopt_long(): -1 to go on, else the exit code to leave with. */
static int code_apply(const struct option_table *table, int code, char **argv, void *settings)
{
    if (code == CODE_HELP) {
        table_help(table);
        return CLI_EXIT_OK;
    }
    if (code == ':')
        return options_usage_error(table, "%s needs a value", argv[optind - 1]);
    const struct option_row *row = row_of(table, code);
    if (!row)
        return unknown_error(table, argv);
    if (!row->read(optarg, (char *)settings + row->offset))
        return value_error(table, row);
    return -1;
}

bool options_parse(const struct option_table *table, int argc, char **argv, void *settings,
                   int *ret_first, int *ret_exit)
{
    struct option names[OPTION_ROWS_MAX + 2];
    char letters[LETTERS_MAX];
    table_spell(table, names, letters);
    optind = 0; /* start over: commands parse after one another */
    opterr = 0;
    int code;
    while ((code = getopt_long(argc, argv, letters, names, NULL)) != -1) {
        int leave = code_apply(table, code, argv, settings);
        if (leave >= 0) {
            *ret_exit = leave;
            return false;
        }
    }
    *ret_first = optind;
    return true;
}

bool option_flag(const char *text, void *field)
{
    (void)text;
    *(bool *)field = true;
    return true;
}

bool option_text(const char *text, void *field)
{
    *(const char **)field = text;
    return true;
}

bool option_count(const char *text, void *field)
{
    char *end;
    unsigned long long value = strtoull(text, &end, 10);
    if (*text < '0' || *text > '9' || *end || value > INT64_MAX)
        return false;
    *(uint64_t *)field = value;
    return true;
}

bool option_language(const char *text, void *field)
{
    bool ja = strcmp(text, "ja") == 0;
    *(enum language *)field = ja ? LANGUAGE_JA : LANGUAGE_EN;
    return ja || strcmp(text, "en") == 0;
}

bool option_format(const char *text, void *field)
{
    static const char *const names[] = {
        [OUTPUT_TABLE] = "table",
        [OUTPUT_JSON] = "json",
        [OUTPUT_CSV] = "csv",
    };
    for (int i = OUTPUT_TABLE; i <= OUTPUT_CSV; i++) {
        if (strcmp(text, names[i]) == 0) {
            *(enum output_format *)field = (enum output_format)i;
            return true;
        }
    }
    return false;
}

bool option_time(const char *text, void *field)
{
    return moment_read(text, field);
}
