/* places.c - what an empty key stands for: host name, state folder, folder of the lists
 * SPDX-License-Identifier: Apache-2.0 */
#include "config/places.h"

#include "base/buf.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SENSOR_MAX = 63 };

static char *text_of(const char *format, const char *a)
{
    char *text;
    return asprintf(&text, format, a) < 0 ? NULL : text;
}

char *place_host_name(void)
{
    char name[SENSOR_MAX + 1] = "";
    if (gethostname(name, sizeof(name)) != 0 && !name[0])
        return strdup("localhost");
    name[SENSOR_MAX] = '\0';
    return strdup(name);
}

char *place_state(void)
{
    const char *state = getenv("XDG_STATE_HOME");
    const char *home = getenv("HOME");
    if (geteuid() == 0)
        return strdup("/var/lib/dnsvigil");
    if (state && state[0] == '/') /* the XDG specification has relative ones ignored */
        return text_of("%s/dnsvigil", state);
    return text_of("%s/.local/state/dnsvigil", home ? home : "");
}

char *place_store(void)
{
    char *state = place_state();
    char *store = state ? text_of("%s/alerts.db", state) : NULL;
    free(state);
    return store;
}

/* Whether there is something at `relative` to the folder `bin`; its place goes to `ret_path`. */
static bool is_at(const char *bin, const char *relative, char ret_path[static PATH_MAX])
{
    char path[PATH_MAX];
    int len = snprintf(path, sizeof(path), "%s/%s", bin, relative);
    return len < (int)sizeof(path) && realpath(path, ret_path) && access(ret_path, R_OK) == 0;
}

/* What stands beside the program when it is installed, or in its source tree; else `otherwise`. */
static char *place_beside(const char *installed, const char *in_tree, const char *otherwise)
{
    char bin[PATH_MAX];
    char path[PATH_MAX];
    ssize_t len = readlink("/proc/self/exe", bin, sizeof(bin) - 1);
    if (len > 0) {
        bin[len] = '\0';
        *strrchr(bin, '/') = '\0';
        if (is_at(bin, installed, path) || is_at(bin, in_tree, path))
            return strdup(path);
    }
    return strdup(otherwise);
}

char *place_seeds(void)
{
    return place_beside("../share/dnsvigil/intel", "../data/intel", DNSVIGIL_DATA_DIR "/intel");
}

char *place_rules(void)
{
    return place_beside("../share/dnsvigil/rules", "../rules", DNSVIGIL_DATA_DIR "/rules");
}
