/* main.c - dnsvigil-generate writes DNS traffic for benchmarks and demonstrations
 * SPDX-License-Identifier: Apache-2.0 */
#include "capture_write.h"
#include "indicators.h"
#include "mix.h"
#include "names.h"
#include "rules.h"
#include "story.h"

#include "base/clock.h"

#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct options {
    const char *out;
    const char *indicators_out;
    const char *rules_out;
    uint32_t rules;
    double hit_rate;
    bool pcapng;
    bool story;
    struct mix_options mix;
};

static const char usage_head[] =
    "usage: dnsvigil-generate --out FILE [option...]\n"
    "Writes a capture of made-up DNS traffic; the same options give the same bytes.\n"
    "\n"
    "  --out FILE              where the capture goes, - for standard output\n"
    "  --pcapng                write pcapng instead of pcap\n"
    "  --story office          the sample capture; of the other options only --pcapng counts\n"
    "  --packets N             packets to write (1000000)\n"
    "  --clients N             clients that ask (10000)\n"
    "  --names N               benign host names, asked for by Zipf's law (1000000)\n"
    "  --rate N                packets a second of event time (1000)\n"
    "  --seed N                another seed gives other traffic of the same kind (1)\n"
    "  --indicators N          entries of the indicator list (0)\n"
    "  --indicators-out FILE   write that list, one domain a line\n"
    "  --rules N               signature rules about the same domains (10000)\n"
    "  --rules-out FILE        write those rules\n"
    "  --hit-rate SHARE        share of the look-ups that ask for a listed name (0.001)\n"
    "  --mix KIND=PARTS,...    how many of 100,000 events are of a kind; what is left is benign\n";

static int usage(FILE *to)
{
    fputs(usage_head, to);
    for (unsigned i = MIX_LISTED + 1; i < MIX_COUNT; i++)
        fprintf(to, "        %-10s %5u  %s\n", mix_rows[i].slug, mix_rows[i].parts,
                mix_rows[i].text);
    return to == stdout ? 0 : 2;
}

/* A whole number from `min` to `max`; ends the program with a message when it is not. */
static uint64_t number(const char *option, const char *text, uint64_t min, uint64_t max)
{
    char *end;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (*text >= '0' && *text <= '9' && !*end && !errno && value >= min && value <= max)
        return value;
    fprintf(stderr, "dnsvigil-generate: %s %s: give a whole number from %llu to %llu\n", option,
            text, (unsigned long long)min, (unsigned long long)max);
    exit(2);
}

static double share(const char *text)
{
    char *end;
    double value = strtod(text, &end);
    if (end != text && !*end && value >= 0 && value <= 1)
        return value;
    fprintf(stderr, "dnsvigil-generate: --hit-rate %s: give a share from 0 to 1\n", text);
    exit(2);
}

static void parse_part(uint32_t parts[MIX_COUNT], char *item)
{
    char *value = strchr(item, '=');
    if (value)
        *value++ = 0;
    for (unsigned i = MIX_LISTED + 1; value && i < MIX_COUNT; i++)
        if (strcmp(item, mix_rows[i].slug) == 0) {
            parts[i] = (uint32_t)number("--mix", value, 0, MIX_PARTS);
            return;
        }
    fprintf(stderr, "dnsvigil-generate: --mix %s: give KIND=PARTS; --help lists the kinds\n", item);
    exit(2);
}

static void parse_mix(uint32_t parts[MIX_COUNT], char *text)
{
    for (char *item; (item = strsep(&text, ","));)
        parse_part(parts, item);
}

enum option_code {
    OPTION_OUT = 256,
    OPTION_PCAPNG,
    OPTION_STORY,
    OPTION_PACKETS,
    OPTION_CLIENTS,
    OPTION_NAMES,
    OPTION_RATE,
    OPTION_SEED,
    OPTION_INDICATORS,
    OPTION_INDICATORS_OUT,
    OPTION_RULES,
    OPTION_RULES_OUT,
    OPTION_HIT_RATE,
    OPTION_MIX,
    OPTION_HELP,
};

