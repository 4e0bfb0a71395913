/* explain.c - `dnsvigil explain`: what each detector thinks of a name, and why
 * SPDX-License-Identifier: Apache-2.0
 *
 * A name is judged as a query for its address without an answer, by the code that judges traffic,
 * and its domain as one that a client has just begun to ask for again and again. Almost every name
 * is clear to almost every detector, so what is said then is made once and copied. */
#include "alert/render.h"
#include "base/addr.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "cli/cli.h"
#include "cli/lists_report.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/page.h"
#include "detect/detect.h"
#include "enrich/enrich.h"
#include "enrich/lookalike.h"
#include "intel/hostname.h"
#include "meter/domains.h"
#include "pipeline/evidence.h"
#include "pipeline/signatures.h"

#include <dnsvigil/name.h>
#include <dnsvigil/profile.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    LINE_BYTES_MAX = 1 << 20,
    NAME_LINE_MAX = 2 * NAME_TEXT_MAX, /* a longer line is no name, and its beginning says so */
    OUT_BYTES_MAX = 1 << 22,
    OUT_BYTES_ENOUGH = 1 << 16, /* written out from here on */
    QUERIES_MANY = 1000000,
};

struct explain_options {
    const char *config;
    enum output_format format;
    enum language language;
    struct feed_arguments feeds;
};

struct explanation {
    struct explain_options options;
    struct config *config;
    struct lists lists;
    struct enricher enricher;
    struct metrics metrics;
    struct signatures signatures; /* where there are rules */
    struct detect_settings settings;
    bool as_json;
    bool refused; /* some input was not a name */
    int64_t now_ns;
    struct domain domain; /* of every name: new, and asked for by one client */
    struct alert alert;   /* what the summary of a finding is rendered from */
    struct buf text;
    struct buf out;                   /* JSON that was not yet written */
    struct buf quiet[DETECTOR_COUNT]; /* JSON of each detector that does not fire */
    struct page page;
};

/* What is known of one name. */
struct judged {
    struct dns_name name;
    struct transaction transaction;
    struct enrichment enrichment;
    struct lookalike lookalike;
};

/* One detector's word on it. */
struct verdict {
    const char *word; /* alert, below_confidence, clear, off, not_available */
    const char *why;  /* valid until the next verdict */
};

static const struct option_row rows[] = {
    OPTION_CONFIG(struct explain_options, config),
    {"output", 'o', "FORMAT", "table (readable) or json (one object a name); default: by terminal",
     option_format, offsetof(struct explain_options, format)},
    OPTION_LANGUAGE(struct explain_options, language),
    OPTION_FEED(struct explain_options, feeds),
};

static const struct option_table table = {
    .command = "explain",
    .arguments = "[OPTION]... NAME...|-",
    .summary = "Says for each name what the lists know of it and what each detector thinks of it, "
               "and why. With - reads one name a line from standard input.",
    .rows = rows,
    .count = sizeof(rows) / sizeof(*rows),
    .notes = "Examples:\n"
             "  dnsvigil explain www.example.com\n"
             "  dnsvigil explain -o json - < names.txt",
};

static void name_judge(struct explanation *run, struct judged *judged)
{
    judged->transaction = (struct transaction){
        .time_ns = run->now_ns,
        .qtype = DNS_TYPE_A,
        .qclass = 1,
        .question = &judged->name,
    };
    enrich(&run->enricher, &judged->transaction, &judged->enrichment);
    if (run->lists.rule_index)
        judged->enrichment.signature =
            signatures_judge(&run->signatures, &judged->transaction, &judged->enrichment);
    if (judged->enrichment.registrable < 0)
        return;
    enrich_domain(&judged->name, (unsigned)judged->enrichment.registrable, &judged->enrichment);
    judged->enrichment.domain = &run->domain;
    judged->enrichment.lookalike =
        lookalike_look(&run->enricher.known, run->lists.brands, &judged->name, &judged->enrichment,
                       &judged->lookalike);
}

