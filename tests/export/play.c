/* play.c - prints the records of a dialect for a script that checks them
 * SPDX-License-Identifier: Apache-2.0
 *
 * Usage: export_play list
 *        export_play gallery DIALECT LANGUAGE     all kinds of alerts, but for the largest
 *        export_play compatible DIALECT           the same with the compatibility profile, a
 * snapshot export_play names DIALECT                hostile names export_play large DIALECT BYTES
 * the largest alert at this limit; 0: the dialect's */
#include "export/dialect.h"

#include "alert_gallery.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int print(const struct dialect *dialect, const struct dialect_context *context,
                 const struct alert *alert)
{
    struct buf record;
    buf_init(&record, EXPORT_RECORD_MAX_BYTES);
    int r = dialect_write(dialect, context, alert, &record);
    if (r < 0)
        fprintf(stderr, "%s: %s\n", dialect->slug, strerror(-r));
    else
        printf("%s\n", record.data);
    buf_done(&record);
    return r < 0;
}

static int print_gallery(const struct dialect *dialect, const struct dialect_context *context)
{
    struct alert alert;
    int failed = 0;
    for (unsigned i = 0; i < GALLERY_COUNT - 1; i++) {
        alert_gallery(&alert, i);
        failed |= print(dialect, context, &alert);
    }
    return failed;
}

static int print_names(const struct dialect *dialect, const struct dialect_context *context)
{
    struct alert alert;
    int failed = 0;
    for (unsigned i = 0; i < GALLERY_NAMES; i++) {
        alert_about_name(&alert, i);
        failed |= print(dialect, context, &alert);
    }
    return failed;
}

static int list(void)
{
    for (unsigned i = 0; i < DIALECT_COUNT; i++)
        printf("%s %s %d %zu\n", dialects[i].slug, dialects[i].extension, dialects[i].localised,
               dialects[i].limit_bytes);
    return 0;
}

int main(int argc, char **argv)
{
    struct dialect_context context = {.console_url = "https://dnsvigil.example"};
    struct alert alert;
    if (argc == 2 && strcmp(argv[1], "list") == 0)
        return list();
    const struct dialect *dialect = argc > 2 ? dialect_find(argv[2]) : NULL;
    if (!dialect)
        return 2;
    if (strcmp(argv[1], "names") == 0)
        return print_names(dialect, &context);
    if (strcmp(argv[1], "compatible") == 0) {
        context.compatible = true;
        context.snapshot_interval = "7.00:00:00";
        return print_gallery(dialect, &context);
    }
    if (strcmp(argv[1], "large") == 0 && argc == 4) {
        context.limit_bytes = (size_t)atol(argv[3]);
        alert_gallery(&alert, GALLERY_COUNT - 1);
        return print(dialect, &context, &alert);
    }
    context.language = argc == 4 && strcmp(argv[3], "ja") == 0 ? LANGUAGE_JA : LANGUAGE_EN;
    return print_gallery(dialect, &context);
}
