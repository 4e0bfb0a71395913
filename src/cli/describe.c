/* describe.c - `dnsvigil describe`: what the program knows of itself, from the tables it runs on
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"
#include "base/json.h"
#include "cli/cli.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/page.h"
#include "cli/suggest.h"
#include "config/config.h"
#include "config/schema.h"
#include "input/log.h"
#include "intel/format.h"

#include <dnsvigil/metrics.h>

#include <string.h>

enum { TEXT_MAX_BYTES = 1 << 20 };

struct describe_options {
    enum output_format format;
    enum language language;
};

/* Appends the text of one cell. */
typedef void (*cell_fn)(unsigned row, enum language language, struct buf *buf);

struct column {
    const char *key; /* in JSON, and the heading of the column */
    cell_fn cell;
    bool detail; /* not in the table: in JSON and where one row is shown */
};

enum { COLUMNS_MAX = 12 };

struct topic {
    const char *name;
    const char *summary;
    unsigned rows;
    struct column columns[COLUMNS_MAX];
};

#define CELL(name)                                                                                 \
    static void cell_##name(unsigned row, enum language language __attribute__((unused)),          \
                            struct buf *buf)
#define CELL_TEXT(name, text)                                                                      \
    CELL(name)                                                                                     \
    {                                                                                              \
        buf_text(buf, text);                                                                       \
    }

/* Detectors. */

CELL_TEXT(detector_slug, detector_rows[row].slug)
CELL_TEXT(detector_type, detector_rows[row].alert_type)
CELL_TEXT(detector_state, detector_rows[row].detect ? "available" : "not yet available")
CELL_TEXT(detector_severity, severity_names[detector_rows[row].severity][language])
CELL_TEXT(detector_strict, severity_names[detector_rows[row].severity_strict][language])
CELL_TEXT(detector_tactic, tactic_names[detector_rows[row].tactic][language])
CELL_TEXT(detector_techniques, detector_rows[row].techniques)
CELL_TEXT(detector_title, detector_rows[row].title[language])
CELL_TEXT(detector_description, detector_rows[row].description[language])
CELL_TEXT(detector_looks_for, detector_rows[row].looks_for[language])

CELL(detector_wants)
{
    static const char *const names[] = {"questions", "answers", "message bytes"};
    for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (detector_rows[row].wants & 1u << i)
            buf_printf(buf, "%s%s", buf->len ? ", " : "", names[i]);
}

/* Reasons. */

CELL_TEXT(reason_slug, reason_rows[row].slug)
CELL_TEXT(reason_detector, detector_rows[reason_rows[row].detector].slug)
CELL_TEXT(reason_summary, reason_rows[row].summary[language])
CELL_TEXT(reason_benign_if, reason_rows[row].benign_if[language])

/* Categories. */

static const struct {
    const char *slug;
    unsigned days;
    const char *text;
} categories[CATEGORY_COUNT] = {
#define CATEGORY(id, slug, days, text) [CATEGORY_##id] = {slug, days, text},
#include <dnsvigil/categories.def>
#undef CATEGORY
};

CELL_TEXT(category_slug, categories[row].slug)
CELL_TEXT(category_text, categories[row].text)

CELL(category_days)
{
    if (categories[row].days)
        buf_printf(buf, "%u days", categories[row].days);
    else
        buf_text(buf, "for ever");
}

/* Formats of lists. */

CELL_TEXT(format_slug, feed_formats[row].slug)
CELL_TEXT(format_title, feed_formats[row].title)
CELL_TEXT(format_text, feed_formats[row].text)

/* Counters. */

static const struct {
    const char *kind;
    const char *slug;
    const char *text;
} counters[] = {
#define METRIC(id, slug, text) {"counter", slug, text},
#include <dnsvigil/metrics.def>
#undef METRIC
#define REJECT(id, slug, text) {"rejected", slug, text},
#include <dnsvigil/reject.def>
#undef REJECT
#define MALFORMED(id, slug, text) {"malformed", slug, text},
#include <dnsvigil/malformed.def>
#undef MALFORMED
};

CELL_TEXT(counter_kind, counters[row].kind)
CELL_TEXT(counter_slug, counters[row].slug)
CELL_TEXT(counter_text, counters[row].text)

/* Exit codes. */

static const struct {
    unsigned number;
    const char *text;
} exit_codes[] = {
#define EXIT_CODE(id, number, text) {number, text},
#include "cli/exit_codes.def"
#undef EXIT_CODE
};

CELL_TEXT(exit_text, exit_codes[row].text)

CELL(exit_number)
{
    buf_printf(buf, "%u", exit_codes[row].number);
}

/* Vocabularies. */

