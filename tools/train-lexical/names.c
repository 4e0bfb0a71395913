/* names.c - the names a model is trained and measured on
 * SPDX-License-Identifier: Apache-2.0 */
#include "names.h"

#include "base/hash.h"

#include <dnsvigil/name.h>

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SLOTS = 1 << 22, LINE_MAX_BYTES = 4096 };

struct reader {
    struct names *names;
    const char *data;
    struct suffix_cache *suffixes;
    EVP_MD_CTX *manifest;
    uint64_t *keys;    /* of registrable domains: an open hash table … */
    uint32_t *numbers; /* … to the sample, or LEFT_OUT */
    uint32_t list;
};

#define LEFT_OUT UINT32_MAX

struct sample *names_add(struct names *names)
{
    if (names->count == names->room) {
        names->room = names->room ? names->room * 2 : 1 << 16;
        names->samples = realloc(names->samples, names->room * sizeof(*names->samples));
        if (!names->samples) {
            perror("train-lexical");
            exit(1);
        }
    }
    struct sample *sample = &names->samples[names->count++];
    memset(sample, 0, sizeof(*sample));
    return sample;
}

int16_t names_family(struct names *names, const char *family)
{
    unsigned i = 0;
    while (i < names->family_count && strcmp(names->families[i], family) != 0)
        i++;
    if (i < names->family_count)
        return (int16_t)i;
    assert(i < FAMILIES_MAX);
    snprintf(names->families[i], FAMILY_MAX, "%s", family);
    names->family_count++;
    return (int16_t)i;
}

/* The slot of a key, or the empty one where it belongs. */
static size_t slot_of(const struct reader *reader, uint64_t key)
{
    size_t slot = key % SLOTS;
    while (reader->keys[slot] && reader->keys[slot] != key)
        slot = (slot + 1) % SLOTS;
    return slot;
}

/* Reads one name; returns the hash of its registrable domain, or 0 when it has none. The hash also
 * tells the fold, so it must not change with how the program hashes names. A generated name keeps
 * its last two labels even where the top-level domain does not exist. */
static uint64_t name_take(const struct reader *reader, const char *text, bool generated,
                          struct sample *ret)
{
    struct dns_name name;
    if (!name_from_text(&name, text, strlen(text)))
        return 0;
    int label = suffix_lookup(reader->suffixes, &name).registrable;
    if (label < 0 && generated && name.labels >= 2)
        label = name.labels - 2;
    if (label < 0)
        return 0;
    size_t len;
    const uint8_t *at = name_label(&name, (unsigned)label, &len);
    unsigned suffix = name.offset[label + 1], suffix_len = name.len - 1u - suffix;
    if (lexical_is_encoded(at, len) || suffix_len > sizeof(ret->suffix))
        return 0;
    memcpy(ret->label, at, len);
    memcpy(ret->suffix, name.wire + suffix, suffix_len);
    ret->len = (uint8_t)len;
    ret->suffix_len = (uint8_t)suffix_len;
    unsigned from = name.offset[label];
    return hash_bytes(name.wire + from, name.len - from, HASH_FIXED_SEED);
}

static void leave_out(struct reader *reader, const char *line)
{
    struct sample sample;
    uint64_t key = name_take(reader, line, false, &sample);
    if (!key)
        return;
    size_t slot = slot_of(reader, key);
    reader->keys[slot] = key;
    reader->numbers[slot] = LEFT_OUT;
}

static void benign_take(struct reader *reader, const char *line)
{
    struct sample sample = {.family = BENIGN};
    uint64_t key = name_take(reader, line, false, &sample);
    if (!key)
        return;
    size_t slot = slot_of(reader, key);
    if (!reader->keys[slot]) {
        assert(reader->names->count < SLOTS / 2);
        reader->keys[slot] = key;
        reader->numbers[slot] = (uint32_t)reader->names->count;
        sample.fold = (uint8_t)((key >> 32) % FOLDS);
        *names_add(reader->names) = sample;
    }
    if (reader->numbers[slot] != LEFT_OUT)
        reader->names->samples[reader->numbers[slot]].lists |= 1u << reader->list;
}

/* Whole families go into one fold, in the order in which they appear. */
static void generated_take(struct reader *reader, const char *line)
{
    char name[LINE_MAX_BYTES];
    struct sample sample = {0};
    size_t len = strcspn(line, "\t");
    if (!line[len])
        return;
    snprintf(name, sizeof(name), "%.*s", (int)len, line);
    if (!name_take(reader, name, true, &sample))
        return;
    sample.family = names_family(reader->names, line + len + 1);
    sample.fold = (uint8_t)(sample.family % FOLDS);
    *names_add(reader->names) = sample;
}

