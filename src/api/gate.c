/* gate.c - slows down who guesses passwords, and lets the first administrator in
 * SPDX-License-Identifier: Apache-2.0 */
#include "api/gate.h"

#include "base/fd.h"
#include "base/folder.h"
#include "base/hash.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { ENTRIES = 8192, FREE_FAILURES = 4, FORGIVEN_S = 3600, NAME_MAX_S = 60, ADDRESS_MAX_S = 900 };

struct failures {
    uint32_t count;
    uint32_t last_s;
    uint32_t until_s;
};

static uint32_t now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint32_t)now.tv_sec;
}

bool gate_init(struct gate *gate)
{
    memset(gate, 0, sizeof(*gate));
    pthread_mutex_init(&gate->lock, NULL);
    return table_init(&gate->failures, ENTRIES, sizeof(struct failures));
}

void gate_done(struct gate *gate)
{
    table_done(&gate->failures);
    pthread_mutex_destroy(&gate->lock);
}

static uint64_t key_of(char kind, const char *text)
{
    return hash_bytes(text, strlen(text), hash_seed ^ (uint64_t)kind);
}

static unsigned wait_of(struct gate *gate, uint64_t key)
{
    const struct failures *failures = table_find(&gate->failures, key);
    uint32_t now = now_s();
    return failures && failures->until_s > now ? failures->until_s - now : 0;
}

unsigned gate_wait_s(struct gate *gate, const char *name, const char *address)
{
    pthread_mutex_lock(&gate->lock);
    unsigned by_name = wait_of(gate, key_of('n', name));
    unsigned by_address = wait_of(gate, key_of('a', address));
    pthread_mutex_unlock(&gate->lock);
    return by_name > by_address ? by_name : by_address;
}

static void failure_note(struct gate *gate, uint64_t key, uint32_t max_s)
{
    bool new;
    uint32_t now = now_s();
    struct failures *failures = table_touch(&gate->failures, key, now, &new);
    if (now - failures->last_s > FORGIVEN_S)
        failures->count = 0;
    failures->count++;
    failures->last_s = now;
    if (failures->count <= FREE_FAILURES)
        return;
    uint32_t steps = failures->count - FREE_FAILURES;
    uint32_t s = steps < 16 ? 1u << steps : max_s;
    failures->until_s = now + (s < max_s ? s : max_s);
}

void gate_failed(struct gate *gate, const char *name, const char *address)
{
    pthread_mutex_lock(&gate->lock);
    failure_note(gate, key_of('n', name), NAME_MAX_S);
    failure_note(gate, key_of('a', address), ADDRESS_MAX_S);
    pthread_mutex_unlock(&gate->lock);
}

/* Not for the address: who knows one password may still be guessing others. */
void gate_passed(struct gate *gate, const char *name)
{
    pthread_mutex_lock(&gate->lock);
    struct failures *failures = table_find(&gate->failures, key_of('n', name));
    if (failures)
        failures->count = 0;
    pthread_mutex_unlock(&gate->lock);
}

int gate_setup_offer(struct gate *gate, const char *state_dir, struct error *error)
{
    char code[SECRET_TEXT_MAX];
    if (snprintf(gate->path, sizeof(gate->path), "%s/setup-code", state_dir) >=
        (int)sizeof(gate->path))
        return error_set(error, -ENAMETOOLONG, "state_dir: the path is too long");
    folders_make(gate->path);
    unlink(gate->path); /* whoever may have made it before: ours is for nobody else to open */
    int fd = open(gate->path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return error_set(error, -errno, "%s: %s", gate->path, strerror(errno));
    secret_make("", code);
    bool written = fd_write_all(fd, code, strlen(code)) && fd_write_all(fd, "\n", 1);
    close(fd);
    if (!written)
        return error_set(error, -EIO, "%s: the setup code cannot be written", gate->path);
    pthread_mutex_lock(&gate->lock);
    memcpy(gate->code, code, sizeof(gate->code));
    pthread_mutex_unlock(&gate->lock);
    return 0;
}

bool gate_setup_waits(struct gate *gate)
{
    pthread_mutex_lock(&gate->lock);
    bool waits = gate->code[0] != 0;
    pthread_mutex_unlock(&gate->lock);
    return waits;
}

bool gate_setup_fits(struct gate *gate, const char *code)
{
    pthread_mutex_lock(&gate->lock);
    bool fits = gate->code[0] && secret_equal(gate->code, code);
    pthread_mutex_unlock(&gate->lock);
    return fits;
}

void gate_setup_end(struct gate *gate)
{
    pthread_mutex_lock(&gate->lock);
    if (gate->code[0])
        unlink(gate->path);
    memset(gate->code, 0, sizeof(gate->code));
    pthread_mutex_unlock(&gate->lock);
}
