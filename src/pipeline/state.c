/* state.c - the file in which what the meters know outlives the process
 * SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/state.h"

#include "base/clock.h"
#include "base/fd.h"
#include "base/folder.h"
#include "base/hash.h"

#include <assert.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { STATE_FORMAT = 2 };

/* More than all limits at their default need, times sixteen. */
#define STATE_BYTES_MAX ((size_t)4 << 30)

static const char magic[8] = "DNSVSTA2";

struct head {
    char magic[8];
    uint32_t format;
    uint32_t count;
    uint64_t fitness;
    uint64_t seed;
    int64_t saved_ns;
    uint64_t lens[STATE_PARTS_MAX];
    uint64_t checksum; /* of the head with 0 here, and of all that follows */
};

char *state_path(const struct config *config)
{
    char *path;
    return asprintf(&path, "%s/state.bin", config->state_dir) < 0 ? NULL : path;
}

/* The same for two runs when the tables of one fit into the other. */
static uint64_t fitness_of(const struct config *config, unsigned parts)
{
    const uint64_t limits[] = {
        config->domains.records_max, config->tunnels.records_max, config->tunnels.held_max,
        config->bursts.records_max,  config->alerts.open_max,     config->anomalies.records_max,
        config->epochs.domains_max,  config->epochs.length_s,     parts,
    };
    return hash_bytes(limits, sizeof(limits),
                      hash_bytes(DNSVIGIL_VERSION, strlen(DNSVIGIL_VERSION), HASH_FIXED_SEED));
}

static uint64_t checksum_of(const struct head *head, const struct image *parts)
{
    struct head plain = *head;
    plain.checksum = 0;
    uint64_t sum = hash_bytes(&plain, sizeof(plain), HASH_FIXED_SEED);
    for (uint32_t i = 0; i < head->count; i++)
        sum = hash_bytes(parts[i].at, parts[i].left, sum);
    return sum;
}

/* Opens the file and reads it as a whole. */
static int bytes_read(const char *path, char **ret_bytes, size_t *ret_len, struct error *error)
{
    struct stat info;
    FILE *file = fopen(path, "rbe");
    if (!file)
        return errno == ENOENT ? -ENOENT
                               : error_set(error, -errno, "%s: %s: the meters start empty", path,
                                           strerror(errno));
    int rc = 0;
    char *bytes = NULL;
    if (fstat(fileno(file), &info) < 0 || !S_ISREG(info.st_mode) || (info.st_mode & 077))
        rc = error_set(error, -EPERM,
                       "%s: others than its owner have access to it: the meters start empty", path);
    else if ((size_t)info.st_size > STATE_BYTES_MAX)
        rc = error_set(error, -EFBIG, "%s: too large: the meters start empty", path);
    else if (!(bytes = malloc((size_t)info.st_size + 1)))
        rc = error_set(error, -ENOMEM, "%s: no memory to read it: the meters start empty", path);
    else if (fread(bytes, 1, (size_t)info.st_size, file) != (size_t)info.st_size)
        rc = error_set(error, -EIO, "%s: cannot be read: the meters start empty", path);
    fclose(file);
    if (rc < 0) {
        free(bytes);
        return rc;
    }
    *ret_bytes = bytes;
    *ret_len = (size_t)info.st_size;
    return 0;
}

/* Finds the parts in the bytes; false when the head contradicts the file's length or checksum. */
static bool parts_find(const struct head *head, char *bytes, size_t len, struct state *state)
{
    struct image rest = {bytes + sizeof(*head), len - sizeof(*head)};
    if (memcmp(head->magic, magic, sizeof(magic)) != 0 || head->count > STATE_PARTS_MAX)
        return false;
    for (uint32_t i = 0; i < head->count; i++) {
        if (head->lens[i] > rest.left)
            return false;
        state->parts[i] = (struct image){rest.at, head->lens[i]};
        rest.at += head->lens[i];
        rest.left -= head->lens[i];
    }
    state->count = head->count;
    return rest.left == 0 && checksum_of(head, state->parts) == head->checksum;
}

static int head_check(const char *path, const struct head *head, const struct config *config,
                      unsigned parts, int64_t now_ns, struct error *error)
{
    int64_t age_ns = now_ns - head->saved_ns;
    int64_t age_max_ns = (int64_t)config->state.age_max_hours * 3600 * NS_PER_S;
    if (head->format != STATE_FORMAT || head->fitness != fitness_of(config, parts))
        return error_set(error, -ESTALE,
                         "%s: written by another version or under other limits: the meters start "
                         "empty",
                         path);
    if (age_ns > age_max_ns || age_ns < -age_max_ns)
        return error_set(error, -ESTALE,
                         "%s: written %" PRId64 " s ago, more than state.age_max_hours: the meters "
                         "start empty",
                         path, (int64_t)(age_ns / NS_PER_S));
    return 0;
}

int state_read(const char *path, const struct config *config, unsigned parts, int64_t now_ns,
               struct state *ret_state, struct error *error)
{
    struct head head;
    struct state state = {0};
    size_t len = 0;
    int rc = bytes_read(path, &state.bytes, &len, error);
    if (rc < 0)
        return rc;
    if (len >= sizeof(head))
        memcpy(&head, state.bytes, sizeof(head));
    if (len < sizeof(head) || !parts_find(&head, state.bytes, len, &state))
        rc = error_set(error, -EBADMSG,
                       "%s: damaged: its checksum does not hold: the meters start empty", path);
    else
        rc = head_check(path, &head, config, parts, now_ns, error);
    if (rc < 0) {
        free(state.bytes);
        return rc;
    }
    state.saved_ns = head.saved_ns;
    hash_seed = head.seed;
    *ret_state = state;
    return 0;
}

void state_done(struct state *state)
{
    free(state->bytes);
    *state = (struct state){0};
}

static bool file_write(const char *path, const struct head *head, const struct buf *parts)
{
    unlink(path);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return false;
    bool done = fd_write_all(fd, head, sizeof(*head));
    for (uint32_t i = 0; done && i < head->count; i++)
        done = fd_write_all(fd, parts[i].data, parts[i].len);
    done = done && fsync(fd) == 0;
    int failure = errno;
    close(fd);
    errno = failure;
    return done;
}

int state_write(const char *path, const struct config *config, const struct buf *parts,
                unsigned count, int64_t now_ns, struct error *error)
{
    struct image images[STATE_PARTS_MAX];
    struct head head = {
        .format = STATE_FORMAT,
        .count = count,
        .fitness = fitness_of(config, count),
        .seed = hash_seed,
        .saved_ns = now_ns,
    };
    char new[PATH_MAX];
    assert(count <= STATE_PARTS_MAX);
    memcpy(head.magic, magic, sizeof(magic));
    for (unsigned i = 0; i < count; i++) {
        if (parts[i].overflow)
            return error_set(error, -ENOMEM, "%s: no memory for what the meters know", path);
        images[i] = (struct image){parts[i].data, parts[i].len};
        head.lens[i] = parts[i].len;
    }
    head.checksum = checksum_of(&head, images);
    if (snprintf(new, sizeof(new), "%s.new", path) >= (int)sizeof(new))
        return error_set(error, -ENAMETOOLONG, "%s: the name is too long", path);
    folders_make(path);
    if (file_write(new, &head, parts) && rename(new, path) == 0 && folder_sync(path))
        return 0;
    int rc = error_set(error, -errno, "%s: what the meters know could not be kept: %s", path,
                       strerror(errno));
    unlink(new);
    return rc;
}
