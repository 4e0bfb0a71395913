/* jail.h - runs a function in a child process that can compute and write to one file, and no more
 * SPDX-License-Identifier: Apache-2.0
 *
 * For readers of hostile bytes: whatever goes wrong there costs the caller one refused input. The
 * child has limits on memory and CPU time, no file but the ones it was given, no file system and no
 * network (Landlock), and a short list of system calls (seccomp). Where the kernel knows less, the
 * child goes on with what there is and says so. */
#pragma once

#include "base/confine.h"
#include "base/error.h"

#include <stddef.h>

struct jail_limits {
    size_t memory_bytes; /* beyond what the caller has; not enforced under AddressSanitizer */
    unsigned cpu_s;
    unsigned wall_s;
};

/* Works in the child: reads what `arg` points to (a copy of the caller's memory) and the open files
 * it names, writes its result to `out_fd`. Must not log, flush stdio or start threads. */
typedef void (*jail_fn)(void *arg, int out_fd);

/* Runs `work` and waits. `out_fd` is kept open in the child, and `in_fd` for it to read from (or
 * -1). 0 when `work` came to its end. Otherwise a negative errno with the reason in `error`:
 * -EFAULT it crashed or did what is forbidden, -ETIME it took too long, others: no child could be
 * made. Any thread; the child sees the other threads' memory but not them. */
int jail_run(const struct jail_limits *limits, jail_fn work, void *arg, int in_fd, int out_fd,
             enum sandbox_level *ret_level, struct error *error);
