/* main.c - where the program starts: finds the sub-command and runs it
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/hash.h"
#include "cli/cli.h"
#include "cli/page.h"
#include "cli/suggest.h"

#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

static const struct command {
    const char *name;
    const char *arguments;
    const char *summary;
    int (*run)(int argc, char **argv);
} commands[] = {
#define COMMAND(name, arguments, summary) {#name, arguments, summary, command_##name},
#include "cli/commands.def"
#undef COMMAND
};

enum { COMMAND_COUNT = sizeof(commands) / sizeof(commands[0]), SUMMARY_COLUMN = 14 };

static int usage_print(FILE *stream, int code)
{
    struct page page = page_on(stream);
    fprintf(stream, "%sUsage:%s dnsvigil COMMAND [OPTION]...\n\n", page.bold, page.plain);
    page_wrap(&page, 0, "Finds threats in DNS traffic and keeps the alerts about them.");
    page_heading(&page, "Commands:");
    for (unsigned i = 0; i < COMMAND_COUNT; i++) {
        fprintf(stream, "  %-*s", SUMMARY_COLUMN - 2, commands[i].name);
        page_wrap(&page, SUMMARY_COLUMN, commands[i].summary);
    }
    fputs("\n`dnsvigil COMMAND --help` tells more; `dnsvigil --version` prints the version.\n",
          stream);
    return code;
}

static const struct command *command_find(const char *name)
{
    for (unsigned i = 0; i < COMMAND_COUNT; i++)
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    return NULL;
}

static int command_unknown(const char *name)
{
    struct suggestion suggestion = suggest_start(name);
    for (unsigned i = 0; i < COMMAND_COUNT; i++)
        suggest_offer(&suggestion, commands[i].name);
    fprintf(stderr, "dnsvigil: there is no command \"%s\"", name);
    if (suggestion.best)
        fprintf(stderr, "; did you mean `dnsvigil %s`?\n", suggestion.best);
    else
        fputs("; `dnsvigil --help` lists them.\n", stderr);
    return CLI_EXIT_USAGE;
}

/* `dnsvigil help NAME` is `dnsvigil NAME --help`. */
static int command_help(char *name)
{
    char option[] = "--help", *argv[] = {name, option, NULL};
    const struct command *command = command_find(name);
    return command ? command->run(2, argv) : command_unknown(name);
}

static bool word_is(const char *word, const char *name, const char *option, const char *letter)
{
    return strcmp(word, name) == 0 || strcmp(word, option) == 0 || strcmp(word, letter) == 0;
}

/* What was printed but could not be written (a full disk) must not pass for success. */
static int output_finish(int code)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return code;
    fputs("dnsvigil: standard output could not be written\n", stderr);
    return code == CLI_EXIT_OK ? CLI_EXIT_FAILED : code;
}

int main(int argc, char **argv)
{
    hash_seed_init();
    signal(SIGXFSZ, SIG_IGN);       /* a limit on files is told like a full disk */
    setlocale(LC_CTYPE, "C.UTF-8"); /* all our text is UTF-8, whatever the user's locale */
    if (argc < 2)
        return usage_print(stderr, CLI_EXIT_USAGE);
    if (word_is(argv[1], "help", "--help", "-h"))
        return output_finish(argc > 2 ? command_help(argv[2]) : usage_print(stdout, CLI_EXIT_OK));
    if (word_is(argv[1], "version", "--version", "-V")) {
        puts("dnsvigil " DNSVIGIL_VERSION);
        return output_finish(CLI_EXIT_OK);
    }
    const struct command *command = command_find(argv[1]);
    if (!command)
        return command_unknown(argv[1]);
    return output_finish(command->run(argc - 1, argv + 1));
}
