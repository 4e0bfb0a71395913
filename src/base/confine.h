/* confine.h - takes away from this process what it will not need: system calls, files, network
 * SPDX-License-Identifier: Apache-2.0
 *
 * What the kernel offers is taken (seccomp, Landlock with a kernel of 5.13 or later), and the
 * caller is told what that was. Nothing of it can be undone. Needs no privileges, but
 * prctl(PR_SET_NO_NEW_PRIVS) before. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* What keeps a process in; each holds those before it. */
enum sandbox_level {
    SANDBOX_LIMITS,   /* limits on resources and privileges alone */
    SANDBOX_SECCOMP,  /* and the list of system calls */
    SANDBOX_LANDLOCK, /* and only the files that were named */
    SANDBOX_COUNT,
};

extern const char *const sandbox_names[SANDBOX_COUNT];

/* A file, or a folder with all below it. */
struct confine_path {
    const char *path;
    bool writable; /* also make, rename and remove files there */
};

/* Leaves this thread, and those it starts later, the files named (those that are not there are
 * passed over) and no other, and no new TCP listener or, unless it `connects`, connection. Open
 * files stay usable. False and nothing done where the kernel has no Landlock. */
bool confine_files(const struct confine_path *paths, size_t count, bool connects);

/* Numbers as SCMP_SYS() gives them. */
struct confine_calls {
    const int *allowed;
    size_t allowed_count;
    const int *refused; /* fail with EACCES */
    size_t refused_count;
    bool kills; /* what is in neither list ends the process; otherwise it fails with EPERM */
};

/* Leaves all threads these system calls. False and nothing done where it is not possible. */
bool confine_calls(const struct confine_calls *calls);
