/* sandbox.c - the running program gives up what it will not need any more
 * SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/sandbox.h"

#include "base/folder.h"
#include "base/log.h"

#include <cap-ng.h>
#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <seccomp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

enum { PATHS_MAX = 1024 };

/* What may be read on any system: users and time zones, shared data, the counters of interfaces and
 * our own memory. */
static const char *const system_paths[] = {
    "/etc",         "/usr/share", DNSVIGIL_DATA_DIR, "/sys/class/net",
    "/sys/devices", "/proc/self", "/dev/null",       "/dev/urandom",
};

struct allowed {
    struct confine_path paths[PATHS_MAX];
    char folders[PATHS_MAX][PATH_MAX];
    size_t count;
};

/* Linked libraries make all of these; what opens sockets or starts programs is not among them. */
static const int calls[] = {
    /* files */
    SCMP_SYS(read),
    SCMP_SYS(write),
    SCMP_SYS(readv),
    SCMP_SYS(writev),
    SCMP_SYS(pread64),
    SCMP_SYS(pwrite64),
    SCMP_SYS(open),
    SCMP_SYS(openat),
    SCMP_SYS(close),
    SCMP_SYS(stat),
    SCMP_SYS(fstat),
    SCMP_SYS(lstat),
    SCMP_SYS(newfstatat),
    SCMP_SYS(statx),
    SCMP_SYS(statfs),
    SCMP_SYS(fstatfs),
    SCMP_SYS(access),
    SCMP_SYS(faccessat),
    SCMP_SYS(faccessat2),
    SCMP_SYS(lseek),
    SCMP_SYS(getdents64),
    SCMP_SYS(readlink),
    SCMP_SYS(readlinkat),
    SCMP_SYS(getcwd),
    SCMP_SYS(fcntl),
    SCMP_SYS(flock),
    SCMP_SYS(fsync),
    SCMP_SYS(fdatasync),
    SCMP_SYS(sync_file_range),
    SCMP_SYS(ftruncate),
    SCMP_SYS(fallocate),
    SCMP_SYS(fadvise64),
    SCMP_SYS(rename),
    SCMP_SYS(renameat),
    SCMP_SYS(renameat2),
    SCMP_SYS(unlink),
    SCMP_SYS(unlinkat),
    SCMP_SYS(rmdir),
    SCMP_SYS(mkdir),
    SCMP_SYS(mkdirat),
    SCMP_SYS(umask),
    SCMP_SYS(chmod),
    SCMP_SYS(fchmod),
    SCMP_SYS(fchmodat),
    SCMP_SYS(utimensat),
    SCMP_SYS(inotify_init1),
    SCMP_SYS(inotify_add_watch),
    SCMP_SYS(inotify_rm_watch),
    SCMP_SYS(dup),
    SCMP_SYS(dup2),
    SCMP_SYS(dup3),
    SCMP_SYS(pipe2),
    SCMP_SYS(memfd_create),
    SCMP_SYS(ioctl), /* an interface's index, a terminal's width */
    /* waiting */
    SCMP_SYS(poll),
    SCMP_SYS(ppoll),
    SCMP_SYS(select),
    SCMP_SYS(pselect6),
    SCMP_SYS(epoll_create1),
    SCMP_SYS(epoll_ctl),
    SCMP_SYS(epoll_wait),
    SCMP_SYS(epoll_pwait),
    SCMP_SYS(epoll_pwait2),
    SCMP_SYS(eventfd2),
    SCMP_SYS(timerfd_create),
    SCMP_SYS(timerfd_settime),
    SCMP_SYS(timerfd_gettime),
    SCMP_SYS(signalfd4),
    SCMP_SYS(nanosleep),
    SCMP_SYS(clock_nanosleep),
    SCMP_SYS(restart_syscall),
    /* sockets that are open, and who connects to them */
    SCMP_SYS(accept),
    SCMP_SYS(accept4),
    SCMP_SYS(recvfrom),
    SCMP_SYS(recvmsg),
    SCMP_SYS(recvmmsg),
    SCMP_SYS(sendto),
    SCMP_SYS(sendmsg),
    SCMP_SYS(sendmmsg),
    SCMP_SYS(shutdown),
    SCMP_SYS(getsockopt),
    SCMP_SYS(setsockopt),
    SCMP_SYS(getsockname),
    SCMP_SYS(getpeername),
    SCMP_SYS(socketpair),
    /* memory and threads */
    SCMP_SYS(brk),
    SCMP_SYS(mmap),
    SCMP_SYS(munmap),
    SCMP_SYS(mremap),
    SCMP_SYS(madvise),
    SCMP_SYS(mprotect),
    SCMP_SYS(msync),
    SCMP_SYS(mincore),
    SCMP_SYS(membarrier),
    SCMP_SYS(futex),
    SCMP_SYS(clone),
    SCMP_SYS(clone3),
    SCMP_SYS(set_robust_list),
    SCMP_SYS(get_robust_list),
    SCMP_SYS(rseq),
    SCMP_SYS(set_tid_address),
    SCMP_SYS(arch_prctl),
    SCMP_SYS(sched_yield),
    SCMP_SYS(sched_getaffinity),
    SCMP_SYS(sched_setaffinity),
    SCMP_SYS(getcpu),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
    /* signals */
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(rt_sigtimedwait),
    SCMP_SYS(rt_sigsuspend),
    SCMP_SYS(rt_sigpending),
    SCMP_SYS(sigaltstack),
    SCMP_SYS(tgkill),
    SCMP_SYS(kill),
    SCMP_SYS(alarm),
    SCMP_SYS(setitimer),
    SCMP_SYS(wait4),
    /* who, when and how much */
    SCMP_SYS(getpid),
    SCMP_SYS(getppid),
    SCMP_SYS(gettid),
    SCMP_SYS(getuid),
    SCMP_SYS(geteuid),
    SCMP_SYS(getgid),
    SCMP_SYS(getegid),
    SCMP_SYS(getrandom),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(clock_getres),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(time),
    SCMP_SYS(times),
    SCMP_SYS(uname),
    SCMP_SYS(sysinfo),
    SCMP_SYS(getrusage),
    SCMP_SYS(getrlimit),
    SCMP_SYS(prlimit64),
    SCMP_SYS(prctl),
};

