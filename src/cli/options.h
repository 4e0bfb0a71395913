/* options.h - option tables: the parser, the help text and the error messages come from one table
 * SPDX-License-Identifier: Apache-2.0
 *
 * A command keeps its settings in one struct, filled with defaults, and describes each option by a
 * row that names the field it sets. --help is added to every table. */
#pragma once

#include "config/config.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Reads an option's value into its field; false when the text is not understood. */
typedef bool (*option_fn)(const char *text, void *field);

struct option_row {
    const char *name;     /* long name without the dashes */
    char letter;          /* short name, 0 for none */
    const char *argument; /* what to call the value in the help; NULL for a flag */
    const char *help;
    option_fn read;
    size_t offset; /* of the field in the command's struct */
};

enum { OPTION_ROWS_MAX = 40 };

struct option_table {
    const char *command;   /* "alerts list", without the program's name */
    const char *arguments; /* "[OPTION]... FILE..." */
    const char *summary;
    const struct option_row *rows;
    size_t count;
    const char *notes; /* examples and remarks below the options, or NULL */
};

/* Reads argv[1..) into the struct at `settings`. True: go on, and argv[*ret_first..argc) are the
 * operands (argv is reordered so that operands come last). False: leave with *ret_exit; the help
 * was printed to stdout, or what was wrong to stderr. */
bool options_parse(const struct option_table *table, int argc, char **argv, void *settings,
                   int *ret_first, int *ret_exit);

/* Prints "dnsvigil COMMAND: <message>" and where to find help to stderr; returns CLI_EXIT_USAGE. */
int options_usage_error(const struct option_table *table, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

bool option_flag(const char *text, void *field);     /* bool */
bool option_text(const char *text, void *field);     /* const char *, borrowed from argv */
bool option_count(const char *text, void *field);    /* uint64_t, decimal */
bool option_language(const char *text, void *field); /* enum language: en, ja */
bool option_format(const char *text, void *field);   /* enum output_format: table, json, csv */
/* int64_t nanoseconds since 1970 UTC: RFC 3339, a date, or an age (90s, 15m, 36h, 7d, 2w) counted
 * back from now. */
bool option_time(const char *text, void *field);

/* Rows that most commands have. */
#define OPTION_CONFIG(type, field)                                                                 \
    {                                                                                              \
        "config", 'c', "FILE", "read this configuration instead of " CONFIG_DEFAULT_PATH,          \
            option_text, offsetof(type, field)                                                     \
    }
#define OPTION_STORE(type, field)                                                                  \
    {                                                                                              \
        "store", 's', "PATH", "the alert store, instead of the configured one", option_text,       \
            offsetof(type, field)                                                                  \
    }
#define OPTION_FORMAT(type, field)                                                                 \
    {                                                                                              \
        "output", 'o', "FORMAT",                                                                   \
            "table, json (one object a line) or csv; default: table on a terminal, else json",     \
            option_format, offsetof(type, field)                                                   \
    }
#define OPTION_LANGUAGE(type, field)                                                               \
    {                                                                                              \
        "lang", 0, "LANGUAGE", "titles and explanations in en or ja; default: en",                 \
            option_language, offsetof(type, field)                                                 \
    }
