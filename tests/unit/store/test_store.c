/* test_store.c - what the store acknowledged stays, whatever dies or fails meanwhile
 * SPDX-License-Identifier: Apache-2.0
 *
 * Disk failures are made by standing in for the system calls SQLite makes: the linker takes the
 * functions of the program before those of the C library. */
#include "store/audit.h"

#include "alert_build.h"
#include "base/clock.h"
#include "cmocka_all.h"
#include "tally_check.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[64], path[96];
static struct error error;

/* The disk. */

static int write_errno;        /* what writes fail with, 0: they work */
static unsigned writes_before; /* the failing one, which fails alone; 0: all do */
static bool write_needs_ballast_gone;
static int sync_errno;

static bool ballast_is_there(void)
{
    char ballast[128];
    snprintf(ballast, sizeof(ballast), "%s.ballast", path);
    return access(ballast, F_OK) == 0;
}

ssize_t pwrite64(int fd, const void *data, size_t len, off64_t offset);
ssize_t pwrite64(int fd, const void *data, size_t len, off64_t offset)
{
    static ssize_t (*real)(int, const void *, size_t, off64_t);
    if (!real)
        real = (ssize_t(*)(int, const void *, size_t, off64_t))dlsym(RTLD_NEXT, "pwrite64");
    if (writes_before > 1) {
        writes_before--;
    } else if (write_errno && (!write_needs_ballast_gone || ballast_is_there())) {
        errno = write_errno;
        if (writes_before == 1)
            writes_before = write_errno = 0;
        return -1;
    }
    return real(fd, data, len, offset);
}

int fdatasync(int fd)
{
    static int (*real)(int);
    if (!real)
        real = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
    if (sync_errno) {
        errno = sync_errno;
        return -1;
    }
    return real(fd);
}

static void disk_works(void)
{
    write_errno = sync_errno = 0;
    writes_before = 0;
    write_needs_ballast_gone = false;
}

/* Each test has a folder of its own. */

static int folder_make(void **state)
{
    (void)state;
    const char *base = getenv("TMPDIR");
    snprintf(folder, sizeof(folder), "%s/dnsvigil-store-XXXXXX", base ? base : "/tmp");
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof(path), "%s/alerts.db", folder);
    disk_works();
    return 0;
}

static int folder_remove(void **state)
{
    (void)state;
    char command[128];
    snprintf(command, sizeof(command), "rm -r '%s'", folder);
    return system(command);
}

static const struct store_config small = {
    .ballast_bytes = 64 * 1024, .checkpoint_pages = 8, .busy_timeout_ms = 1000};

static struct store *open_store(enum store_mode mode)
{
    struct store *store;
    if (store_open(path, mode, &small, &store, &error) < 0)
        fail_msg("%s", error.text);
    return store;
}

static void close_store(struct store *store)
{
    if (store_close(store, &error) < 0)
        fail_msg("%s", error.text);
}

static struct store_put_result put(struct store *store, const struct alert *alert)
{
    struct store_put_result result;
    if (store_put(store, &alert, 1, &result, &error) < 0)
        fail_msg("%s", error.text);
    return result;
}

/* `count` alerts in one transaction. */
static void put_numbers(struct store *store, unsigned first, unsigned count)
{
    struct alert *alerts = calloc(count, sizeof(*alerts));
    const struct alert **pointers = calloc(count, sizeof(*pointers));
    struct store_put_result result;
    for (unsigned i = 0; i < count; i++) {
        alert_build(&alerts[i], first + i);
        pointers[i] = &alerts[i];
    }
    if (store_put(store, pointers, count, &result, &error) < 0)
        fail_msg("%s", error.text);
    free(alerts);
    free(pointers);
}

static int count_one(void *context, const struct alert *alert, struct error *err)
{
    (void)alert, (void)err;
    ++*(size_t *)context;
    return 0;
}

static size_t count_all(struct store *store)
{
    size_t count = 0;
    struct store_filter filter = {.statuses = ~0u};
    if (store_list(store, &filter, count_one, &count, &error) < 0)
        fail_msg("%s", error.text);
    return count;
}

