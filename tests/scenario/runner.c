/* runner.c - scenario: plays stories and says where they end otherwise than told
 * SPDX-License-Identifier: Apache-2.0
 *
 * Usage: scenario SEED_FOLDER STORY... The language is described in README.md beside this file. */
#include "story.h"

#include "base/hash.h"

#include <stdio.h>

static bool run(const char *seed_dir, const char *path)
{
    struct story story;
    struct outcome outcome = {0};
    struct error error = {""};
    bool good = false;
    int rc = story_read(path, &story, &error);
    if (rc == 0)
        rc = story_play(&story, seed_dir, &outcome, &error);
    if (rc == 0)
        good = story_judge(&story, &outcome);
    else
        fprintf(stderr, "%s\n", error.text);
    outcome_free(&outcome);
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