/* The finding's summary, rendered as an alert about this name would. */
static const char *summary_of(struct explanation *run, const struct judged *judged,
                              const struct finding *finding)
{
    struct alert *alert = &run->alert;
    int label = finding->label >= 0 ? finding->label : judged->enrichment.registrable;
    alert->reason = finding->reason;
    alert->detector = finding->detector;
    alert->has_indicator = finding->hit >= 0;
    name_to_text(&judged->name, 0, alert->qname);
    name_to_text(&judged->name, label > 0 ? (unsigned)label : 0, alert->domain);
    if (alert->has_indicator)
        evidence_indicator(run->lists.intel, &judged->transaction,
                           &judged->enrichment.hits[finding->hit], &alert->indicator);
    evidence_detail(&judged->transaction, &judged->enrichment, finding, alert);
    if (finding->detector == DETECTOR_SIGNATURE)
        signatures_describe(&run->signatures, &judged->transaction, judged->enrichment.signature,
                            &alert->signature);
    buf_reset(&run->text);
    alert_summary(alert, run->options.language, &run->text);
    return run->text.data;
}

/* What a detector says of a name about which it does not fire. */
static struct verdict verdict_quiet(const struct explanation *run, enum detector detector)
{
    const struct detector_row *row = &detector_rows[detector];
    if (!row->detect)
        return (struct verdict){"not_available", "not part of this version"};
    if (!run->settings.enabled[detector])
        return (struct verdict){"off", "switched off in the configuration"};
    return (struct verdict){"clear", row->clear[run->options.language]};
}

/* Whether it fires; then *ret is its word. */
static bool detector_ask(struct explanation *run, enum detector detector,
                         const struct judged *judged, struct verdict *ret)
{
    struct finding finding;
    if (!run->settings.enabled[detector] ||
        !detect_one(detector, &judged->transaction, &judged->enrichment, &finding))
        return false;
    bool enough = finding.confidence >= run->settings.floor[detector];
    ret->word = enough ? "alert" : "below_confidence";
    ret->why = summary_of(run, judged, &finding);
    return true;
}

static void verdict_write(struct json *json, enum detector detector, struct verdict verdict)
{
    json_object_begin(json);
    json_pair(json, "slug", detector_rows[detector].slug);
    json_pair(json, "verdict", verdict.word);
    json_pair(json, "why", verdict.why);
    json_object_end(json);
}

static void verdicts_write(struct explanation *run, const struct judged *judged, struct json *json)
{
    struct verdict verdict;
    json_key(json, "detectors");
    json_array_begin(json);
    for (int i = 0; i < DETECTOR_COUNT; i++) {
        if (detector_ask(run, (enum detector)i, judged, &verdict))
            verdict_write(json, (enum detector)i, verdict);
        else
            json_raw(json, run->quiet[i].data, run->quiet[i].len);
    }
    json_array_end(json);
}

static void indicators_write(struct explanation *run, const struct judged *judged,
                             struct json *json)
{
    json_key(json, "indicators");
    json_array_begin(json);
    for (unsigned i = 0; i < judged->enrichment.hit_count; i++) {
        struct alert_indicator indicator;
        evidence_indicator(run->lists.intel, &judged->transaction, &judged->enrichment.hits[i],
                           &indicator);
        json_object_begin(json);
        json_pair(json, "feed", indicator.feed);
        json_pair(json, "entry", indicator.entry);
        json_pair(json, "category", indicator.category);
        json_pair_int(json, "confidence", indicator.confidence);
        json_object_end(json);
    }
    json_array_end(json);
}

static void traits_write(const struct enrichment *enrichment, struct json *json)
{
    if (enrichment->profile)
        json_pair(json, "profile", profile_names[enrichment->profile]);
    if (enrichment->lexical.known) {
        json_key(json, "lexical_score");
        json_decimal(json, lrintf(enrichment->lexical.score * 1e3f), 3);
        json_key(json, "benign_share");
        json_decimal(json, lrintf(enrichment->lexical.benign_share * 1e6f), 6);
    }
    if (enrichment->popularity)
        json_pair_int(json, "popularity", enrichment->popularity);
    json_key(json, "popular");
    json_bool(json, enrichment->popular);
}

static void out_flush(struct explanation *run)
{
    if (run->out.len)
        fwrite(run->out.data, 1, run->out.len, stdout);
    buf_reset(&run->out);
}

static void lookalike_write(const struct lookalike *found, struct json *json)
{
    json_key(json, "lookalike");
    json_object_begin(json);
    json_pair(json, "brand", found->brand);
    json_pair(json, "technique", lookalike_technique_names[found->technique]);
    json_pair(json, "skeleton", found->skeleton);
    json_pair_int(json, "distance", found->distance);
    json_key(json, "signs");
    json_array_begin(json);
    for (unsigned i = 0; i < LOOKALIKE_SIGN_COUNT; i++)
        if (found->signs >> i & 1)
            json_text(json, lookalike_sign_names[i]);
    json_array_end(json);
    json_object_end(json);
}

