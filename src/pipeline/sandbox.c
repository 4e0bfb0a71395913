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

/* What finding names and trusting servers takes, beside /etc. */
static const char *const outgoing_paths[] = {
    "/usr/lib",  "/lib", "/run/systemd/resolve", "/run/resolvconf", "/run/NetworkManager",
    "/run/nscd",
};

static const int calls[] = {
#define CALL_OUT(name)
#define CALL(name) SCMP_SYS(name),
#include "pipeline/sandbox_calls.def"
#undef CALL
#undef CALL_OUT
/* and, at the end, of those who connect to others */
#define CALL_OUT(name) SCMP_SYS(name),
#define CALL(name)
#include "pipeline/sandbox_calls.def"
#undef CALL
#undef CALL_OUT
};

static const size_t quiet_call_count = 0
#define CALL_OUT(name)
#define CALL(name) +1
#include "pipeline/sandbox_calls.def"
#undef CALL
#undef CALL_OUT
    ;

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

static bool notifies(const struct config *config)
{
    bool out = config->contact.webhook.url[0] || config->mail.url[0];
    for (uint32_t i = 0; i < config->notifications.count; i++)
        out |= config->notifications.items[i].webhook.url[0] != 0;
    for (uint32_t i = 0; i < config->automation.count; i++)
        out |= config->automation.items[i].webhook.url[0] != 0;
    return out;
}

static bool is_exported_to_file(const struct config_export *export)
{
    return export->enabled && export->type == SINK_TYPE_FILE;
}

bool sandbox_lets_out(const struct config *config)
{
    bool out = notifies(config);
    for (uint32_t i = 0; i < config->exports.count; i++)
        out |= config->exports.items[i].enabled && config->exports.items[i].type != SINK_TYPE_FILE;
    return out;
}

/* A config_path_fn. */
static void allow_read(void *arg, const char *path)
{
    allow_beside(arg, path, false);
}

static bool files_confine(const struct config *config, const char *config_path,
                          const char *store_path)
{
    static struct allowed allowed; /* 4 MiB, touched as far as it is used */
    allowed.count = 0;
    for (size_t i = 0; i < sizeof(system_paths) / sizeof(*system_paths); i++)
        allow(&allowed, system_paths[i], false);
    allow(&allowed, config->state_dir, true);
    allow_beside(&allowed, store_path, true);
    if (config_path)
        allow_read(&allowed, config_path);
    config_each_path(config, allow_read, &allowed);
    for (uint32_t i = 0; i < config->exports.count; i++)
        if (is_exported_to_file(&config->exports.items[i]))
            allow_beside(&allowed, config->exports.items[i].path, true);
    bool out = sandbox_lets_out(config);
    for (size_t i = 0; out && i < sizeof(outgoing_paths) / sizeof(*outgoing_paths); i++)
        allow(&allowed, outgoing_paths[i], false);
    return confine_files(allowed.paths, allowed.count, out);
}

static enum sandbox_level confine(const struct config *config, const char *config_path,
                                  const char *store_path)
{
    bool files = files_confine(config, config_path, store_path);
    size_t count = sandbox_lets_out(config) ? sizeof(calls) / sizeof(*calls) : quiet_call_count;
    if (!confine_calls(&(struct confine_calls){.allowed = calls, .allowed_count = count}))
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

/* Makes the folder that `path` is in, for who will write there: what is not there by now cannot be
 * allowed. One that is there is left alone. */
static int folder_give(const char *path, const struct identity *identity, struct error *error)
{
    int r = folders_give(path, (uid_t)identity->uid, (gid_t)identity->gid);
    return r == 0 ? 0
                  : error_set(error, r, "%s: its folder cannot be given to user %d: %s", path,
                              identity->uid, strerror(-r));
}

/* Those of state, store and exported files. */
static int own_folders_give(const struct config *config, const char *store,
                            const struct identity *identity, struct error *error)
{
    char inside[PATH_MAX + 2];
    snprintf(inside, sizeof(inside), "%s/.", config->state_dir);
    int r = folder_give(inside, identity, error);
    if (r == 0)
        r = folder_give(store, identity, error);
    for (uint32_t i = 0; r == 0 && i < config->exports.count; i++)
        if (is_exported_to_file(&config->exports.items[i]))
            r = folder_give(config->exports.items[i].path, identity, error);
    return r;
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

static int user_become(const struct config *config, const char *store_path, struct error *error)
{
    struct identity identity = {-1, -1};
    int r = identity_find(&config->sandbox, &identity, error);
    if (r == 0)
        r = own_folders_give(config, store_path, &identity, error);
    if (r == 0)
        r = privileges_drop(&identity, error);
    if (r < 0)
        return r;
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0}); /* a core would hold who asked for what */
    return 0;
}

int sandbox_drop(const struct config *config, struct error *error)
{
    int r = user_become(config, config->store.path, error);
    if (r == 0)
        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    return r;
}

int sandbox_enter(const struct config *config, const char *config_path, const char *store_path,
                  enum sandbox_level *ret_level, struct error *error)
{
    enum sandbox_level level = SANDBOX_LIMITS;
    if (!store_path)
        store_path = config->store.path;
    int r = user_become(config, store_path, error);
    if (r < 0)
        return r;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && config->sandbox.enabled)
        level = confine(config, config_path, store_path);
    *ret_level = level;
    return 0;
}
