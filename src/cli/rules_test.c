/* rules_test.c - `dnsvigil rules test`: which rules of a file load, why others do not, what they
 * hit
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"
#include "base/log.h"
#include "cli/cli.h"
#include "cli/lists_report.h"
#include "cli/output.h"
#include "cli/page.h"
#include "cli/rules.h"
#include "input/open.h"
#include "pipeline/intake.h"
#include "pipeline/signatures.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_MAX_BYTES = 1 << 16, REFUSED_WORDS_MAX = 64, FRAMES_AT_ONCE = 256 };

/* How often a rule was refused for a keyword. */
struct word_count {
    char word[RULE_KEYWORD_TEXT_MAX];
    uint64_t count;
};

struct trial {
    const char *config_path;
    const char *capture;
    enum output_format format;
    struct config *config;
    uint64_t fates[RULE_FATE_COUNT];
    struct word_count words[REFUSED_WORDS_MAX]; /* the last takes what has no place of its own */
    unsigned word_count;
    struct rule_set *rules;
    uint64_t cut; /* of the run over the capture; see metrics.def, as for the next */
    uint64_t pcre_limits;
};

static const struct option_row rows[] = {
    OPTION_CONFIG(struct trial, config_path),
    {"pcap", 'p', "CAPTURE", "run the rules over this capture and tell how often each held",
     option_text, offsetof(struct trial, capture)},
    {"output", 'o', "FORMAT", "table or json (one object a line); default: table", option_format,
     offsetof(struct trial, format)},
};

const struct option_table rules_test_table = {
    .command = "rules test",
    .arguments = "[OPTION]... FILE...",
    .summary = "Reads files of rules, or folders of them, as if the configuration named no others, "
               "and tells which are refused and why. Informational ones are read, too.",
    .rows = rows,
    .count = sizeof(rows) / sizeof(*rows),
    .notes = "Leaves with 4 when a rule was refused. Examples:\n"
             "  dnsvigil rules test local.rules\n"
             "  dnsvigil rules test -o json --pcap traffic.pcap /etc/dnsvigil/rules",
};

static void word_add(struct trial *trial, const char *word)
{
    unsigned i = 0;
    while (i < trial->word_count && strcmp(trial->words[i].word, word) != 0)
        i++;
    if (i == REFUSED_WORDS_MAX)
        word = "others", i--;
    if (i == trial->word_count) {
        snprintf(trial->words[i].word, sizeof(trial->words[i].word), "%s", word);
        trial->word_count++;
    }
    trial->words[i].count++;
}

static void note_json(const struct rule_note *note)
{
    struct buf line;
    struct json json = json_writer(&line);
    buf_init(&line, LINE_MAX_BYTES);
    json_object_begin(&json);
    json_pair(&json, "file", note->file);
    json_pair_int(&json, "line", note->line);
    json_pair_int(&json, "sid", note->sid);
    json_pair(&json, "fate", rule_fate_slugs[note->fate]);
    if (note->fate == RULE_FATE_REFUSED) {
        json_pair_opt(&json, "keyword", note->keyword);
        json_pair(&json, "reason", rule_refusal_slugs[note->refusal]);
        json_pair(&json, "text", rule_refusal_texts[note->refusal]);
    }
    json_object_end(&json);
    puts(line.data);
    buf_done(&line);
}

static void note_text(const struct rule_note *note)
{
    bool refused = note->fate == RULE_FATE_REFUSED;
    struct page page = page_on(stdout);
    struct buf line;
    buf_init(&line, LINE_MAX_BYTES);
    buf_printf(&line, "%s:%" PRIu32 ": sid %" PRIu32 " %s: %s", note->file, note->line, note->sid,
               rule_fate_slugs[note->fate],
               refused ? rule_refusal_texts[note->refusal] : rule_fate_texts[note->fate]);
    if (refused && *note->keyword)
        buf_printf(&line, " (%s)", note->keyword);
    page_paragraph(&page, 0, "", line.data);
    buf_done(&line);
}