static int64_t sql_number(const char *sql)
{
    sqlite3 *db;
    sqlite3_stmt *statement;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    int64_t number = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return number;
}

static int sql_run(const char *sql)
{
    sqlite3 *db;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    int rc = sqlite3_exec(db, sql, NULL, NULL, NULL);
    sqlite3_close(db);
    return rc;
}

/* Putting. */

static void an_alert_comes_back_as_it_was(void **state)
{
    (void)state;
    struct alert alert, copy;
    struct store *store = open_store(STORE_WRITE);
    alert_build(&alert, 7);
    assert_int_equal(put(store, &alert).inserted, 1);
    assert_int_equal(store_get(store, alert.id, &copy, &error), 0);
    assert_memory_equal(&alert, &copy, sizeof(alert));
    close_store(store);
}

static void a_replay_changes_nothing(void **state)
{
    (void)state;
    struct alert alerts[3];
    const struct alert *pointers[3] = {&alerts[0], &alerts[1], &alerts[2]};
    struct store_put_result result;
    struct store *store = open_store(STORE_WRITE);
    for (unsigned i = 0; i < 3; i++)
        alert_build(&alerts[i], i);
    assert_int_equal(store_put(store, pointers, 3, &result, &error), 0);
    assert_int_equal(result.inserted, 3);
    assert_int_equal(store_put(store, pointers, 3, &result, &error), 0);
    assert_int_equal(result.inserted + result.updated, 0);
    assert_int_equal(result.unchanged, 3);
    assert_int_equal(count_all(store), 3);
    close_store(store);
}

static void more_of_the_same_is_a_new_revision(void **state)
{
    (void)state;
    struct alert alert, copy;
    struct store *store = open_store(STORE_WRITE);
    alert_build(&alert, 7);
    put(store, &alert);
    alert.count++;
    assert_int_equal(put(store, &alert).updated, 1);
    alert.end_ns += NS_PER_S;
    assert_int_equal(put(store, &alert).updated, 1);
    assert_int_equal(store_get(store, alert.id, &copy, &error), 0);
    assert_int_equal(copy.revision, 3);
    assert_int_equal(copy.count, 4);
    alert.count--; /* an older state of the same alert */
    assert_int_equal(put(store, &alert).unchanged, 1);
    close_store(store);
}

static size_t set_status(struct store *store, const char *id, int status, int disposition,
                         const char *comment)
{
    struct store_filter filter = {.ids = &id, .id_count = 1};
    struct store_change change = STORE_CHANGE_NONE;
    change.status = status;
    change.disposition = disposition;
    change.actor = "ann";
    change.comment = comment;
    size_t changed;
    if (store_set(store, &filter, &change, &changed, &error) < 0)
        fail_msg("%s", error.text);
    return changed;
}

static void a_status_survives_replay_and_growth(void **state)
{
    (void)state;
    struct alert alert, copy;
    struct store *store = open_store(STORE_WRITE);
    alert_build(&alert, 7);
    put(store, &alert);
    assert_int_equal(
        set_status(store, alert.id, ALERT_STATUS_DISMISSED, DISPOSITION_BENIGN, "known"), 1);
    assert_int_equal(put(store, &alert).unchanged, 1);
    alert.count++;
    assert_int_equal(put(store, &alert).updated, 1);
    assert_int_equal(store_get(store, alert.id, &copy, &error), 0);
    assert_int_equal(copy.status, ALERT_STATUS_DISMISSED);
    assert_int_equal(copy.disposition, DISPOSITION_BENIGN);
    assert_int_equal(copy.count, 4);
    assert_int_equal(copy.revision, 3);
    close_store(store);
}

/* Finding. */

