/* audit.c - `dnsvigil audit`: shows who did what when, and checks that nobody altered the trail
 * SPDX-License-Identifier: Apache-2.0 */
#include "store/audit.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "base/utf8.h"
#include "cli/actions.h"
#include "cli/cli.h"
#include "cli/output.h"
#include "cli/selection.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { LINE_MAX_BYTES = 65536, HASH_TEXT_MAX = 2 * AUDIT_HASH_BYTES + 1 };

struct audit_options {
    const char *config;
    const char *store;
    enum output_format format;
    struct audit_filter filter;
};

#define ROW(name, letter, argument, help, read, member)                                            \
    {                                                                                              \
        name, letter, argument, help, read, offsetof(struct audit_options, member)                 \
    }

static const struct option_row list_rows[] = {
    ROW("object", 0, "OBJECT", "about this: alert/ID, user/NAME …, or all of a kind: alert/",
        option_text, filter.object),
    ROW("actor", 0, "ACTOR", "by this one: user:NAME, cli:NAME, rule:NAME …", option_text,
        filter.actor),
    ROW("action", 0, "WORD", "of this kind: status, assignee, note …", option_text, filter.action),
    ROW("since", 0, "TIME", "since then: a date, a time, or an age as in 7d", option_time,
        filter.since_ns),
    ROW("until", 0, "TIME", "before then", option_time, filter.until_ns),
    ROW("after", 0, "NUMBER", "behind this entry", option_count, filter.after_seq),
    ROW("limit", 'n', "NUMBER", "at most so many", option_count, filter.limit),
    OPTION_FORMAT(struct audit_options, format),
    OPTION_STORE(struct audit_options, store),
    OPTION_CONFIG(struct audit_options, config),
};

static const struct option_row verify_rows[] = {
    OPTION_FORMAT(struct audit_options, format),
    OPTION_STORE(struct audit_options, store),
    OPTION_CONFIG(struct audit_options, config),
};

static const struct option_table list_table = {
    .command = "audit list",
    .arguments = "[OPTION]...",
    .summary = "Shows who did what when, oldest first.",
    .rows = list_rows,
    .count = sizeof(list_rows) / sizeof(list_rows[0]),
};

static const struct option_table verify_table = {
    .command = "audit verify",
    .arguments = "[OPTION]...",
    .summary =
        "Checks the hash of each entry of the trail and tells the newest. Whoever keeps that "
        "elsewhere also sees whether the trail was made anew.",
    .rows = verify_rows,
    .count = sizeof(verify_rows) / sizeof(verify_rows[0]),
};

static void hash_format(const uint8_t hash[static AUDIT_HASH_BYTES], char text[HASH_TEXT_MAX])
{
    for (unsigned i = 0; i < AUDIT_HASH_BYTES; i++)
        snprintf(text + 2 * (size_t)i, 3, "%02x", hash[i]);
}

static void entry_json(uint64_t seq, const struct audit_entry *entry, const char *hash,
                       struct buf *line)
{
    struct json json = json_writer(line);
    char time[TIME_TEXT_MAX];
    time_format(entry->time_ns, time);
    json_object_begin(&json);
    json_pair_int(&json, "seq", (int64_t)seq);
    json_pair(&json, "time", time);
    json_pair(&json, "actor", entry->actor);
    json_pair(&json, "action", entry->action);
    json_pair(&json, "object", entry->object);
    json_pair_opt(&json, "from", entry->from);
    json_pair_opt(&json, "to", entry->to);
    json_pair_opt(&json, "reason", entry->reason);
    json_pair_opt(&json, "comment", entry->comment);
    json_pair(&json, "hash", hash);
    json_object_end(&json);
}

static void entry_words(const struct audit_entry *entry, struct buf *line)
{
    char time[TIME_TEXT_MAX];
    const char *const texts[] = {entry->actor, entry->object, entry->action};
    time_format(entry->time_ns, time);
    buf_text(line, time);
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        buf_text(line, "  ");
        utf8_append_visible(line, texts[i]);
    }
    if (*entry->from || *entry->to) {
        buf_char(line, ' ');
        utf8_append_visible(line, *entry->from ? entry->from : "-");
        buf_text(line, " → ");
        utf8_append_visible(line, *entry->to ? entry->to : "-");
    }
    if (*entry->reason) {
        buf_text(line, "  ");
        utf8_append_visible(line, entry->reason);
    }
    if (*entry->comment) {
        buf_text(line, ": ");
        utf8_append_visible(line, entry->comment);
    }
}

