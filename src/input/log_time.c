/* log_time.c - reads the times that stand in logs
 * SPDX-License-Identifier: Apache-2.0 */
#include "input/log_time.h"

#include "base/clock.h"

#include <strings.h>
#include <time.h>

static const int64_t s_per_day = 86400;

/* A time as it stands in a line. */
struct reading {
    int year; /* -1 where it is not told */
    int month;
    int day;
    int hour;
    int minute;
    int second;
    int64_t fraction_ns;
    bool zoned;
    int32_t east_s;
};

static bool digits_read(struct log_text *text, unsigned count, int *ret_value)
{
    uint64_t value;
    if (text->len < count || !log_text_number(log_text_of(text->at, count), INT32_MAX, &value))
        return false;
    *ret_value = (int)value;
    *text = log_text_of(text->at + count, text->len - count);
    return true;
}

/* ".25" and further digits than we keep; nothing is fine too. */
static void fraction_read(struct log_text *text, int64_t *ret_ns)
{
    int64_t unit = NS_PER_S / 10;
    int digit;
    *ret_ns = 0;
    if (text->len < 2 || (text->at[0] != '.' && text->at[0] != ','))
        return;
    *text = log_text_of(text->at + 1, text->len - 1);
    for (; digits_read(text, 1, &digit); unit /= 10)
        *ret_ns += digit * unit;
}

static bool time_of_day_read(struct log_text *text, struct reading *reading)
{
    if (!digits_read(text, 2, &reading->hour) || !log_text_skip(text, ":") ||
        !digits_read(text, 2, &reading->minute) || !log_text_skip(text, ":") ||
        !digits_read(text, 2, &reading->second))
        return false;
    fraction_read(text, &reading->fraction_ns);
    return reading->hour < 24 && reading->minute < 60 && reading->second <= 60;
}

/* "+01:00" or "+0100". */
static bool offset_read(struct log_text *text, int32_t *ret_east_s)
{
    int hours, minutes;
    int sign = text->len && text->at[0] == '-' ? -1 : 1;
    if (!(log_text_skip(text, "+") || log_text_skip(text, "-")) || !digits_read(text, 2, &hours))
        return false;
    log_text_skip(text, ":");
    if (!digits_read(text, 2, &minutes) || hours > 15 || minutes > 59)
        return false;
    *ret_east_s = sign * (hours * 3600 + minutes * 60);
    return true;
}

static bool month_read(struct log_text *text, int *ret_month)
{
    static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    for (int i = 0; i < 12 && text->len >= 3; i++) {
        if (strncasecmp(text->at, names + 3 * i, 3) != 0)
            continue;
        *text = log_text_of(text->at + 3, text->len - 3);
        *ret_month = i + 1;
        return true;
    }
    return false;
}

/* 2026-11-21T21:19:04.196Z */
static bool iso_read(struct log_text *text, struct reading *reading)
{
    if (!digits_read(text, 4, &reading->year) || !log_text_skip(text, "-") ||
        !digits_read(text, 2, &reading->month) || !log_text_skip(text, "-") ||
        !digits_read(text, 2, &reading->day) ||
        !(log_text_skip(text, "T") || log_text_skip(text, " ")) || !time_of_day_read(text, reading))
        return false;
    reading->zoned = log_text_skip(text, "Z") || offset_read(text, &reading->east_s);
    return true;
}

/* 21-Nov-2026 21:19:04.196 */
static bool bind_read(struct log_text *text, struct reading *reading)
{
    return digits_read(text, 2, &reading->day) && log_text_skip(text, "-") &&
           month_read(text, &reading->month) && log_text_skip(text, "-") &&
           digits_read(text, 4, &reading->year) && log_text_skip(text, " ") &&
           time_of_day_read(text, reading);
}

/* Nov 21 21:19:04, Nov  1 21:19:04 */
static bool syslog_read(struct log_text *text, struct reading *reading)
{
    reading->year = -1;
    if (!month_read(text, &reading->month) || !log_text_skip(text, " "))
        return false;
    bool padded = log_text_skip(text, " ");
    return digits_read(text, padded ? 1 : 2, &reading->day) && log_text_skip(text, " ") &&
           time_of_day_read(text, reading);
}