static void an_id_may_be_cut_short_while_it_is_unique(void **state)
{
    (void)state;
    struct alert alert, other, copy;
    char text[ALERT_ID_MAX];
    struct store *store = open_store(STORE_WRITE);
    alert_build(&alert, 0x10000001);
    alert_build(&other, 0x10000002);
    put(store, &alert);
    put(store, &other);
    assert_int_equal(store_get(store, alert.id, &copy, &error), 0);
    assert_int_equal(store_get(store, "10000001", &copy, &error), 0);
    assert_string_equal(copy.id, alert.id);
    snprintf(text, sizeof(text), "%.18s", alert.id);
    assert_int_equal(store_get(store, text, &copy, &error), -ENOTUNIQ);
    snprintf(text, sizeof(text), "%.19s", alert.id);
    assert_int_equal(store_get(store, text, &copy, &error), 0);
    assert_int_equal(store_get(store, "1000000", &copy, &error), -ENOTUNIQ);
    assert_int_equal(store_get(store, "ffff", &copy, &error), -ENOENT);
    assert_int_equal(store_get(store, "", &copy, &error), -ENOENT);
    assert_int_equal(store_get(store, "' OR 1=1 --", &copy, &error), -ENOENT);
    close_store(store);
}

/* Ten alerts, 0 to 9, that differ in everything filters look at. */
static struct store *varied_store(void)
{
    static const uint8_t detectors[] = {DETECTOR_DARK_WEB, DETECTOR_PHISHING_DOMAIN};
    struct store *store = open_store(STORE_WRITE);
    for (unsigned i = 0; i < 10; i++) {
        struct alert alert;
        alert_build(&alert, i);
        alert.severity = (uint8_t)(i % SEVERITY_COUNT);
        alert.status = i == 9 ? ALERT_STATUS_DISMISSED : ALERT_STATUS_ACTIVE;
        alert.detector = detectors[i % 2];
        put(store, &alert);
    }
    return store;
}

struct seen {
    char text[128];
};

static int seen_add(void *context, const struct alert *alert, struct error *err)
{
    (void)err;
    struct seen *seen = context;
    size_t len = strlen(seen->text);
    unsigned number;
    sscanf(alert->domain, "domain%u", &number);
    snprintf(seen->text + len, sizeof(seen->text) - len, "%s%u", len ? " " : "", number);
    return 0;
}

static void filters_choose_and_sort(void **state)
{
    (void)state;
    const int64_t second7 = 1767225667 * NS_PER_S;
    const struct {
        struct store_filter filter;
        const char *numbers;
    } cases[] = {
        {{0}, "8 7 6 5 4 3 2 1 0"},
        {{.statuses = ~0u}, "9 8 7 6 5 4 3 2 1 0"},
        {{.statuses = 1 << ALERT_STATUS_DISMISSED}, "9"},
        {{.severity_min = SEVERITY_HIGH}, "7 3"},
        {{.sort = STORE_SORT_SEVERITY}, "7 3 6 2 5 1 8 4 0"},
        {{.sort = STORE_SORT_SEVERITY, .limit = 3}, "7 3 6"},
        {{.detectors = 1 << DETECTOR_DARK_WEB}, "8 6 4 2 0"},
        {{.entity_ip = "198.51.0.4"}, "4"},
        {{.entity_ip = "198.51.0"}, ""},
        {{.domain = "domain4.example.test"}, "4"},
        {{.domain = "example.test", .limit = 2}, "8 7"},
        {{.domain = "xample.test"}, ""},
        {{.domain = "%"}, ""},
        {{.search = "DOMAIN5"}, "5"},
        {{.search = "198.51.0.6"}, "6"},
        {{.search = "00000003-0000"}, "3"},
        {{.search = "Example-Feed", .limit = 1}, "8"},
        {{.search = "nowhere"}, ""},
        {{.since_ns = second7}, "8 7"},
        {{.until_ns = second7 - 64 * NS_PER_S}, "2 1 0"},
    };
    struct store *store = varied_store();
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct seen seen = {""};
        assert_int_equal(store_list(store, &cases[i].filter, seen_add, &seen, &error), 0);
        if (strcmp(seen.text, cases[i].numbers) != 0)
            fail_msg("case %zu: %s instead of %s", i, seen.text, cases[i].numbers);
    }
    close_store(store);
}