/* A rule_note_fn. */
static void note_take(void *arg, const struct rule_note *note)
{
    struct trial *trial = arg;
    trial->fates[note->fate]++;
    if (note->fate == RULE_FATE_REFUSED)
        word_add(trial, *note->keyword ? note->keyword : rule_refusal_slugs[note->refusal]);
    if (note->fate != RULE_FATE_REFUSED && note->fate != RULE_FATE_REPLACED)
        return;
    if (trial->format == OUTPUT_JSON)
        note_json(note);
    else
        note_text(note);
}

/* The configuration with these files in place of its own rules, and nothing but signatures on. */
static int trial_configure(struct trial *trial, char **paths, int count, struct error *error)
{
    int r = config_load(trial->config_path, &trial->config, error);
    if (r < 0)
        return r;
    struct config_rules *rules = &trial->config->rules;
    free(rules->paths.items);
    rules->paths.items = calloc((size_t)count, sizeof(*rules->paths.items));
    rules->paths.count = 0;
    rules->own = false;
    rules->informational = true;
    if (!rules->paths.items)
        return error_set(error, -ENOMEM, "no memory");
    for (int i = 0; i < count; i++) {
        struct config_path *path = rules->paths.items + rules->paths.count++;
        if (strlen(paths[i]) > CONFIG_PATH_MAX)
            return error_set(error, -ENAMETOOLONG, "%s: the path is too long", paths[i]);
        strcpy(path->text, paths[i]);
    }
    for (int i = 0; i < DETECTOR_COUNT; i++)
        trial->config->detectors.of[i].enabled = i == DETECTOR_SIGNATURE;
    return 0;
}

static void words_json(const struct trial *trial, struct json *json)
{
    json_key(json, "by_keyword");
    json_object_begin(json);
    for (unsigned i = 0; i < trial->word_count; i++)
        json_pair_int(json, trial->words[i].word, (int64_t)trial->words[i].count);
    json_object_end(json);
}

static void shapes_json(const struct trial *trial, struct json *json)
{
    uint32_t counts[RULE_SHAPE_COUNT] = {0};
    for (uint32_t i = 0; trial->rules && i < trial->rules->count; i++)
        counts[trial->rules->rules[i]->shape]++;
    json_key(json, "found_by");
    json_object_begin(json);
    for (int i = 0; i < RULE_SHAPE_COUNT; i++)
        json_pair_int(json, rule_shape_names[i], counts[i]);
    json_object_end(json);
}

static void summary_json(const struct trial *trial)
{
    struct buf line;
    struct json json = json_writer(&line);
    buf_init(&line, LINE_MAX_BYTES);
    json_object_begin(&json);
    for (int i = 0; i < RULE_FATE_COUNT; i++)
        json_pair_int(&json, rule_fate_slugs[i], (int64_t)trial->fates[i]);
    words_json(trial, &json);
    shapes_json(trial, &json);
    if (trial->capture) {
        json_pair_int(&json, "rules_cut", (int64_t)trial->cut);
        json_pair_int(&json, "rule_pcre_limits", (int64_t)trial->pcre_limits);
    }
    json_object_end(&json);
    puts(line.data);
    buf_done(&line);
}

static void summary_text(const struct trial *trial)
{
    struct page page = page_on(stdout);
    char line[256];
    for (int i = 0; i < RULE_FATE_COUNT; i++) {
        snprintf(line, sizeof(line), "%" PRIu64 " (%s)", trial->fates[i], rule_fate_texts[i]);
        page_pair(&page, rule_fate_slugs[i], line);
    }
}

/* A rule that is given up does not hold; who tries one should know. */
static void limits_warn(const struct trial *trial)
{
    if (trial->cut)
        log_warning("with %" PRIu64 " transactions not all rules were tried: too much matched",
                    trial->cut);
    if (trial->pcre_limits)
        log_warning("regular expressions were given up %" PRIu64 " times: they take too long",
                    trial->pcre_limits);
}