static const struct {
    const char *kind;
    const char *word;
    const char *japanese;
} terms[] = {
#define SEVERITY(id, en, ja) {"severity", en, ja},
#include <dnsvigil/terms.def>
#undef SEVERITY
#define TACTIC(id, en, ja) {"tactic", en, ja},
#include <dnsvigil/terms.def>
#undef TACTIC
#define ALERT_STATUS(id, en, ja) {"status", en, ja},
#include <dnsvigil/terms.def>
#undef ALERT_STATUS
#define DISPOSITION(id, slug, ja) {"disposition", slug, ja},
#include <dnsvigil/terms.def>
#undef DISPOSITION
};

CELL_TEXT(term_kind, terms[row].kind)
CELL_TEXT(term_word, *terms[row].word ? terms[row].word : "none")
CELL_TEXT(term_japanese, terms[row].japanese)

/* Sources. */

static const struct {
    const char *slug;
    const char *title;
    uint8_t lacks; /* enum packet_lacks */
} source_kinds[] = {
    {"capture", "captures (pcap, pcapng), from a file, a pipe or an interface", 0},
    {"dnstap", "dnstap in Frame Streams, from a file or a DNS server", 0},
#define LOG_FORMAT(id, slug, lacks, title) {#slug, title, (lacks) | LACKS_WIRE},
#include "input/log_formats.def"
#undef LOG_FORMAT
};

CELL_TEXT(source_slug, source_kinds[row].slug)
CELL_TEXT(source_title, source_kinds[row].title)

CELL(source_lacks)
{
    static const char *const names[] = {"message bytes", "responses", "response codes",
                                        "answer records", "clients"};
    for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (source_kinds[row].lacks & 1u << i)
            buf_printf(buf, "%s%s", buf->len ? ", " : "", names[i]);
}

/* Detectors that want what the source does not tell: they still judge what it does. */
CELL(source_starves)
{
    unsigned lacks = source_kinds[row].lacks;
    unsigned missed = (lacks & LACKS_WIRE ? WANTS_RAW : 0) |
                      (lacks & (LACKS_RESPONSE | LACKS_ANSWERS) ? WANTS_ANSWERS : 0);
    for (int i = 0; i < DETECTOR_COUNT; i++)
        if (detector_rows[i].wants & missed)
            buf_printf(buf, "%s%s", buf->len ? ", " : "", detector_rows[i].slug);
}

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static const struct topic sources_topic = {
    "sources",
    "the kinds of input, what they do not tell, and which detectors want it",
    COUNT(source_kinds),
    {{"slug", cell_source_slug, false},
     {"lacks", cell_source_lacks, false},
     {"starves", cell_source_starves, false},
     {"title", cell_source_title, true}}};

static const struct topic topics[] = {
    {"detectors",
     "the kinds of alerts, and which of them work today",
     DETECTOR_COUNT,
     {{"slug", cell_detector_slug, false},
      {"state", cell_detector_state, false},
      {"severity", cell_detector_severity, false},
      {"title", cell_detector_title, false},
      {"alert_type", cell_detector_type, true},
      {"severity_strict", cell_detector_strict, true},
      {"tactic", cell_detector_tactic, true},
      {"techniques", cell_detector_techniques, true},
      {"needs", cell_detector_wants, true},
      {"looks_for", cell_detector_looks_for, true},
      {"description", cell_detector_description, true}}},
    {"reasons",
     "why an alert is raised, and what would make it benign",
     REASON_COUNT,
     {{"slug", cell_reason_slug, false},
      {"detector", cell_reason_detector, false},
      {"summary", cell_reason_summary, false},
      {"benign_if", cell_reason_benign_if, true}}},
    {"categories",
     "what an entry of a list can stand for, and how long it counts",
     CATEGORY_COUNT,
     {{"slug", cell_category_slug, false},
      {"valid", cell_category_days, false},
      {"meaning", cell_category_text, false}}},
    {"formats",
     "the formats lists of names and addresses are read in",
     FEED_FORMAT_COUNT,
     {{"slug", cell_format_slug, false},
      {"title", cell_format_title, false},
      {"entries", cell_format_text, false}}},
    {"counters",
     "what `analyze --stats` counts, and why frames and messages are set aside",
     COUNT(counters),
     {{"slug", cell_counter_slug, false},
      {"kind", cell_counter_kind, false},
      {"meaning", cell_counter_text, false}}},
    {"exit-codes",
     "what the program tells its caller",
     COUNT(exit_codes),
     {{"code", cell_exit_number, false}, {"meaning", cell_exit_text, false}}},
    {"terms",
     "the words for severity, tactic, status and disposition",
     COUNT(terms),
     {{"kind", cell_term_kind, false},
      {"word", cell_term_word, false},
      {"japanese", cell_term_japanese, false}}},
};

