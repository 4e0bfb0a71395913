/* runner.c - scenario: plays stories and says where they end otherwise than told
 * SPDX-License-Identifier: Apache-2.0
 *
 * Usage: scenario SEED_FOLDER STORY... The language is described in README.md beside this file. */
#include "story.h"

#include "base/hash.h"

#include <stdio.h>
#include <string.h>

/* However many shards there are, the alerts are the same bytes in the same order. */
static const unsigned shard_counts[] = {1, 2, 7};

enum { COUNTS = sizeof(shard_counts) / sizeof(*shard_counts) };

static bool same(const struct story *story, const struct outcome *one, const struct outcome *other,
                 unsigned shards)
{
    size_t bytes = one->alert_count * sizeof(*one->alerts);
    if (one->alert_count == other->alert_count &&
        (bytes == 0 || memcmp(one->alerts, other->alerts, bytes) == 0))
        return true;
    fprintf(stderr, "%s: %u shards raise other alerts than %u\n", story->path, shards,
            shard_counts[0]);
    return false;
}

static bool play_all(const struct story *story, const char *seed_dir)
{
    struct outcome outcomes[COUNTS] = {0};
    struct error error = {""};
    bool good = true;
    for (unsigned i = 0; i < COUNTS && good; i++) {
        good = story_play(story, seed_dir, shard_counts[i], &outcomes[i], &error) == 0;
        if (!good)
            fprintf(stderr, "%s\n", error.text);
        good = good && story_judge(story, &outcomes[i]) &&
               same(story, &outcomes[0], &outcomes[i], shard_counts[i]);
    }
    for (unsigned i = 0; i < COUNTS; i++)
        outcome_free(&outcomes[i]);
    return good;
}

static bool run(const char *seed_dir, const char *path)
{
    struct story story;
    struct error error = {""};
    bool good = story_read(path, &story, &error) == 0;
    if (good)
        good = play_all(&story, seed_dir);
    else
        fprintf(stderr, "%s\n", error.text);
    story_free(&story);
    return good;
}

int main(int argc, char **argv)
{
    bool good = argc > 2;
    if (!good)
        fprintf(stderr, "usage: scenario SEED_FOLDER STORY...\n");
    hash_seed_init();
    for (int i = 2; i < argc; i++)
        good &= run(argv[1], argv[i]);
    return good ? 0 : 1;
}