static void a_list_longer_than_a_page_is_whole(void **state)
{
    (void)state;
    struct store *store = open_store(STORE_WRITE);
    size_t count = 0;
    struct store_filter filter = {.limit = 64};
    put_numbers(store, 0, 100);
    assert_int_equal(count_all(store), 100);
    assert_int_equal(store_list(store, &filter, count_one, &count, &error), 0);
    assert_int_equal(count, 64);
    close_store(store);
}

static int stop_at_once(void *context, const struct alert *alert, struct error *err)
{
    (void)context, (void)alert;
    return error_set(err, -EPIPE, "enough");
}

static void a_callback_can_stop_a_list(void **state)
{
    (void)state;
    struct store *store = varied_store();
    struct store_filter filter = {0};
    assert_int_equal(store_list(store, &filter, stop_at_once, NULL, &error), -EPIPE);
    assert_string_equal(error.text, "enough");
    close_store(store);
}

/* Changing. */

static int history_line(void *context, const struct store_event *event)
{
    char *text = context;
    size_t len = strlen(text);
    snprintf(text + len, 512 - len, "%s %s:%s>%s (%s) %s\n", event->actor, event->what, event->from,
             event->to, event->reason, event->comment);
    assert_true(event->time_ns > 0);
    return 0;
}

static void every_change_leaves_a_line_in_the_history(void **state)
{
    (void)state;
    struct alert alert;
    char text[512] = "";
    struct store *store = open_store(STORE_WRITE);
    alert_build(&alert, 7);
    put(store, &alert);
    assert_int_equal(set_status(store, alert.id, ALERT_STATUS_RESOLVED, -1, ""), 1);
    assert_int_equal(set_status(store, alert.id, ALERT_STATUS_RESOLVED, -1, ""), 0);
    assert_int_equal(set_status(store, alert.id, -1, DISPOSITION_TEST, "a drill"), 1);
    assert_int_equal(set_status(store, alert.id, -1, -1, "asked"), 1);
    assert_int_equal(set_status(store, alert.id, ALERT_STATUS_ACTIVE, DISPOSITION_NONE, ""), 1);
    assert_int_equal(store_history(store, alert.id, history_line, text, &error), 0);
    assert_string_equal(text, "ann status:Active>Resolved () \n"
                              "ann disposition:>test (test) a drill\n"
                              "ann note:> (test) asked\n"
                              "ann status:Resolved>Active () \n"
                              "ann disposition:test> () \n");
    close_store(store);
}

static void a_filter_changes_all_it_finds_at_once(void **state)
{
    (void)state;
    size_t changed;
    struct store *store = varied_store();
    struct store_filter phishing = {.detectors = 1 << DETECTOR_PHISHING_DOMAIN};
    struct store_change change = STORE_CHANGE_NONE;
    change.status = ALERT_STATUS_DISMISSED;
    change.disposition = DISPOSITION_EXPECTED;
    change.actor = "ann";
    assert_int_equal(store_set(store, &phishing, &change, &changed, &error), 0);
    assert_int_equal(changed, 4);
    struct store_filter dismissed = {.statuses = 1 << ALERT_STATUS_DISMISSED};
    struct seen seen = {""};
    assert_int_equal(store_list(store, &dismissed, seen_add, &seen, &error), 0);
    assert_string_equal(seen.text, "9 7 5 3 1");
    close_store(store);
    assert_int_equal(sql_number("SELECT count(*) FROM audit"), 8);
}

static void the_history_cannot_be_edited(void **state)
{
    (void)state;
    struct alert alert;
    struct store *store = open_store(STORE_WRITE);
    alert_build(&alert, 7);
    put(store, &alert);
    set_status(store, alert.id, ALERT_STATUS_RESOLVED, -1, "");
    close_store(store);
    assert_int_equal(sql_run("UPDATE audit SET actor = 'bob'"), SQLITE_CONSTRAINT);
    assert_int_equal(sql_run("DELETE FROM audit"), SQLITE_CONSTRAINT);
}