static const char config_summary[] = "every key of the configuration file";

static const struct option_row rows[] = {
    {"output", 'o', "FORMAT", "table or json (one object a line); default: table", option_format,
     offsetof(struct describe_options, format)},
    OPTION_LANGUAGE(struct describe_options, language),
};

static const struct option_table table = {
    .command = "describe",
    .arguments = "[OPTION]... [TOPIC|DETECTOR]",
    .summary = "Tells what the program knows of itself: detectors, reasons, categories, formats, "
               "counters, exit-codes, terms or config; or everything about one detector. Without a "
               "topic it "
               "lists them.",
    .rows = rows,
    .count = COUNT(rows),
    .notes = "Examples:\n"
             "  dnsvigil describe detectors --lang ja\n"
             "  dnsvigil describe dark_web\n"
             "  dnsvigil describe config",
};

static const char *cell_text(const struct column *column, unsigned row, enum language language,
                             struct buf *cell)
{
    buf_reset(cell);
    column->cell(row, language, cell);
    return cell->len ? cell->data : "";
}

static void row_json(const struct topic *topic, unsigned row, enum language language)
{
    struct buf line, cell;
    struct json json = json_writer(&line);
    buf_init(&line, TEXT_MAX_BYTES);
    buf_init(&cell, TEXT_MAX_BYTES);
    json_object_begin(&json);
    for (const struct column *column = topic->columns; column->key; column++)
        json_pair(&json, column->key, cell_text(column, row, language, &cell));
    json_object_end(&json);
    puts(line.data);
    buf_done(&line);
    buf_done(&cell);
}

static void row_page(const struct topic *topic, unsigned row, enum language language)
{
    struct page page = page_on(stdout);
    struct buf cell;
    buf_init(&cell, TEXT_MAX_BYTES);
    for (const struct column *column = topic->columns; column->key; column++)
        page_pair(&page, column->key, cell_text(column, row, language, &cell));
    buf_done(&cell);
}

/* The width of a column: its longest cell, and two spaces. */
static unsigned column_width(const struct topic *topic, const struct column *column,
                             enum language language, struct buf *cell)
{
    unsigned width = page_text_width(column->key);
    for (unsigned i = 0; i < topic->rows; i++) {
        unsigned used = page_text_width(cell_text(column, i, language, cell));
        width = used > width ? used : width;
    }
    return width + 2;
}

static bool column_is_last(const struct column *column)
{
    return !column[1].key || column[1].detail;
}

static void table_line(const struct page *page, const struct topic *topic, const unsigned *widths,
                       int row, enum language language, struct buf *cell)
{
    unsigned indent = 0;
    for (const struct column *column = topic->columns;; column++) {
        const char *text = row < 0 ? column->key : cell_text(column, (unsigned)row, language, cell);
        if (column_is_last(column)) {
            page_wrap(page, indent, text);
            return;
        }
        unsigned width = widths[column - topic->columns];
        printf("%s%*s", text, (int)(width - page_text_width(text)), "");
        indent += width;
    }
}

static void topic_table(const struct topic *topic, enum language language)
{
    struct page page = page_on(stdout);
    unsigned widths[COLUMNS_MAX];
    struct buf cell;
    buf_init(&cell, TEXT_MAX_BYTES);
    for (unsigned i = 0; i < COLUMNS_MAX && topic->columns[i].key; i++)
        widths[i] = column_width(topic, &topic->columns[i], language, &cell);
    fputs(page.bold, stdout);
    table_line(&page, topic, widths, -1, language, &cell);
    fputs(page.plain, stdout);
    for (unsigned i = 0; i < topic->rows; i++)
        table_line(&page, topic, widths, (int)i, language, &cell);
    buf_done(&cell);
}

static int topic_print(const struct topic *topic, const struct describe_options *options)
{
    if (options->format != OUTPUT_JSON) {
        topic_table(topic, options->language);
        return CLI_EXIT_OK;
    }
    for (unsigned i = 0; i < topic->rows; i++)
        row_json(topic, i, options->language);
    return CLI_EXIT_OK;
}

/* One detector, and the reasons it can give. */
static int detector_print(unsigned detector, const struct describe_options *options)
{
    const struct topic *reasons = &topics[1];
    if (options->format == OUTPUT_JSON) {
        row_json(&topics[0], detector, options->language);
        return CLI_EXIT_OK;
    }
    struct page page = page_on(stdout);
    row_page(&topics[0], detector, options->language);
    for (unsigned i = 0; i < REASON_COUNT; i++) {
        if (reason_rows[i].detector != detector)
            continue;
        putchar('\n');
        page_pair(&page, "reason", reason_rows[i].slug);
        page_pair(&page, reasons->columns[2].key, reason_rows[i].summary[options->language]);
        page_pair(&page, reasons->columns[3].key, reason_rows[i].benign_if[options->language]);
    }
    return CLI_EXIT_OK;
}