static void allow(struct allowed *allowed, const char *path, bool writable)
{
    if (allowed->count == PATHS_MAX) {
        log_warning("%s: more than %d paths are configured; this one will not be readable", path,
                    PATHS_MAX);
        return;
    }
    char *copy = allowed->folders[allowed->count];
    snprintf(copy, PATH_MAX, "%s", path);
    allowed->paths[allowed->count++] = (struct confine_path){copy, writable};
}

/* The file, wherever it is linked to, and its folder: it may be replaced by another. */
static void allow_beside(struct allowed *allowed, const char *path, bool writable)
{
    char folder[PATH_MAX];
    snprintf(folder, sizeof(folder), "%s", path);
    char *slash = strrchr(folder, '/');
    if (slash)
        slash[slash == folder] = '\0';
    else
        snprintf(folder, sizeof(folder), ".");
    allow(allowed, path, writable);
    allow(allowed, folder, writable);
}

/* A config_path_fn. */
static void allow_read(void *arg, const char *path)
{
    allow_beside(arg, path, false);
}

static bool files_confine(const struct config *config, const char *config_path)
{
    static struct allowed allowed; /* 4 MiB, touched as far as it is used */
    allowed.count = 0;
    for (size_t i = 0; i < sizeof(system_paths) / sizeof(*system_paths); i++)
        allow(&allowed, system_paths[i], false);
    allow(&allowed, config->state_dir, true);
    allow_beside(&allowed, config->store.path, true);
    if (config_path)
        allow_read(&allowed, config_path);
    config_each_path(config, allow_read, &allowed);
    return confine_files(allowed.paths, allowed.count);
}

static enum sandbox_level confine(const struct config *config, const char *config_path)
{
    bool files = files_confine(config, config_path);
    if (!confine_calls(&(struct confine_calls){.allowed = calls,
                                               .allowed_count = sizeof(calls) / sizeof(*calls)}))
        return SANDBOX_LIMITS;
    return files ? SANDBOX_LANDLOCK : SANDBOX_SECCOMP;
}