static void retention_counts_from_when_an_alert_was_stored(void **state)
{
    (void)state;
    size_t deleted;
    struct store *store = open_store(STORE_WRITE);
    int64_t before_ns = clock_now_ns();
    put_numbers(store, 0, 3);
    assert_int_equal(store_purge(store, before_ns, &deleted, &error), 0);
    assert_int_equal(deleted, 0);
    assert_int_equal(store_purge(store, clock_now_ns() + 1, &deleted, &error), 0);
    assert_int_equal(deleted, 3);
    close_store(store);
}

static void old_alerts_go_and_their_history_stays(void **state)
{
    (void)state;
    size_t deleted;
    struct store *store = open_store(STORE_WRITE);
    put_numbers(store, 0, 300);
    struct alert alert;
    alert_build(&alert, 0);
    set_status(store, alert.id, ALERT_STATUS_RESOLVED, -1, "");
    close_store(store);
    assert_int_equal(sql_run("UPDATE alert SET kept_ns = end_ns"), SQLITE_OK);
    store = open_store(STORE_WRITE);
    alert_build(&alert, 290);
    assert_int_equal(store_purge(store, alert.end_ns, &deleted, &error), 0);
    assert_int_equal(deleted, 290);
    assert_int_equal(count_all(store), 10);
    close_store(store);
    assert_int_equal(sql_number("SELECT count(*) FROM audit"), 1);
}

/* What stands in several tables tells the same in all. */
static void assert_store_whole(void)
{
    assert_int_equal(sql_number("SELECT integrity_check = 'ok' FROM pragma_integrity_check"), 1);
    assert_int_equal(sql_number(TALLY_DIFFERENCES_SQL), 0);
    assert_int_equal(sql_number("SELECT count(*) FROM alert WHERE seq NOT IN"
                                " (SELECT seq FROM alert_record) OR seq NOT IN"
                                " (SELECT seq FROM alert_text)"),
                     0);
    assert_int_equal(sql_run("INSERT INTO alert_fts (alert_fts) VALUES ('integrity-check')"),
                     SQLITE_OK);
}

/* Opening. */

static void a_new_database_is_ours_and_in_wal_mode(void **state)
{
    (void)state;
    struct stat st;
    close_store(open_store(STORE_WRITE));
    assert_int_equal(sql_number("PRAGMA application_id"), 0x646e7376);
    assert_true(sql_number("PRAGMA user_version") >= 3);
    assert_int_equal(sql_number("SELECT journal_mode = 'wal' FROM pragma_journal_mode"), 1);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0007, 0);
}

static void version_0_is_brought_up_to_date(void **state)
{
    (void)state;
    struct store *store;
    assert_int_equal(sql_run("PRAGMA user_version = 0"), SQLITE_OK);
    close(open(path, O_CREAT | O_WRONLY, 0600));
    assert_int_equal(store_open(path, STORE_READ, &small, &store, &error), -EPROTO);
    assert_non_null(strstr(error.text, "open it once for writing"));
    close_store(open_store(STORE_WRITE));
    store = open_store(STORE_READ);
    assert_int_equal(count_all(store), 0);
    close_store(store);
}

static void assert_refused(enum store_mode mode, int code, const char *message)
{
    struct store *store;
    assert_int_equal(store_open(path, mode, &small, &store, &error), code);
    if (!strstr(error.text, message) || !strstr(error.text, path))
        fail_msg("says: %s", error.text);
}

static void what_is_not_a_store_is_refused_and_left_alone(void **state)
{
    (void)state;
    static const char note[] = "Dear diary, this file is longer than the header of a database, and "
                               "nothing that writes alerts should touch it.\n";
    char copy[sizeof(note)] = "";
    FILE *file = fopen(path, "w");
    fputs(note, file);
    fclose(file);
    assert_refused(STORE_WRITE, -EPROTO, "not a database");
    assert_refused(STORE_READ, -EPROTO, "not a database");
    file = fopen(path, "r");
    assert_int_equal(fread(copy, 1, sizeof(note) - 1, file), sizeof(note) - 1);
    fclose(file);
    assert_string_equal(copy, note);
}

