/* clock.c - event time to text and back
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

int64_t clock_now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * NS_PER_S + now.tv_nsec;
}

size_t time_format(int64_t time_ns, char text[static TIME_TEXT_MAX])
{
    int64_t fraction_ns = time_ns % NS_PER_S;
    time_t seconds = (time_t)(time_ns / NS_PER_S);
    if (fraction_ns < 0) {
        fraction_ns += NS_PER_S;
        seconds--;
    }
    struct tm tm;
    gmtime_r(&seconds, &tm);
    size_t len = strftime(text, TIME_TEXT_MAX, "%Y-%m-%dT%H:%M:%S", &tm);
    return len + (size_t)snprintf(text + len, TIME_TEXT_MAX - len, ".%06dZ",
                                  (int)(fraction_ns / NS_PER_US));
}

int time_parse(const char *text, int64_t *ret_time_ns)
{
    struct tm tm = {0};
    const char *rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);
    if (!rest)
        return -EINVAL;
    int64_t fraction_ns = 0;
    if (*rest == '.') {
        int64_t unit = NS_PER_S / 10;
        for (rest++; *rest >= '0' && *rest <= '9'; rest++, unit /= 10)
            fraction_ns += (*rest - '0') * unit;
    }
    if (strcmp(rest, "Z") != 0)
        return -EINVAL;
    *ret_time_ns = (int64_t)timegm(&tm) * NS_PER_S + fraction_ns;
    return 0;
}