/* -1 stands for staying who we are. */
struct identity {
    int uid;
    int gid;
};

static int identity_find(const struct config_sandbox *config, struct identity *ret,
                         struct error *error)
{
    struct identity identity = {-1, -1};
    if (config->user[0]) {
        const struct passwd *user = getpwnam(config->user);
        if (!user)
            return error_set(error, -ESRCH,
                             "sandbox.user: there is no user \"%s\"; make one with "
                             "useradd --system %s",
                             config->user, config->user);
        identity = (struct identity){(int)user->pw_uid, (int)user->pw_gid};
    }
    if (config->group[0]) {
        const struct group *group = getgrnam(config->group);
        if (!group)
            return error_set(error, -ESRCH, "sandbox.group: there is no group \"%s\"",
                             config->group);
        identity.gid = (int)group->gr_gid;
    }
    if (geteuid() != 0 && ((identity.uid >= 0 && identity.uid != (int)geteuid()) ||
                           (identity.gid >= 0 && identity.gid != (int)getegid())))
        return error_set(error, -EPERM,
                         "sandbox.user: only root can become somebody else; start as root or "
                         "leave user and group empty");
    *ret = identity;
    return 0;
}

/* Makes the folder that `path` is in, for who will write there. One that is there is left alone. */
static int folder_give(const char *path, const struct identity *identity, struct error *error)
{
    char folder[PATH_MAX];
    snprintf(folder, sizeof(folder), "%s", path);
    char *slash = strrchr(folder, '/');
    if (!slash || slash == folder || geteuid() != 0)
        return 0;
    *slash = '\0';
    if (access(folder, F_OK) == 0)
        return 0;
    folders_make(path);
    if (chown(folder, (uid_t)identity->uid, (gid_t)identity->gid) == 0)
        return 0;
    return error_set(error, -errno, "%s: cannot be given to user %d: %s", folder, identity->uid,
                     strerror(errno));
}

static int folders_give(const struct config *config, const struct identity *identity,
                        struct error *error)
{
    char inside[PATH_MAX + 2];
    snprintf(inside, sizeof(inside), "%s/.", config->state_dir);
    int r = folder_give(inside, identity, error);
    return r < 0 ? r : folder_give(config->store.path, identity, error);
}

/* Drops every capability for good; as root, becomes who was named. */
static int privileges_drop(const struct identity *identity, struct error *error)
{
    bool root = geteuid() == 0;
    capng_get_caps_process();
    bool bounds = capng_have_capability(CAPNG_EFFECTIVE, CAP_SETPCAP);
    capng_clear(CAPNG_SELECT_ALL);
    int r = root && (identity->uid >= 0 || identity->gid >= 0)
                ? capng_change_id(identity->uid, identity->gid,
                                  CAPNG_DROP_SUPP_GRP | CAPNG_CLEAR_BOUNDING | CAPNG_CLEAR_AMBIENT)
                : capng_apply(bounds ? CAPNG_SELECT_ALL : CAPNG_SELECT_CAPS | CAPNG_SELECT_AMBIENT);
    if (r != 0)
        return error_set(error, -EPERM, "privileges could not be dropped (step %d)", -r);
    if (geteuid() == 0)
        log_warning("running as root, though without its privileges; name a user in sandbox.user");
    return 0;
}

int sandbox_enter(const struct config *config, const char *config_path,
                  enum sandbox_level *ret_level, struct error *error)
{
    struct identity identity = {-1, -1};
    enum sandbox_level level = SANDBOX_LIMITS;
    int r = identity_find(&config->sandbox, &identity, error);
    if (r == 0 && identity.uid >= 0)
        r = folders_give(config, &identity, error);
    if (r == 0)
        r = privileges_drop(&identity, error);
    if (r < 0)
        return r;
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0}); /* a core would hold who asked for what */
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && config->sandbox.enabled)
        level = confine(config, config_path);
    *ret_level = level;
    return 0;
}