static const struct option long_options[] = {
    {"out", required_argument, NULL, OPTION_OUT},
    {"pcapng", no_argument, NULL, OPTION_PCAPNG},
    {"story", required_argument, NULL, OPTION_STORY},
    {"packets", required_argument, NULL, OPTION_PACKETS},
    {"clients", required_argument, NULL, OPTION_CLIENTS},
    {"names", required_argument, NULL, OPTION_NAMES},
    {"rate", required_argument, NULL, OPTION_RATE},
    {"seed", required_argument, NULL, OPTION_SEED},
    {"indicators", required_argument, NULL, OPTION_INDICATORS},
    {"indicators-out", required_argument, NULL, OPTION_INDICATORS_OUT},
    {"rules", required_argument, NULL, OPTION_RULES},
    {"rules-out", required_argument, NULL, OPTION_RULES_OUT},
    {"hit-rate", required_argument, NULL, OPTION_HIT_RATE},
    {"mix", required_argument, NULL, OPTION_MIX},
    {"help", no_argument, NULL, OPTION_HELP},
    {0},
};

static void parse_story(struct options *options, const char *name)
{
    if (strcmp(name, "office") != 0) {
        fprintf(stderr, "dnsvigil-generate: --story %s: there is only the story office\n", name);
        exit(2);
    }
    options->story = true;
}

static void parse_option(struct options *options, int option)
{
    struct mix_options *mix = &options->mix;
    switch (option) {
    case OPTION_OUT: options->out = optarg; break;
    case OPTION_PCAPNG: options->pcapng = true; break;
    case OPTION_STORY: parse_story(options, optarg); break;
    case OPTION_PACKETS: mix->packets = number("--packets", optarg, 1, 1ull << 40); break;
    case OPTION_CLIENTS: mix->clients = (uint32_t)number("--clients", optarg, 1, 1 << 24); break;
    case OPTION_NAMES: mix->names = (uint32_t)number("--names", optarg, 1, NAMES_BENIGN_MAX); break;
    case OPTION_RATE: mix->rate = (uint32_t)number("--rate", optarg, 1, NS_PER_S); break;
    case OPTION_SEED: mix->seed = number("--seed", optarg, 0, UINT64_MAX); break;
    case OPTION_INDICATORS:
        mix->indicators = (uint32_t)number("--indicators", optarg, 0, NAMES_INDICATOR_MAX / 2);
        break;
    case OPTION_INDICATORS_OUT: options->indicators_out = optarg; break;
    case OPTION_RULES:
        options->rules = (uint32_t)number("--rules", optarg, 0, NAMES_INDICATOR_MAX / 2);
        break;
    case OPTION_RULES_OUT: options->rules_out = optarg; break;
    case OPTION_HIT_RATE: options->hit_rate = share(optarg); break;
    case OPTION_MIX: parse_mix(mix->parts, optarg); break;
    case OPTION_HELP: exit(usage(stdout));
    default: exit(usage(stderr));
    }
}

static void options_default(struct options *options)
{
    *options = (struct options){
        .hit_rate = 0.001,
        .rules = 10000,
        .mix =
            {
                .seed = 1,
                .packets = 1000000,
                .clients = 10000,
                .names = 1000000,
                .rate = 1000,
                .start_ns = 1767254400 * NS_PER_S, /* 2026-01-01T08:00:00Z */
            },
    };
    for (unsigned i = 0; i < MIX_COUNT; i++)
        options->mix.parts[i] = mix_rows[i].parts;
}

static void options_parse(struct options *options, int argc, char **argv)
{
    options_default(options);
    for (int option; (option = getopt_long(argc, argv, "", long_options, NULL)) != -1;)
        parse_option(options, option);
    if (!options->out || optind < argc)
        exit(usage(stderr));
    if (options->mix.indicators)
        options->mix.parts[MIX_LISTED] = (uint32_t)lround(options->hit_rate * MIX_PARTS);
}

static int generate(const struct options *options, struct error *error)
{
    if (options->indicators_out) {
        int r = indicators_write(options->indicators_out, options->mix.indicators, error);
        if (r < 0)
            return r;
    }
    int r = options->rules_out ? rules_write(options->rules_out, options->rules, error) : 0;
    if (r < 0)
        return r;
    struct capture_writer writer;
    r = capture_writer_open(&writer, options->out, options->pcapng, error);
    if (r < 0)
        return r;
    if (options->story)
        story_write(&writer);
    else
        mix_write(&options->mix, &writer);
    fprintf(stderr, "%llu packets, %.1f bytes on average\n", (unsigned long long)writer.frames,
            (double)writer.bytes / (double)writer.frames);
    return capture_writer_close(&writer, error);
}

int main(int argc, char **argv)
{
    struct options options;
    struct error error;
    options_parse(&options, argc, argv);
    if (generate(&options, &error) == 0)
        return 0;
    fprintf(stderr, "dnsvigil-generate: %s\n", error.text);
    return 1;
}
