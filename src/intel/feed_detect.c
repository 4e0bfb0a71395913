/* feed_detect.c - tells what format a list is in from its content
 * SPDX-License-Identifier: Apache-2.0 */
#include "intel/feed.h"
#include "intel/feed_json.h"

enum {
    DETECT_LINES = 64, /* that say something are looked at */
    DETECT_SHARE = 4,  /* one in so many must be in some format */
};

/* In the order in which a line is tried: where one could be in two formats, the rarer look wins. */
static const struct {
    enum feed_format format;
    bool (*like)(struct slice line);
} looks[] = {
    {FEED_SEED, feed_seed_like},         {FEED_HOSTS, feed_hosts_like},
    {FEED_DNSMASQ, feed_dnsmasq_like},   {FEED_UNBOUND, feed_unbound_like},
    {FEED_SURICATA, feed_suricata_like}, {FEED_URL, feed_url_like},
    {FEED_PLAIN, feed_plain_like},       {FEED_RPZ, feed_rpz_like},
    {FEED_TSV, feed_tsv_like},           {FEED_CSV, feed_csv_like},
};

static enum feed_format line_format(struct slice line)
{
    for (size_t i = 0; i < sizeof(looks) / sizeof(*looks); i++)
        if (looks[i].like(line))
            return looks[i].format;
    return FEED_AUTO;
}

static enum feed_format most_voted(const unsigned votes[static FEED_FORMAT_COUNT])
{
    enum feed_format best = FEED_PLAIN;
    for (enum feed_format format = FEED_PLAIN; format < FEED_FORMAT_COUNT; format++)
        if (votes[format] > votes[best])
            best = format;
    /* A plain list may have URLs, too; a list of URLs has nothing else. */
    return best == FEED_URL && votes[FEED_PLAIN] ? FEED_PLAIN : best;
}

static enum feed_format lines_detect(const char *data, size_t len)
{
    unsigned votes[FEED_FORMAT_COUNT] = {0};
    unsigned lines = 0;
    struct slice line;
    for (const char *at = data; lines < DETECT_LINES && feed_next_line(&at, data + len, &line);) {
        line = slice_trim(line);
        if (line.len > FEED_LINE_MAX || feed_is_silent(line))
            continue;
        votes[line_format(line)]++;
        lines++;
    }
    return votes[FEED_AUTO] * DETECT_SHARE > lines * (DETECT_SHARE - 1) ? FEED_AUTO
                                                                        : most_voted(votes);
}

/* JSON begins with a brace, or a bracket and what an array holds; "[Adblock Plus]" does not. */
static bool is_json(const char *data, size_t len)
{
    const char *end = data + len;
    bool array = data < end && *data == '[';
    if (array)
        data++;
    while (array && data < end && strchr(" \t\r\n", *data))
        data++;
    return data < end && (*data == '{' || (array && strchr("[]\"", *data)));
}

enum feed_format feed_detect(const char *data, size_t len)
{
    while (len && strchr(" \t\r\n", *data)) {
        data++;
        len--;
    }
    return is_json(data, len) ? feed_json_detect(data, len) : lines_detect(data, len);
}