/* Adds what was made of the files: that depends on the Public Suffix List, too. */
static void manifest_add_names(struct reader *reader)
{
    for (size_t i = 0; i < reader->names->count; i++) {
        const struct sample *sample = &reader->names->samples[i];
        EVP_DigestUpdate(reader->manifest, sample->label, sample->len);
        EVP_DigestUpdate(reader->manifest, ".", 1);
        EVP_DigestUpdate(reader->manifest, sample->suffix, sample->suffix_len);
        EVP_DigestUpdate(reader->manifest, &sample->family, sizeof(sample->family));
        EVP_DigestUpdate(reader->manifest, &sample->fold, sizeof(sample->fold));
        EVP_DigestUpdate(reader->manifest, &sample->lists, sizeof(sample->lists));
    }
}

/* Adds the file's name and digest to the manifest. */
static void manifest_add(struct reader *reader, const char *path, EVP_MD_CTX *file)
{
    uint8_t digest[32];
    EVP_DigestFinal_ex(file, digest, NULL);
    EVP_DigestUpdate(reader->manifest, path, strlen(path) + 1);
    EVP_DigestUpdate(reader->manifest, digest, sizeof(digest));
}

/* Hands each line, up to its end or its first byte of `ends`, to `take`. */
static int file_read(struct reader *reader, const char *name, const char *ends,
                     void (*take)(struct reader *reader, const char *line), struct error *error)
{
    char path[PATH_MAX], line[LINE_MAX_BYTES];
    if (snprintf(path, sizeof(path), "%s/%s", reader->data, name) >= (int)sizeof(path))
        return error_set(error, -ENAMETOOLONG, "%s: the path is too long", name);
    FILE *file = fopen(path, "r");
    if (!file)
        return error_set(error, -errno, "%s: %s", path, strerror(errno));
    EVP_MD_CTX *digest = EVP_MD_CTX_new();
    EVP_DigestInit_ex(digest, EVP_sha256(), NULL);
    while (fgets(line, sizeof(line), file)) {
        EVP_DigestUpdate(digest, line, strlen(line));
        line[strcspn(line, ends)] = 0;
        take(reader, line);
    }
    manifest_add(reader, name, digest);
    EVP_MD_CTX_free(digest);
    bool failed = ferror(file);
    fclose(file);
    return failed ? error_set(error, -EIO, "%s: could not be read to its end", path) : 0;
}

static int is_list(const struct dirent *entry)
{
    const char *end = strrchr(entry->d_name, '.');
    return end && strcmp(end, ".txt") == 0;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static int benign_read(struct reader *reader, struct error *error)
{
    char path[PATH_MAX];
    struct dirent **lists;
    snprintf(path, sizeof(path), "%s/benign", reader->data);
    int count = scandir(path, &lists, is_list, by_name), r = 0;
    if (count < 0)
        return error_set(error, -errno, "%s: %s", path, strerror(errno));
    for (int i = 0; i < count; i++) {
        reader->list = (uint32_t)i % 32;
        snprintf(path, sizeof(path), "benign/%s", lists[i]->d_name);
        if (strncmp(lists[i]->d_name, "third_party", strlen("third_party")) == 0)
            reader->names->third_parties |= 1u << reader->list;
        if (r == 0)
            r = file_read(reader, path, "\r\n", benign_take, error);
        free(lists[i]);
    }
    free(lists);
    return r;
}

static int all_read(struct reader *reader, struct error *error)
{
    int r = file_read(reader, "benign/known_bad_overlap.tsv", "\t\r\n", leave_out, error);
    if (r == 0)
        r = benign_read(reader, error);
    reader->names->benign_count = reader->names->count;
    if (r == 0)
        r = file_read(reader, "dga/dga_train.tsv", "\r\n", generated_take, error);
    manifest_add_names(reader);
    EVP_DigestFinal_ex(reader->manifest, reader->names->manifest, NULL);
    return r;
}

int names_read(const char *data, struct names *ret_names, struct error *error)
{
    *ret_names = (struct names){0};
    struct suffix_list *list = suffix_list_new(NULL, error);
    struct reader reader = {
        .names = ret_names,
        .data = data,
        .suffixes = list ? suffix_cache_new(list) : NULL,
        .manifest = EVP_MD_CTX_new(),
        .keys = calloc(SLOTS, sizeof(*reader.keys)),
        .numbers = calloc(SLOTS, sizeof(*reader.numbers)),
    };
    int r = -ENOMEM;
    if (reader.suffixes && reader.manifest && reader.keys && reader.numbers) {
        EVP_DigestInit_ex(reader.manifest, EVP_sha256(), NULL);
        r = all_read(&reader, error);
    }
    suffix_cache_free(reader.suffixes);
    suffix_list_free(list);
    EVP_MD_CTX_free(reader.manifest);
    free(reader.keys);
    free(reader.numbers);
    return r;
}

void names_fold_relatives(struct names *names, unsigned families)
{
    for (size_t i = names->benign_count; i < names->count; i++) {
        struct sample *sample = &names->samples[i];
        if (sample->fold < FOLDS)
            sample->fold = (uint8_t)((unsigned)sample->family * FOLDS / families);
    }
}

void names_done(struct names *names)
{
    free(names->samples);
    *names = (struct names){0};
}
