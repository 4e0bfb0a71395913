/* confine.c - takes away from this process what it will not need
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Landlock's interface (linux/landlock.h), for systems whose headers are older than their kernel.
 */
enum {
    LANDLOCK_CREATE = 444, /* the same numbers on every architecture */
    LANDLOCK_ADD_RULE = 445,
    LANDLOCK_RESTRICT = 446,
    LANDLOCK_ASK_VERSION = 1,
    LANDLOCK_BENEATH = 1, /* the kind of rule that is about files */
};

enum landlock_file {
    FILE_WRITE = 1 << 1,
    FILE_READ = 1 << 2,
    FOLDER_READ = 1 << 3,
    FOLDER_REMOVE = 1 << 4,
    FILE_REMOVE = 1 << 5,
    FOLDER_MAKE = 1 << 7,
    FILE_MAKE = 1 << 8,
    SOCKET_MAKE = 1 << 9,
    FILE_REFER = 1 << 13,
    FILE_TRUNCATE = 1 << 14,
};

static const uint64_t reading = FILE_READ | FOLDER_READ;
static const uint64_t writing = FILE_WRITE | FOLDER_REMOVE | FILE_REMOVE | FOLDER_MAKE | FILE_MAKE |
                                SOCKET_MAKE | FILE_REFER | FILE_TRUNCATE;
static const uint64_t file_only =
    FILE_WRITE | FILE_READ | FILE_TRUNCATE; /* makes sense of a file */

enum landlock_network {
    NETWORK_BIND = 1 << 0,
    NETWORK_CONNECT = 1 << 1,
};

struct landlock_rules {
    uint64_t files;   /* what is governed, and so forbidden without a rule that allows it */
    uint64_t network; /* from version 4 */
};

struct landlock_path {
    uint64_t allowed;
    int32_t fd;
} __attribute__((packed));

const char *const sandbox_names[SANDBOX_COUNT] = {
    [SANDBOX_LIMITS] = "limits",
    [SANDBOX_SECCOMP] = "seccomp",
    [SANDBOX_LANDLOCK] = "seccomp+landlock",
};

static bool path_allow(int rules_fd, uint64_t governed, const struct confine_path *path)
{
    struct stat info;
    struct landlock_path rule = {.allowed = reading | (path->writable ? writing : 0)};
    rule.fd = open(path->path, O_PATH | O_CLOEXEC);
    if (rule.fd < 0)
        return true;
    bool known = fstat(rule.fd, &info) == 0;
    if (known && !S_ISDIR(info.st_mode))
        rule.allowed &= file_only;
    rule.allowed &= governed;
    bool added = known && syscall(LANDLOCK_ADD_RULE, rules_fd, LANDLOCK_BENEATH, &rule, 0) == 0;
    close(rule.fd);
    return added;
}

bool confine_files(const struct confine_path *paths, size_t count, bool connects)
{
    /* Bits of `files` by version: 1 has 13 of them, 2 adds one, 3 another, 5 one more. */
    static const uint64_t files[] = {0, 0x1fff, 0x3fff, 0x7fff, 0x7fff, 0xffff};
    long version = syscall(LANDLOCK_CREATE, NULL, 0, LANDLOCK_ASK_VERSION);
    if (version < 1)
        return false;
    struct landlock_rules rules = {.files = files[version > 5 ? 5 : version],
                                   .network = NETWORK_BIND | (connects ? 0 : NETWORK_CONNECT)};
    size_t bytes = version < 4 ? sizeof(rules.files) : sizeof(rules);
    int fd = (int)syscall(LANDLOCK_CREATE, &rules, bytes, 0);
    if (fd < 0)
        return false;
    bool done = true;
    for (size_t i = 0; i < count && done; i++)
        done = path_allow(fd, rules.files, &paths[i]);
    done = done && syscall(LANDLOCK_RESTRICT, fd, 0) == 0;
    close(fd);
    return done;
}

static bool calls_add(scmp_filter_ctx filter, uint32_t action, const int *calls, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (seccomp_rule_add(filter, action, calls[i], 0) != 0)
            return false;
    return true;
}

bool confine_calls(const struct confine_calls *calls)
{
    scmp_filter_ctx filter =
        seccomp_init(calls->kills ? SCMP_ACT_KILL_PROCESS : SCMP_ACT_ERRNO(EPERM));
    if (!filter)
        return false;
    bool loaded = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1) == 0 &&
                  calls_add(filter, SCMP_ACT_ALLOW, calls->allowed, calls->allowed_count) &&
                  calls_add(filter, SCMP_ACT_ERRNO(EACCES), calls->refused, calls->refused_count) &&
                  seccomp_load(filter) == 0;
    seccomp_release(filter);
    return loaded;
}
