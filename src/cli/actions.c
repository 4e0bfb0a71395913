/* actions.c - commands that are several: finds the one that is meant, or says which there are
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/actions.h"

#include "cli/cli.h"
#include "cli/page.h"
#include "cli/suggest.h"

#include <stdio.h>
#include <string.h>

enum { NAME_WIDTH = 8 };

static int help(FILE *stream, const struct action *actions, size_t count, const char *command,
                int code)
{
    struct page page = page_on(stream);
    fprintf(stream, "%sUsage:%s dnsvigil %s ", page.bold, page.plain, command);
    for (size_t i = 0; i < count; i++)
        fprintf(stream, "%s%s", i ? "|" : "", actions[i].name);
    fputs(" [OPTION]...\n\n", stream);
    for (size_t i = 0; i < count; i++) {
        fprintf(stream, "  %-*s ", NAME_WIDTH, actions[i].name);
        page_wrap(&page, NAME_WIDTH + 3, actions[i].table->summary);
    }
    fprintf(stream, "\n`dnsvigil %s ACTION --help` tells more.\n", command);
    return code;
}

static int unknown(const struct action *actions, size_t count, const char *command,
                   const char *name)
{
    struct suggestion suggestion = suggest_start(name);
    for (size_t i = 0; i < count; i++)
        suggest_offer(&suggestion, actions[i].name);
    fprintf(stderr, "dnsvigil %s: there is no action \"%s\"", command, name);
    if (suggestion.best)
        fprintf(stderr, "; did you mean `dnsvigil %s %s`?\n", command, suggestion.best);
    else
        fprintf(stderr, "; `dnsvigil %s --help` lists them.\n", command);
    return CLI_EXIT_USAGE;
}

int actions_run(const struct action *actions, size_t count, int argc, char **argv)
{
    if (argc < 2)
        return help(stderr, actions, count, argv[0], CLI_EXIT_USAGE);
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
        return help(stdout, actions, count, argv[0], CLI_EXIT_OK);
    for (size_t i = 0; i < count; i++)
        if (strcmp(argv[1], actions[i].name) == 0)
            return actions[i].run(argc - 1, argv + 1);
    return unknown(actions, count, argv[0], argv[1]);
}
