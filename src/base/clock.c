/* clock.c - event time to text and back
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
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

/* Reads exactly `count` digits at *text and moves past them; -1 when they are not there. */
static int digits_read(const char **text, int count)
{
    int value = 0;
    for (int i = 0; i < count; i++, ++*text) {
        if (**text < '0' || **text > '9')
            return -1;
        value = value * 10 + (**text - '0');
    }
    return value;
}

/* Reads numbers by a pattern in which a digit stands for so many digits and all else for itself. */
static bool pattern_read(const char **text, const char *pattern, int *values)
{
    for (; *pattern; pattern++) {
        if (*pattern >= '0' && *pattern <= '9') {
            *values = digits_read(text, *pattern - '0');
            if (*values++ < 0)
                return false;
        } else if (*(*text)++ != *pattern) {
            return false;
        }
    }
    return true;
}

/* timegm() moves a 31st of April on to the 1st of May; such a day is no date. */
static bool calendar_seconds(const int v[6], int64_t *ret_seconds)
{
    struct tm tm = {.tm_year = v[0] - 1900,
                    .tm_mon = v[1] - 1,
                    .tm_mday = v[2],
                    .tm_hour = v[3],
                    .tm_min = v[4],
                    .tm_sec = v[5]};
    int64_t seconds = timegm(&tm);
    bool exists =
        tm.tm_mon == v[1] - 1 && tm.tm_mday == v[2] && v[3] < 24 && v[4] < 60 && v[5] < 60;
    if (!exists || seconds > INT64_MAX / NS_PER_S - 1 || seconds < INT64_MIN / NS_PER_S)
        return false;
    *ret_seconds = seconds;
    return true;
}

int time_parse(const char *text, int64_t *ret_time_ns)
{
    int values[6];
    int64_t seconds;
    int64_t fraction_ns = 0;
    if (!pattern_read(&text, "4-2-2T2:2:2", values) || !calendar_seconds(values, &seconds))
        return -EINVAL;
    if (*text == '.') {
        int64_t unit = NS_PER_S / 10;
        for (text++; *text >= '0' && *text <= '9' && unit; text++, unit /= 10)
            fraction_ns += (*text - '0') * unit;
    }
    if (strcmp(text, "Z") != 0)
        return -EINVAL;
    *ret_time_ns = seconds * NS_PER_S + fraction_ns;
    return 0;
}

static bool age_parse(const char *text, int64_t *ret_ns)
{
    static const struct {
        char letter;
        int64_t seconds;
    } units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}, {'w', 7 * 86400}};
    char *end;
    unsigned long value = strtoul(text, &end, 10);
    if (*text < '0' || *text > '9' || value > 100000000 || !end[0] || end[1])
        return false;
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (*end == units[i].letter && (int64_t)value <= INT32_MAX / units[i].seconds) {
            *ret_ns = (int64_t)value * units[i].seconds * NS_PER_S;
            return true;
        }
    }
    return false;
}

bool moment_read(const char *text, int64_t *ret_time_ns)
{
    int64_t age_ns;
    struct tm tm = {0};
    const char *rest = strptime(text, "%Y-%m-%d", &tm);
    if (rest && !*rest) {
        *ret_time_ns = (int64_t)timegm(&tm) * NS_PER_S;
        return true;
    }
    if (!age_parse(text, &age_ns))
        return time_parse(text, ret_time_ns) == 0;
    *ret_time_ns = clock_now_ns() - age_ns;
    return true;
}