static void json_write(struct explanation *run, const struct judged *judged, const char *name)
{
    struct json json = json_writer(&run->out);
    json_object_begin(&json);
    json_pair(&json, "name", name);
    if (judged->enrichment.registrable >= 0) {
        char domain[NAME_TEXT_MAX];
        name_to_text(&judged->name, (unsigned)judged->enrichment.registrable, domain);
        json_pair(&json, "registrable_domain", domain);
    }
    json_pair(&json, "suffix_class", suffix_class_names[judged->enrichment.suffix_class]);
    traits_write(&judged->enrichment, &json);
    if (judged->enrichment.lookalike)
        lookalike_write(judged->enrichment.lookalike, &json);
    indicators_write(run, judged, &json);
    verdicts_write(run, judged, &json);
    json_object_end(&json);
    buf_char(&run->out, '\n');
    if (run->out.len >= OUT_BYTES_ENOUGH)
        out_flush(run);
}

static void lookalike_page(struct page *page, const struct lookalike *found)
{
    struct buf line;
    buf_init(&line, LINE_BYTES_MAX);
    buf_printf(&line, "%s %s: %s", lookalike_technique_names[found->technique], found->brand,
               found->skeleton);
    for (unsigned i = 0; i < LOOKALIKE_SIGN_COUNT; i++)
        if (found->signs >> i & 1)
            buf_printf(&line, ", %s", lookalike_sign_names[i]);
    page_pair(page, "lookalike", line.data);
    buf_done(&line);
}

static void traits_page(struct page *page, const struct enrichment *enrichment)
{
    char text[96];
    page_pair(page, "profile", enrichment->profile ? profile_names[enrichment->profile] : "none");
    snprintf(text, sizeof(text), "among the first %u", 1u << enrichment->popularity);
    page_pair(page, "popularity", enrichment->popularity ? text : "unknown");
    page_pair(page, "popular list", enrichment->popular ? "yes" : "no");
    if (!enrichment->lexical.known)
        return;
    snprintf(text, sizeof(text), "score %.2f; %.3g %% of benign names score as high",
             (double)enrichment->lexical.score, 100 * (double)enrichment->lexical.benign_share);
    page_pair(page, "randomness", text);
}

static void page_write(struct explanation *run, const struct judged *judged, const char *name)
{
    const struct enrichment *enrichment = &judged->enrichment;
    char domain[NAME_TEXT_MAX] = "none";
    if (enrichment->registrable >= 0)
        name_to_text(&judged->name, (unsigned)enrichment->registrable, domain);
    page_heading(&run->page, name);
    page_pair(&run->page, "registrable domain", domain);
    page_pair(&run->page, "suffix", suffix_class_names[enrichment->suffix_class]);
    traits_page(&run->page, enrichment);
    if (enrichment->lookalike)
        lookalike_page(&run->page, enrichment->lookalike);
    for (unsigned i = 0; i < enrichment->hit_count; i++) {
        struct alert_indicator indicator;
        char text[ALERT_TEXT_MAX + sizeof(indicator.feed) + 8];
        evidence_indicator(run->lists.intel, &judged->transaction, &enrichment->hits[i],
                           &indicator);
        snprintf(text, sizeof(text), "%s: %s", indicator.feed, indicator.entry);
        page_pair(&run->page, "indicator", text);
    }
    for (int i = 0; i < DETECTOR_COUNT; i++) {
        struct verdict verdict = verdict_quiet(run, (enum detector)i);
        detector_ask(run, (enum detector)i, judged, &verdict);
        struct buf line;
        buf_init(&line, LINE_BYTES_MAX);
        buf_printf(&line, "%s: %s", verdict.word, verdict.why);
        page_pair(&run->page, detector_rows[i].slug, line.data);
        buf_done(&line);
    }
}

static void name_refuse(struct explanation *run, const char *text, size_t len)
{
    out_flush(run);
    log_error("not a domain name: %.*s", (int)(len < 256 ? len : 256), text);
    run->refused = true;
}

static void name_explain(struct explanation *run, struct judged *judged)
{
    char name[NAME_TEXT_MAX];
    name_judge(run, judged);
    name_to_text(&judged->name, 0, name);
    if (run->as_json)
        json_write(run, judged, name);
    else
        page_write(run, judged, name);
}