/* Tells how the rules fared, a replaced one no longer as loaded. */
static int trial_report(struct trial *trial)
{
    trial->fates[RULE_FATE_LOADED] -= trial->fates[RULE_FATE_REPLACED];
    limits_warn(trial);
    if (trial->format == OUTPUT_JSON)
        summary_json(trial);
    else
        summary_text(trial);
    return trial->fates[RULE_FATE_REFUSED] ? CLI_EXIT_CONFIG : CLI_EXIT_OK;
}

static void hit_json(const struct rule *rule, const struct rule_hits *hits)
{
    struct buf line;
    struct json json = json_writer(&line);
    buf_init(&line, LINE_MAX_BYTES);
    json_object_begin(&json);
    json_pair_int(&json, "sid", rule->sid);
    json_pair(&json, "msg", rule->msg);
    json_pair_int(&json, "held", (int64_t)hits->held);
    json_pair_int(&json, "told", (int64_t)hits->told);
    json_object_end(&json);
    puts(line.data);
    buf_done(&line);
}

static void hits_report(const struct trial *trial, const struct rule_set *rules,
                        const struct rule_hits *hits)
{
    struct page page = page_on(stdout);
    for (uint32_t i = 0; rules && i < rules->count; i++) {
        const struct rule *rule = rules->rules[i];
        if (hits[i].held == 0)
            continue;
        if (trial->format == OUTPUT_JSON) {
            hit_json(rule, hits + i);
            continue;
        }
        printf("%10" PRIu32 "  held %8" PRIu64 "  told %8" PRIu64 "  ", rule->sid, hits[i].held,
               hits[i].told);
        page_wrap(&page, 42, rule->msg);
    }
}

static void alert_ignore(void *arg, const struct alert *alert)
{
    (void)arg;
    (void)alert;
}

/* Reads the capture to its end, or to where it is damaged. */
static int capture_read(const char *path, struct shard *shard, struct error *error)
{
    struct source *source = input_open(path, error);
    int count;
    if (!source)
        return -EINVAL;
    while ((count = intake_batch(source, shard, error)) > 0)
        ;
    source->ops->close(source);
    shard_finish(shard);
    return count;
}

/* The engine that raises alerts, with every other detector off, counts what each rule does. */
static int trial_run(struct trial *trial, struct error *error)
{
    struct lists lists;
    struct shard *shard = NULL;
    int r = lists_load(trial->config, NULL, 0, lists_report_log, NULL, &lists, error);
    if (r < 0)
        return r;
    uint32_t count = lists.rules ? lists.rules->count : 0;
    struct rule_hits *hits = calloc(count + 1u, sizeof(*hits));
    r = hits ? shard_new(trial->config, &lists, alert_ignore, NULL, &shard, error)
             : error_set(error, -ENOMEM, "no memory");
    if (r == 0) {
        shard_count_rules(shard, hits);
        r = capture_read(trial->capture, shard, error);
        hits_report(trial, lists.rules, hits);
        trial->cut = shard_metrics(shard)->value[METRIC_RULES_CUT];
        trial->pcre_limits = shard_metrics(shard)->value[METRIC_RULE_PCRE_LIMITS];
    }
    shard_free(shard);
    lists_done(&lists);
    free(hits);
    return r;
}

int rules_test(int argc, char **argv)
{
    struct trial trial = {0};
    struct error error;
    int first, code;
    if (!options_parse(&rules_test_table, argc, argv, &trial, &first, &code))
        return code;
    if (first == argc)
        return options_usage_error(&rules_test_table, "name a file of rules");
    int r = trial_configure(&trial, argv + first, argc - first, &error);
    if (r == 0)
        r = lists_load_rules(trial.config, note_take, &trial, &trial.rules, &error);
    if (r == 0 && trial.capture)
        r = trial_run(&trial, &error);
    if (r < 0)
        log_error("%s", error.text);
    code = r < 0 ? CLI_EXIT_FAILED : trial_report(&trial);
    rule_set_free(trial.rules);
    config_free(trial.config);
    return code;
}
