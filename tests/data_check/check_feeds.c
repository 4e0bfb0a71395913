/* check_feeds.c - reads real lists in their own formats and compares what came of them with floors
 * SPDX-License-Identifier: Apache-2.0
 *
 * DNSVIGIL_DATA names a folder with intel/. Exit 77 (skipped) without it. Each file whose path fits
 * a row must be told to be in the row's format and give at least so many entries; with a floor of
 * none it may also be in no format. What no row knows is only read. One line is printed for each
 * file. */
#include "intel/builder.h"

#include <fnmatch.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>

enum { SKIPPED = 77, PATH_MAX_BYTES = 4096, OPEN_FOLDERS = 8 };

/* Shares are of lines or entries that say something: added and repeated ones of these and refused
 * ones. Set a little below what was measured; what is refused there deserves it: names of popular
 * sites, shared hosting, hashes, files. */
static const struct {
    const char *pattern;
    enum feed_format format;
    unsigned added_min;
    double share_min;
} rows[] = {
    {"anonymity/*.txt", FEED_PLAIN, 0, 0},
    {"et_domains/malicious.txt", FEED_PLAIN, 1500, 0.8},
    {"maltrail/*.txt", FEED_PLAIN, 0, 0},
    {"mining_ndpi/mining_hosts.txt", FEED_TSV, 100, 0.9},
    {"mining_nocoin/hosts.txt", FEED_HOSTS, 100, 0.9},
    {"mining_nocoin/nocoin.txt", FEED_PLAIN, 50, 0.1},
    {"misp_eset/*.json", FEED_MISP, 0, 0},
    {"misp_warninglists/*.json", FEED_MISP_WARNINGLIST, 0, 0},
    {"phishing_database/*.adblock", FEED_PLAIN, 8000, 0.7},
    {"phishing_database/*.txt", FEED_PLAIN, 15000, 0.8},
    {"phishing_openphish/*.tsv", FEED_TSV, 40000, 0.8},
    {"stix2_amnesty/*.stix2", FEED_STIX, 1000, 0.8},
    {"stix2_amnesty/*.txt", FEED_PLAIN, 1, 0.8},
    {"threatfox_bench/*.tsv", FEED_TSV, 40000, 0.8},
    {"urlhaus_2021_all_formats/*-rpz*.conf", FEED_RPZ, 800, 0.8},
    {"urlhaus_2021_all_formats/*-dnsmasq*.conf", FEED_DNSMASQ, 800, 0.8},
    {"urlhaus_2021_all_formats/*-unbound*.conf", FEED_UNBOUND, 800, 0.8},
    {"urlhaus_2021_all_formats/*-hosts*.txt", FEED_HOSTS, 800, 0.8},
    {"urlhaus_2021_all_formats/*.txt", FEED_PLAIN, 800, 0.8},
    {"urlhaus_2021_all_formats/*.rules", FEED_AUTO, 0, 0},
    {"et_open_2024/*.rules", FEED_AUTO, 0, 0},
    {"nids_rule_queries.tsv", FEED_TSV, 4000, 0.9},
};

static struct suffix_list *suffixes;
static const char *root;
static unsigned files, failures;

static void line_print(const char *path, const struct feed_report *report, const char *failure)
{
    printf("%s: %s: %u added, %u repeated, %u refused of %u", path,
           feed_formats[report->format].slug, report->added, report->duplicates, report->refused,
           report->lines);
    for (unsigned i = 0; i < REFUSAL_COUNT; i++)
        if (report->refused_by[i])
            printf(", %s %u", refusal_slugs[i], report->refused_by[i]);
    printf("%s%s\n", failure ? ": " : "", failure ? failure : "");
}

static void complain(const char *path, const char *what)
{
    printf("FAILED %s: %s\n", path, what);
    failures++;
}

static void row_check(size_t row, const char *path, const struct feed_report *report)
{
    unsigned used = report->added + report->duplicates;
    unsigned said = used + report->refused;
    bool told = report->format != FEED_AUTO || rows[row].added_min;
    bool urls = report->format == FEED_URL && rows[row].format == FEED_PLAIN;
    if (told && !urls && report->format != rows[row].format)
        complain(path, "is in another format");
    if (report->added < rows[row].added_min)
        complain(path, "gave too few entries");
    if (used < rows[row].share_min * said)
        complain(path, "gave too small a share of its entries");
}

static void file_check(const char *path, const char *name)
{
    struct feed_config config = {
        .name = name, .path = path, .category = CATEGORY_MALWARE, .confidence = 50};
    struct feed_report report;
    struct error error = {{0}};
    struct intel_builder *builder = intel_builder_new(suffixes);
    if (!builder) {
        complain(name, "no memory");
        return;
    }
    int code = intel_builder_add_feed(builder, &config, &report, &error);
    line_print(name, &report, code ? error.text : NULL);
    size_t row = 0;
    while (row < sizeof(rows) / sizeof(*rows) && fnmatch(rows[row].pattern, name, 0) != 0)
        row++;
    if (row < sizeof(rows) / sizeof(*rows))
        row_check(row, name, &report);
    files++;
    intel_builder_free(builder);
}

static int visit(const char *path, const struct stat *info, int kind, struct FTW *place)
{
    (void)info;
    (void)place;
    if (kind == FTW_F)
        file_check(path, path + strlen(root) + 1);
    return 0;
}

int main(void)
{
    char folder[PATH_MAX_BYTES];
    struct error warning;
    const char *data = getenv("DNSVIGIL_DATA");
    if (!data) {
        puts("skipped: DNSVIGIL_DATA does not name a folder with real data");
        return SKIPPED;
    }
    snprintf(folder, sizeof(folder), "%s/intel", data);
    root = folder;
    suffixes = suffix_list_new(NULL, &warning);
    if (!suffixes || nftw(folder, visit, OPEN_FOLDERS, FTW_PHYS) != 0)
        complain(folder, "cannot be read");
    suffix_list_free(suffixes);
    printf("%u files, %u failures\n", files, failures);
    return failures || files == 0;
}