static void the_database_of_another_program_is_refused(void **state)
{
    (void)state;
    assert_int_equal(sql_run("CREATE TABLE bookmark (url TEXT)"), SQLITE_OK);
    assert_refused(STORE_WRITE, -EPROTO, "some other program");
    assert_int_equal(sql_number("SELECT count(*) FROM sqlite_schema"), 1);
}

static void a_newer_version_is_refused(void **state)
{
    (void)state;
    close_store(open_store(STORE_WRITE));
    assert_int_equal(sql_run("PRAGMA user_version = 99"), SQLITE_OK);
    assert_refused(STORE_WRITE, -EPROTO, "newer dnsvigil");
    assert_refused(STORE_READ, -EPROTO, "newer dnsvigil");
}

static void a_missing_file_says_how_to_make_one(void **state)
{
    (void)state;
    assert_refused(STORE_READ, -ENOENT, "dnsvigil analyze");
}

static void missing_folders_are_made(void **state)
{
    (void)state;
    snprintf(path, sizeof(path), "%s/a/b/alerts.db", folder);
    close_store(open_store(STORE_WRITE));
}

static void a_second_writer_is_kept_out(void **state)
{
    (void)state;
    char pid[32];
    struct store *store = open_store(STORE_WRITE);
    snprintf(pid, sizeof(pid), "process %d;", (int)getpid());
    assert_refused(STORE_WRITE, -EBUSY, pid);
    close_store(store);
    close_store(open_store(STORE_WRITE));
}

static void a_reader_sees_what_is_committed_meanwhile_and_cannot_write(void **state)
{
    (void)state;
    struct alert alert;
    const struct alert *pointer = &alert;
    struct store_put_result result;
    struct store *writer = open_store(STORE_WRITE), *reader = open_store(STORE_READ);
    for (unsigned i = 0; i < 50; i++) {
        put_numbers(writer, i, 1);
        assert_int_equal(count_all(reader), i + 1);
    }
    alert_build(&alert, 99);
    assert_int_equal(store_put(reader, &pointer, 1, &result, &error), -EROFS);
    close_store(reader);
    close_store(writer);
}

/* The writer's log must not grow with the number of commits while somebody reads a long list. */
static int put_while_listing(void *context, const struct alert *alert, struct error *err)
{
    (void)err;
    unsigned number;
    sscanf(alert->domain, "domain%u", &number);
    put_numbers(context, 1000 + 4 * number, 4);
    return 0;
}

static void a_slow_reader_does_not_make_the_log_grow(void **state)
{
    (void)state;
    char wal[128];
    struct stat st;
    struct store_filter filter = {.statuses = ~0u,
                                  .until_ns = 1767225600 * NS_PER_S + 300 * NS_PER_S};
    struct store *writer = open_store(STORE_WRITE), *reader = open_store(STORE_READ);
    for (unsigned i = 0; i < 200; i += 4)
        put_numbers(writer, i, 4);
    assert_int_equal(store_list(reader, &filter, put_while_listing, writer, &error), 0);
    snprintf(wal, sizeof(wal), "%s-wal", path);
    assert_int_equal(stat(wal, &st), 0);
    assert_in_range(st.st_size, 1, 256 * 4096);
    close_store(reader);
    close_store(writer);
}

/* Dying. */

static void resolve_batch(struct store *store, unsigned batch)
{
    struct alert alert;
    const char *id = alert.id;
    const struct store_filter filter = {.ids = &id, .id_count = 1};
    struct store_change change = STORE_CHANGE_NONE;
    size_t changed;
    change.actor = "user:ann";
    change.status = ALERT_STATUS_RESOLVED;
    alert_build(&alert, batch * 10);
    if (store_set(store, &filter, &change, &changed, &error) < 0)
        _exit(1);
}

static void put_forever(int acknowledge)
{
    struct store *store = open_store(STORE_WRITE);
    for (unsigned batch = 0;; batch++) {
        struct alert alerts[10];
        const struct alert *pointers[10];
        struct store_put_result result;
        for (unsigned i = 0; i < 10; i++) {
            alert_build(&alerts[i], batch * 10 + i);
            pointers[i] = &alerts[i];
        }
        if (store_put(store, pointers, 10, &result, &error) < 0)
            _exit(1);
        if (write(acknowledge, &batch, sizeof(batch)) != sizeof(batch))
            _exit(1);
        resolve_batch(store, batch);
    }
}