static void config_key_json(const struct config_key *key, const char *path)
{
    struct buf line;
    struct json json = json_writer(&line);
    buf_init(&line, TEXT_MAX_BYTES);
    json_object_begin(&json);
    json_pair(&json, "key", path);
    if (key->initial)
        json_pair(&json, "default", key->initial);
    if (key->max) {
        json_pair_int(&json, "min", key->min);
        json_pair_int(&json, "max", key->max);
    }
    json_pair_opt(&json, "unit", key->unit);
    json_key(&json, "restart");
    json_bool(&json, config_needs_restart(path));
    json_pair(&json, "meaning", key->text);
    json_object_end(&json);
    puts(line.data);
    buf_done(&line);
}

/* Detectors are alike: their keys are shown once, under a placeholder. */
static void config_section_json(const struct config_section *section, const char *parent)
{
    uint32_t count = section->placeholder ? 1 : section->key_count;
    for (uint32_t i = 0; i < count; i++) {
        const struct config_key *key = &section->keys[i];
        char path[256];
        snprintf(path, sizeof(path), "%s%s%s%s", parent, *parent ? "." : "",
                 section->placeholder ? section->placeholder : key->name,
                 key->type == CONFIG_SECTION_LIST ? "[]" : "");
        if (key->child)
            config_section_json(key->child, path);
        else
            config_key_json(key, path);
    }
}

static int config_print(const struct describe_options *options)
{
    if (options->format == OUTPUT_JSON) {
        config_section_json(config_schema, "");
        return CLI_EXIT_OK;
    }
    struct buf text;
    buf_init(&text, TEXT_MAX_BYTES);
    config_reference(&text);
    fputs(text.data, stdout);
    buf_done(&text);
    return CLI_EXIT_OK;
}

static int topics_print(void)
{
    struct page page = page_on(stdout);
    for (size_t i = 0; i < COUNT(topics); i++)
        page_pair(&page, topics[i].name, topics[i].summary);
    page_pair(&page, "config", config_summary);
    puts("\n`dnsvigil describe TOPIC` tells more; so does the slug of a detector.");
    return CLI_EXIT_OK;
}

static int topic_unknown(const char *name)
{
    struct suggestion suggestion = suggest_start(name);
    for (size_t i = 0; i < COUNT(topics); i++)
        suggest_offer(&suggestion, topics[i].name);
    for (size_t i = 0; i < DETECTOR_COUNT; i++)
        suggest_offer(&suggestion, detector_rows[i].slug);
    if (suggestion.best)
        return options_usage_error(&table, "there is no topic or detector \"%s\"; did you mean %s?",
                                   name, suggestion.best);
    return options_usage_error(&table, "there is no topic or detector \"%s\"", name);
}

int command_describe(int argc, char **argv)
{
    struct describe_options options = {0};
    int first, code;
    if (!options_parse(&table, argc, argv, &options, &first, &code))
        return code;
    /* `describe detector dark_web` reads well, and means `describe dark_web`. */
    if (first + 1 < argc && strcmp(argv[first], "detector") == 0)
        first++;
    if (first + 1 < argc)
        return options_usage_error(&table, "\"%s\" is too much; give one topic", argv[first + 1]);
    if (first == argc)
        return topics_print();
    for (size_t i = 0; i < COUNT(topics); i++)
        if (strcmp(topics[i].name, argv[first]) == 0)
            return topic_print(&topics[i], &options);
    if (strcmp(argv[first], "config") == 0)
        return config_print(&options);
    int detector = detector_parse(argv[first]);
    return detector < 0 ? topic_unknown(argv[first]) : detector_print((unsigned)detector, &options);
}

static const struct option_table sources_table = {
    .command = "sources",
    .arguments = "[OPTION]...",
    .summary = "Lists the kinds of input that are read, what each of them does not tell, and which "
               "detectors want just that: these judge what they see and may miss the rest. The "
               "first word is what `format` of a log in the configuration is called by.",
    .rows = rows,
    .count = COUNT(rows),
};

int command_sources(int argc, char **argv)
{
    struct describe_options options = {0};
    int first, code;
    if (!options_parse(&sources_table, argc, argv, &options, &first, &code))
        return code;
    if (first < argc)
        return options_usage_error(&sources_table, "it takes no argument");
    return topic_print(&sources_topic, &options);
}