static int entry_print(void *context, uint64_t seq, const struct audit_entry *entry,
                       const uint8_t hash[static AUDIT_HASH_BYTES])
{
    const struct audit_options *options = context;
    char text[HASH_TEXT_MAX];
    struct buf line;
    hash_format(hash, text);
    buf_init(&line, LINE_MAX_BYTES);
    if (output_format_for(options->format, stdout) == OUTPUT_TABLE)
        entry_words(entry, &line);
    else
        entry_json(seq, entry, text, &line);
    int written = puts(line.data);
    buf_done(&line);
    return written < 0 ? -EIO : 0;
}

static bool arguments_read(const struct option_table *table, int argc, char **argv,
                           struct audit_options *options, int *ret_exit)
{
    int first;
    if (!options_parse(table, argc, argv, options, &first, ret_exit))
        return false;
    if (first < argc)
        *ret_exit = options_usage_error(table, "\"%s\" is too much", argv[first]);
    else if (options->format == OUTPUT_CSV)
        *ret_exit = options_usage_error(table, "the trail is a table or json, not csv");
    else
        return true;
    return false;
}

static int audit_list_run(int argc, char **argv)
{
    struct audit_options options = {0};
    struct store *store;
    struct error error;
    int code;
    if (!arguments_read(&list_table, argc, argv, &options, &code))
        return code;
    code = selection_store(options.config, options.store, STORE_READ, &store);
    if (code != CLI_EXIT_OK)
        return code;
    int r = audit_list(store, &options.filter, entry_print, &options, &error);
    if (r == -EIO)
        error_set(&error, r, "writing the trail: %s", strerror(errno));
    return selection_store_leave(store, r, &error);
}

struct newest {
    uint64_t seq;
    uint8_t hash[AUDIT_HASH_BYTES];
};

static int newest_take(void *context, uint64_t seq, const struct audit_entry *entry,
                       const uint8_t hash[static AUDIT_HASH_BYTES])
{
    (void)entry;
    struct newest *newest = context;
    newest->seq = seq;
    memcpy(newest->hash, hash, sizeof(newest->hash));
    return 0;
}

static void verdict_print(const struct audit_options *options, uint64_t broken_seq,
                          const struct newest *newest)
{
    char hash[HASH_TEXT_MAX];
    hash_format(newest->hash, hash);
    if (output_format_for(options->format, stdout) == OUTPUT_TABLE) {
        if (broken_seq)
            printf("broken from entry %llu on\n", (unsigned long long)broken_seq);
        else
            printf("whole: %llu entries, newest hash %s\n", (unsigned long long)newest->seq, hash);
        return;
    }
    struct buf line;
    struct json json = json_writer(&line);
    buf_init(&line, LINE_MAX_BYTES);
    json_object_begin(&json);
    json_key(&json, "whole");
    json_bool(&json, broken_seq == 0);
    if (broken_seq)
        json_pair_int(&json, "broken_from", (int64_t)broken_seq);
    json_pair_int(&json, "entries", (int64_t)newest->seq);
    json_pair(&json, "newest_hash", hash);
    json_object_end(&json);
    puts(line.data);
    buf_done(&line);
}

static int audit_verify_run(int argc, char **argv)
{
    struct audit_options options = {0};
    struct newest newest = {0};
    struct store *store;
    struct error error;
    uint64_t broken_seq = 0;
    int code;
    if (!arguments_read(&verify_table, argc, argv, &options, &code))
        return code;
    code = selection_store(options.config, options.store, STORE_READ, &store);
    if (code != CLI_EXIT_OK)
        return code;
    int r = audit_verify(store, &broken_seq, &error);
    if (r == 0)
        r = audit_list(store, &options.filter, newest_take, &newest, &error);
    if (r == 0)
        verdict_print(&options, broken_seq, &newest);
    if (r == 0 && broken_seq)
        r = error_set(&error, -EBADMSG,
                      "the audit trail is broken from entry %llu on: it was altered from outside",
                      (unsigned long long)broken_seq);
    return selection_store_leave(store, r, &error);
}

static const struct action actions[] = {
    {"list", audit_list_run, &list_table},
    {"verify", audit_verify_run, &verify_table},
};

int command_audit(int argc, char **argv)
{
    return actions_run(actions, sizeof(actions) / sizeof(actions[0]), argc, argv);
}