/* Starts a writer, kills it `batches` acknowledgements later, and returns the last it gave. */
static unsigned kill_after(unsigned batches)
{
    int pipes[2];
    unsigned batch = 0, last = 0;
    assert_int_equal(pipe(pipes), 0);
    pid_t child = fork();
    if (child == 0)
        put_forever(pipes[1]);
    close(pipes[1]);
    for (unsigned i = 0; i < batches; i++)
        assert_int_equal(read(pipes[0], &last, sizeof(last)), sizeof(last));
    kill(child, SIGKILL);
    while (read(pipes[0], &batch, sizeof(batch)) == sizeof(batch))
        last = batch;
    close(pipes[0]);
    waitpid(child, NULL, 0);
    return last;
}

static void nothing_acknowledged_is_lost_to_kill_9(void **state)
{
    (void)state;
    for (unsigned round = 0; round < 12; round++) {
        unsigned last = kill_after(1 + round * 3);
        struct store *store = open_store(STORE_WRITE);
        assert_int_equal(count_all(store) % 10, 0);
        for (unsigned i = 0; i < (last + 1) * 10; i++) {
            struct alert alert, copy;
            alert_build(&alert, i);
            assert_int_equal(store_get(store, alert.id, &copy, &error), 0);
        }
        close_store(store);
        assert_store_whole();
    }
}

/* Failing. */

static int try_put(struct store *store, unsigned number)
{
    struct alert alert;
    const struct alert *pointer = &alert;
    struct store_put_result result;
    alert_build(&alert, number);
    return store_put(store, &pointer, 1, &result, &error);
}

static void a_full_disk_is_told_and_loses_nothing(void **state)
{
    (void)state;
    struct store *store = open_store(STORE_WRITE);
    put_numbers(store, 0, 20);
    write_errno = ENOSPC;
    assert_int_equal(try_put(store, 20), -ENOSPC);
    assert_non_null(strstr(error.text, "free some space"));
    disk_works();
    assert_int_equal(count_all(store), 20);
    assert_int_equal(try_put(store, 20), 0);
    assert_int_equal(count_all(store), 21);
    close_store(store);
    assert_int_equal(sql_number("SELECT integrity_check = 'ok' FROM pragma_integrity_check"), 1);
}

/* Puts, changes and purges; returns the first failure. */
static int live(struct store *store)
{
    const struct store_filter filter = {.severities = 1u << SEVERITY_LOW};
    struct store_change change = STORE_CHANGE_NONE;
    size_t count;
    int r = 0;
    change.actor = "user:ann";
    change.status = ALERT_STATUS_DISMISSED;
    for (unsigned i = 0; r == 0 && i < 4; i++)
        r = try_put(store, i);
    if (r == 0)
        r = store_set(store, &filter, &change, &count, &error);
    return r == 0 ? store_purge(store, 1, &count, &error) : r;
}

static void one_failed_write_leaves_nothing_half_done(void **state)
{
    (void)state;
    static const int errnos[] = {ENOSPC, EIO};
    bool failed = true;
    for (unsigned n = 1; failed; n += 1 + n / 8) {
        for (unsigned i = 0; i < 2; i++) {
            struct store *store = open_store(STORE_WRITE);
            writes_before = n;
            write_errno = errnos[i];
            live(store);
            failed = writes_before == 0;
            disk_works();
            store_close(store, &error);
            assert_store_whole();
            assert_int_equal(sql_run("UPDATE alert SET kept_ns = 0"), SQLITE_OK);
        }
    }
}

