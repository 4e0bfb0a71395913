/* rules.c - writes signature rules about made-up domains
 * SPDX-License-Identifier: Apache-2.0 */
#include "rules.h"

#include "names.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { SID_FIRST = 1000000, KINDS = 100 };

/* What stands before and after the front of a domain; `last` is the last of a hundred such rules.
 */
static const struct {
    unsigned last;
    const char *header;
    const char *before;
    int name_max; /* bytes of the domain */
    const char *after;
    bool sized; /* and the name has the domain's size */
} kinds[] = {
    {54, "dns any any -> any any", "dns.query; content:\"", 64, "\"; nocase; endswith;", false},
    {78, "dns any any -> any any", "dns.query; content:\"", 64, "\"; nocase;", true},
    {93, "dns any any -> any any", "dns.query; dotprefix; content:\".", 64, "\"; nocase; endswith;",
     false},
    {96, "dns any any -> any any", "dns.query; content:\"", 9, "\"; nocase;", false},
    {97, "dns any any -> any any", "dns.query; content:\"", 7,
     "\"; pcre:\"/^[a-z0-9-]+\\.[a-z]{2,6}$/R\";", false},
    {99, "udp any any -> any 53", "content:\"|01 00 00 01|\"; offset:2; depth:4; content:\"", 8,
     "|03|com|00|\"; nocase;", false},
};

static void rule_write(FILE *file, uint32_t number)
{
    char name[NAME_BYTES_MAX];
    unsigned kind = 0;
    name_indicator(number, name);
    while (number % KINDS > kinds[kind].last)
        kind++;
    fprintf(file, "alert %s (msg:\"made up\"; %s%.*s%s", kinds[kind].header, kinds[kind].before,
            kinds[kind].name_max, name, kinds[kind].after);
    if (kinds[kind].sized)
        fprintf(file, " bsize:%zu;", strlen(name));
    fprintf(file, " sid:%" PRIu32 ";)\n", SID_FIRST + number);
}

int rules_write(const char *path, uint32_t count, struct error *error)
{
    FILE *file = fopen(path, "w");
    if (!file)
        return error_set(error, -errno, "%s: cannot write: %s", path, strerror(errno));
    for (uint32_t i = 0; i < count; i++)
        rule_write(file, i);
    bool failed = ferror(file);
    if (fclose(file) != 0 || failed)
        return error_set(error, -EIO, "%s: writing failed; is the disk full?", path);
    return 0;
}