/* [1795296080] or 1795296080.25; fewer digits are some other number. */
static bool epoch_read(struct log_text *text, int64_t *ret_time_ns)
{
    enum { DIGITS = 10 };
    uint64_t seconds;
    int64_t fraction_ns;
    bool bracket = log_text_skip(text, "[");
    if (text->len < DIGITS || !log_text_number(log_text_of(text->at, DIGITS), UINT32_MAX, &seconds))
        return false;
    *text = log_text_of(text->at + DIGITS, text->len - DIGITS);
    fraction_read(text, &fraction_ns);
    *ret_time_ns = (int64_t)seconds * NS_PER_S + fraction_ns;
    return !bracket || log_text_skip(text, "]");
}

/* Seconds since 1970; false where there is no such day, or one before 1970 or after 2100. */
static bool seconds_of(const struct log_zone *zone, const struct reading *reading, int year,
                       int64_t *ret_s)
{
    struct tm tm = {.tm_year = year - 1900,
                    .tm_mon = reading->month - 1,
                    .tm_mday = reading->day,
                    .tm_hour = reading->hour,
                    .tm_min = reading->minute,
                    .tm_sec = reading->second,
                    .tm_isdst = -1};
    struct tm day = {.tm_year = tm.tm_year, .tm_mon = tm.tm_mon, .tm_mday = tm.tm_mday};
    timegm(&day);
    if (year < 1970 || year > 2100 || day.tm_mon != reading->month - 1 ||
        day.tm_mday != reading->day)
        return false;
    if (reading->zoned)
        *ret_s = timegm(&tm) - reading->east_s;
    else if (zone->kind == LOG_ZONE_FIXED)
        *ret_s = timegm(&tm) - zone->east_s;
    else
        *ret_s = mktime(&tm);
    return *ret_s >= 0;
}

static int year_of(int64_t time_ns)
{
    time_t seconds = time_ns / NS_PER_S;
    struct tm tm;
    gmtime_r(&seconds, &tm);
    return tm.tm_year + 1900;
}

/* Of the years around the line before, or around the last writing, the one that suits best. */
static bool seconds_of_any_year(const struct log_clock *clock, const struct reading *reading,
                                int64_t *ret_s)
{
    int64_t reference_s = (clock->last_ns ? clock->last_ns : clock->written_ns) / NS_PER_S;
    int middle = year_of(reference_s * NS_PER_S);
    int64_t best = INT64_MAX;
    for (int year = middle - 1; year <= middle + 1; year++) {
        int64_t seconds;
        if (!seconds_of(&clock->zone, reading, year, &seconds))
            continue;
        int64_t later = seconds - reference_s;
        bool first = !clock->last_ns && clock->written_ns;
        if (first && later > s_per_day) /* a day: of wrong clocks and zones */
            continue;
        int64_t distance = later < 0 ? -later : later;
        if (distance < best) {
            best = distance;
            *ret_s = seconds;
        }
    }
    return best != INT64_MAX;
}

bool log_zone_parse(const char *text, struct log_zone *ret_zone)
{
    struct log_zone zone = {.kind = LOG_ZONE_FIXED};
    struct log_text rest = log_text_from(text);
    if (strcasecmp(text, "local") == 0)
        zone.kind = LOG_ZONE_LOCAL;
    else if (strcasecmp(text, "utc") != 0 && (!offset_read(&rest, &zone.east_s) || rest.len))
        return false;
    *ret_zone = zone;
    return true;
}

/* A time other than seconds since 1970. */
static bool calendar_read(const struct log_clock *clock, struct log_text *text,
                          int64_t *ret_time_ns)
{
    static bool (*const forms[])(struct log_text *, struct reading *) = {iso_read, bind_read,
                                                                         syslog_read};
    for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
        struct log_text rest = *text;
        struct reading reading = {0};
        int64_t seconds;
        if (!forms[i](&rest, &reading))
            continue;
        bool exists = reading.year < 0 ? seconds_of_any_year(clock, &reading, &seconds)
                                       : seconds_of(&clock->zone, &reading, reading.year, &seconds);
        if (!exists)
            return false;
        *text = rest;
        *ret_time_ns = seconds * NS_PER_S + reading.fraction_ns;
        return true;
    }
    return false;
}

bool log_time_read(struct log_clock *clock, struct log_text *text, int64_t *ret_time_ns)
{
    struct log_text rest = *text;
    int64_t time_ns;
    if (!calendar_read(clock, &rest, &time_ns)) {
        rest = *text;
        if (!epoch_read(&rest, &time_ns))
            return false;
    }
    if (rest.len && !log_text_begins(rest, " "))
        return false;
    while (log_text_skip(&rest, " "))
        continue;
    clock->last_ns = time_ns;
    *text = rest;
    *ret_time_ns = time_ns;
    return true;
}