static void the_ballast_lets_old_alerts_go_on_a_full_disk(void **state)
{
    (void)state;
    size_t deleted;
    struct store *store = open_store(STORE_WRITE);
    put_numbers(store, 0, 20);
    assert_true(ballast_is_there());
    write_errno = ENOSPC;
    write_needs_ballast_gone = true;
    assert_int_equal(store_purge(store, INT64_MAX, &deleted, &error), 0);
    assert_int_equal(deleted, 20);
    disk_works();
    close_store(store);
    close_store(open_store(STORE_WRITE));
    assert_true(ballast_is_there());
}

static void a_failed_write_or_sync_is_the_end(void **state)
{
    (void)state;
    static int *const failures[] = {&write_errno, &sync_errno};
    for (size_t i = 0; i < sizeof(failures) / sizeof(failures[0]); i++) {
        struct store *store = open_store(STORE_WRITE);
        put_numbers(store, 0, 5);
        *failures[i] = EIO;
        assert_int_equal(try_put(store, 100), -EIO);
        assert_non_null(strstr(error.text, "check the disk"));
        disk_works(); /* too late: the kernel may have dropped what it could not write */
        assert_int_equal(try_put(store, 101), -EIO);
        assert_non_null(strstr(error.text, "the disk failed before"));
        close_store(store);
        store = open_store(STORE_WRITE);
        for (unsigned number = 0; number < 5; number++) {
            struct alert alert, copy;
            alert_build(&alert, number);
            assert_int_equal(store_get(store, alert.id, &copy, &error), 0);
        }
        close_store(store);
    }
}

static void a_checkpoint_that_fails_is_told_on_close(void **state)
{
    (void)state;
    struct store_config late = small;
    late.checkpoint_pages = 1000; /* none before the store is closed */
    struct store *store;
    assert_int_equal(store_open(path, STORE_WRITE, &late, &store, &error), 0);
    put_numbers(store, 0, 1);
    sync_errno = EIO;
    assert_int_equal(store_close(store, &error), -EIO);
    assert_non_null(strstr(error.text, "moving the log"));
    disk_works();
    store = open_store(STORE_WRITE);
    assert_int_equal(count_all(store), 1);
    close_store(store);
}

#define STORE_TEST(test) cmocka_unit_test_setup_teardown(test, folder_make, folder_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE_TEST(an_alert_comes_back_as_it_was),
        STORE_TEST(a_replay_changes_nothing),
        STORE_TEST(more_of_the_same_is_a_new_revision),
        STORE_TEST(a_status_survives_replay_and_growth),
        STORE_TEST(an_id_may_be_cut_short_while_it_is_unique),
        STORE_TEST(filters_choose_and_sort),
        STORE_TEST(a_list_longer_than_a_page_is_whole),
        STORE_TEST(a_callback_can_stop_a_list),
        STORE_TEST(every_change_leaves_a_line_in_the_history),
        STORE_TEST(a_filter_changes_all_it_finds_at_once),
        STORE_TEST(the_history_cannot_be_edited),
        STORE_TEST(retention_counts_from_when_an_alert_was_stored),
        STORE_TEST(old_alerts_go_and_their_history_stays),
        STORE_TEST(a_new_database_is_ours_and_in_wal_mode),
        STORE_TEST(version_0_is_brought_up_to_date),
        STORE_TEST(what_is_not_a_store_is_refused_and_left_alone),
        STORE_TEST(the_database_of_another_program_is_refused),
        STORE_TEST(a_newer_version_is_refused),
        STORE_TEST(a_missing_file_says_how_to_make_one),
        STORE_TEST(missing_folders_are_made),
        STORE_TEST(a_second_writer_is_kept_out),
        STORE_TEST(a_reader_sees_what_is_committed_meanwhile_and_cannot_write),
        STORE_TEST(a_slow_reader_does_not_make_the_log_grow),
        STORE_TEST(nothing_acknowledged_is_lost_to_kill_9),
        STORE_TEST(a_full_disk_is_told_and_loses_nothing),
        STORE_TEST(one_failed_write_leaves_nothing_half_done),
        STORE_TEST(the_ballast_lets_old_alerts_go_on_a_full_disk),
        STORE_TEST(a_failed_write_or_sync_is_the_end),
        STORE_TEST(a_checkpoint_that_fails_is_told_on_close),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