/* A name on the command line is written as people do, international letters included. */
static void typed_explain(struct explanation *run, const char *text)
{
    struct judged judged;
    struct addr addr;
    size_t len = strlen(text);
    if (addr_parse(text, len, &addr)) {
        out_flush(run);
        log_warning("%s is an address, judged here as a name that somebody asks for; "
                    "`dnsvigil hunt` finds who was answered with it",
                    text);
    }
    if (hostname_read(text, len, &judged.name) == HOSTNAME_OK ||
        name_from_text(&judged.name, text, len))
        name_explain(run, &judged);
    else
        name_refuse(run, text, len);
}

/* Reads the rest of a line that was too long. */
static void line_skip(FILE *file)
{
    int c;
    do
        c = getc(file);
    while (c != EOF && c != '\n');
}

/* A name in a list is written as logs and zone files do: other bytes than ASCII stand for
 * themselves, as they do in tunnels. */
static void line_explain(struct explanation *run, const char *line, size_t len)
{
    struct judged judged;
    if (name_from_text(&judged.name, line, len))
        name_explain(run, &judged);
    else
        name_refuse(run, line, len);
}

static void lines_explain(struct explanation *run, FILE *file)
{
    char line[NAME_LINE_MAX];
    while (fgets_unlocked(line, sizeof(line), file)) {
        size_t len = strlen(line);
        if (len + 1 == sizeof(line) && line[len - 1] != '\n')
            line_skip(file);
        while (len > 0 && strchr(" \t\r\n", line[len - 1]))
            len--;
        if (len > 0)
            line_explain(run, line, len);
    }
}

/* Makes what does not depend on the name. */
static void explanation_prepare(struct explanation *run)
{
    run->now_ns = clock_now_ns();
    run->domain.known = (struct prevalence){
        .first_ns = run->now_ns,
        .last_ns = run->now_ns,
        .queries = QUERIES_MANY,
        .clients = 1,
    };
    detect_settings_from(run->config, &run->settings);
    run->as_json = output_format_for(run->options.format, stdout) == OUTPUT_JSON;
    run->page = page_on(stdout);
    buf_init(&run->text, LINE_BYTES_MAX);
    buf_init(&run->out, OUT_BYTES_MAX);
    for (int i = 0; i < DETECTOR_COUNT; i++) {
        buf_init(&run->quiet[i], LINE_BYTES_MAX);
        struct json json = json_writer(&run->quiet[i]);
        verdict_write(&json, (enum detector)i, verdict_quiet(run, (enum detector)i));
    }
}

static void explanation_finish(struct explanation *run)
{
    out_flush(run);
    for (int i = 0; i < DETECTOR_COUNT; i++)
        buf_done(&run->quiet[i]);
    buf_done(&run->out);
    buf_done(&run->text);
    signatures_done(&run->signatures);
    suffix_cache_free(run->enricher.suffixes);
}

static int explanation_run(struct explanation *run, char **names, int count)
{
    run->enricher = (struct enricher){
        .intel = run->lists.intel,
        .profiles = run->lists.profiles,
        .config = run->config,
        .suffixes = suffix_cache_new(run->lists.suffixes),
        .metrics = &run->metrics,
    };
    if (!run->enricher.suffixes ||
        (run->lists.rule_index && !signatures_init(&run->signatures, run->lists.rule_index,
                                                   run->enricher.suffixes, &run->metrics))) {
        log_error("no memory");
        return CLI_EXIT_FAILED;
    }
    run->signatures.tells_all = true;
    explanation_prepare(run);
    for (int i = 0; i < count; i++) {
        if (strcmp(names[i], "-") == 0)
            lines_explain(run, stdin);
        else
            typed_explain(run, names[i]);
    }
    explanation_finish(run);
    return run->refused ? CLI_EXIT_FAILED : CLI_EXIT_OK;
}

int command_explain(int argc, char **argv)
{
    struct explanation run = {0};
    int first, code;
    if (!options_parse(&table, argc, argv, &run.options, &first, &code))
        return code;
    if (first == argc)
        return options_usage_error(&table, "give a name, or - to read names from standard input");
    code = lists_open(run.options.config, &run.options.feeds, &run.config, &run.lists);
    if (code != CLI_EXIT_OK)
        return code;
    code = explanation_run(&run, argv + first, argc - first);
    lists_done(&run.lists);
    config_free(run.config);
    return code;
}
