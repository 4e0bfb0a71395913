/* test_isolation.c - machines are cut off and let in again, and files never hold half of anything
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include "alert_build.h"
#include "base/clock.h"
#include "respond/isolation.h"
#include "store/audit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A store with an alert about 10.1.2.3 and bad.example, and a configuration of two targets whose
 * command notes that it ran, and fails while there is a file `broken`. */
struct bench {
    char folder[64];
    char text[4096];
    struct config *config;
    struct config_networks own;
    struct alert alert;
    struct isolation_desk desk;
    struct error error;
};

static const char config_text[] =
    "resolvers: [10.0.0.53]\n"
    "forwarders: [10.0.0.54]\n"
    "isolation:\n"
    "  allowed: [10.0.0.0/8, '2001:db8::/32']\n"
    "  protected: [10.9.0.0/16]\n"
    "  protected_names: [good.example]\n"
    "  hours: 2\n"
    "  hours_max: 48\n"
    "  targets:\n"
    "    - {name: zone, type: rpz, path: %s/zone, timeout_s: 20,\n"
    "       command: [/bin/sh, -c, 'cat %s/zone >>%s/told; echo no; test ! -e %s/broken']}\n"
    "    - {name: gate, type: nftables, path: %s/gate}\n";

static void path_of(const struct bench *bench, const char *name, char path[static 128])
{
    snprintf(path, 128, "%s/%s", bench->folder, name);
}

static int setup(void **state)
{
    struct bench *bench = calloc(1, sizeof(*bench));
    char path[128], text[2048];
    struct store *store;
    strcpy(bench->folder, "/tmp/isolation-XXXXXX");
    assert_non_null(mkdtemp(bench->folder));
    const char *f = bench->folder;
    snprintf(text, sizeof(text), config_text, f, f, f, f, f);
    if (config_load_text("t.yaml", text, strlen(text), &bench->config, &bench->error) < 0)
        fail_msg("%s", bench->error.text);
    path_of(bench, "alerts.db", path);
    struct store_config small = store_config_default;
    small.ballast_bytes = 0;
    assert_int_equal(store_open(path, STORE_WRITE, &small, &store, &bench->error), 0);
    alert_build(&bench->alert, 1);
    strcpy(bench->alert.entity_ip, "10.1.2.3");
    strcpy(bench->alert.domain, "bad.example");
    strcpy(bench->alert.qname, "www.bad.example");
    const struct alert *alerts[] = {&bench->alert};
    struct store_put_result result;
    assert_int_equal(store_put(store, alerts, 1, &result, &bench->error), 0);
    bench->desk = (struct isolation_desk){.config = bench->config,
                                          .own = &bench->own,
                                          .store = store,
                                          .writer = store_writer_direct(store),
                                          .runner = job_runner_direct(),
                                          .actor = "user:ann"};
    *state = bench;
    return 0;
}

static int teardown(void **state)
{
    struct bench *bench = *state;
    static const char *const names[] = {"alerts.db", "alerts.db.lock", "zone",          "gate",
                                        "told",      "alerts.db-wal",  "alerts.db-shm", "broken"};
    store_close(bench->desk.store, &bench->error);
    config_free(bench->config);
    free(bench->own.items);
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        char path[128];
        path_of(bench, names[i], path);
        unlink(path);
    }
    assert_int_equal(rmdir(bench->folder), 0); /* nothing else was left there */
    free(bench);
    return 0;
}

static char *file_text(const struct bench *bench, const char *name)
{
    static char text[1 << 16];
    char path[128];
    path_of(bench, name, path);
    FILE *file = fopen(path, "r");
    text[file ? fread(text, 1, sizeof(text) - 1, file) : 0] = '\0';
    if (file)
        fclose(file);
    return text;
}

static void broken_set(const struct bench *bench, bool broken)
{
    char path[128];
    path_of(bench, "broken", path);
    if (broken)
        fclose(fopen(path, "w"));
    else
        unlink(path);
}

static int try_request(struct bench *bench, const char *target, const char *what, uint64_t *ret_id)
{
    const struct isolation_request request = {
        .alert_id = bench->alert.id, .target = target, .what = what, .reason = "infected"};
    return isolation_request(&bench->desk, &request, ret_id, &bench->error);
}

static uint64_t request(struct bench *bench, const char *target, const char *what)
{
    uint64_t id = 0;
    if (try_request(bench, target, what, &id) < 0)
        fail_msg("%s", bench->error.text);
    return id;
}

static struct isolation get(struct bench *bench, uint64_t id)
{
    struct isolation isolation;
    assert_int_equal(isolations_get(bench->desk.store, id, &isolation, &bench->error), 0);
    return isolation;
}

static void apply(struct bench *bench, uint64_t id)
{
    if (isolation_apply(&bench->desk, id, &bench->error) < 0)
        fail_msg("%s", bench->error.text);
}

static int remember(void *context, uint64_t seq, const struct audit_entry *entry,
                    const uint8_t hash[static AUDIT_HASH_BYTES])
{
    (void)seq, (void)hash;
    char *text = context;
    sprintf(text + strlen(text), "%s %s %s>%s\n", entry->actor, entry->action, entry->from,
            entry->to);
    return 0;
}

/* What the audit trail says of it, a line an entry. */
static void audit_is(struct bench *bench, uint64_t id, const char *want)
{
    char object[32], got[1024] = "";
    uint64_t broken;
    snprintf(object, sizeof(object), "isolation/%d", (int)id);
    const struct audit_filter filter = {.object = object};
    assert_int_equal(audit_list(bench->desk.store, &filter, remember, got, &bench->error), 0);
    assert_string_equal(got, want);
    assert_int_equal(audit_verify(bench->desk.store, &broken, &bench->error), 0);
    assert_int_equal(broken, 0);
}

static void from_proposal_to_undone(void **state)
{
    struct bench *bench = *state;
    struct buf diff;
    uint64_t id = request(bench, "zone", NULL);
    assert_string_equal(file_text(bench, "zone"), "");
    buf_init(&diff, 1 << 16);
    assert_int_equal(isolation_preview(&bench->desk, id, &diff, &bench->error), 0);
    assert_non_null(strstr(diff.data, "\n+32.3.2.1.10.rpz-client-ip CNAME .\n"));
    assert_string_equal(file_text(bench, "zone"), "");
    apply(bench, id);
    assert_non_null(strstr(file_text(bench, "zone"), "\n32.3.2.1.10.rpz-client-ip CNAME .\n"));
    struct isolation isolation = get(bench, id);
    assert_int_equal(isolation.state, ISOLATION_APPLIED);
    assert_int_equal(isolation.expires_ns - isolation.applied_ns, 2 * 3600 * NS_PER_S);
    buf_reset(&diff);
    assert_int_equal(isolation_preview(&bench->desk, id, &diff, &bench->error), 0);
    assert_non_null(strstr(diff.data, "\n-32.3.2.1.10.rpz-client-ip CNAME .\n"));
    assert_int_equal(isolation_undo(&bench->desk, id, &bench->error), 0);
    assert_null(strstr(file_text(bench, "zone"), "rpz-client-ip"));
    assert_int_equal(get(bench, id).state, ISOLATION_UNDONE);
    assert_int_equal(isolation_apply(&bench->desk, id, &bench->error), -EALREADY);
    assert_int_equal(isolation_undo(&bench->desk, id, &bench->error), -EALREADY);
    audit_is(bench, id,
             "user:ann propose >proposed\n"
             "user:ann apply proposed>applied\n"
             "user:ann undo applied>undone\n");
    buf_done(&diff);
}

static void several_share_a_file_and_go_in_any_order(void **state)
{
    struct bench *bench = *state;
    uint64_t machine = request(bench, "zone", NULL);
    uint64_t name = request(bench, "zone", "bad.example");
    uint64_t gate = request(bench, "gate", "10.1.2.0/24");
    apply(bench, machine);
    apply(bench, name);
    apply(bench, gate);
    assert_non_null(strstr(file_text(bench, "zone"), "32.3.2.1.10.rpz-client-ip"));
    assert_non_null(strstr(file_text(bench, "zone"), "\nbad.example CNAME"));
    assert_non_null(strstr(file_text(bench, "gate"), "10.1.2.0/24 timeout 7200s"));
    assert_int_equal(isolation_undo(&bench->desk, machine, &bench->error), 0);
    assert_null(strstr(file_text(bench, "zone"), "rpz-client-ip"));
    assert_non_null(strstr(file_text(bench, "zone"), "\nbad.example CNAME"));
    assert_non_null(strstr(file_text(bench, "gate"), "10.1.2.0/24"));
}

static unsigned serial_of(const struct bench *bench)
{
    const char *at = strstr(file_text(bench, "zone"), "root.localhost. ");
    assert_non_null(at);
    return (unsigned)strtoul(at + strlen("root.localhost. "), NULL, 10);
}

static void the_serial_rises_with_each_change(void **state)
{
    struct bench *bench = *state;
    uint64_t id = request(bench, "zone", NULL);
    apply(bench, id);
    unsigned first = serial_of(bench);
    assert_int_equal(isolation_undo(&bench->desk, id, &bench->error), 0);
    unsigned second = serial_of(bench);
    assert_true(second > first);
    apply(bench, request(bench, "zone", NULL));
    assert_true(serial_of(bench) > second);
}

static void a_failing_command_leaves_the_file_as_it_was(void **state)
{
    struct bench *bench = *state;
    char path[128];
    struct stat info;
    uint64_t first = request(bench, "zone", NULL);
    apply(bench, first);
    path_of(bench, "zone", path);
    assert_int_equal(chmod(path, 0640), 0);
    char *before = strdup(file_text(bench, "zone"));
    uint64_t second = request(bench, "zone", "bad.example");
    broken_set(bench, true);
    assert_int_equal(isolation_apply(&bench->desk, second, &bench->error), -EREMOTEIO);
    assert_non_null(strstr(bench->error.text, "ended with status 1: no"));
    assert_string_equal(file_text(bench, "zone"), before);
    assert_int_equal(get(bench, second).state, ISOLATION_FAILED);
    assert_non_null(strstr(get(bench, second).failure, "ended with status 1"));
    assert_int_equal(isolation_undo(&bench->desk, first, &bench->error), -EREMOTEIO);
    assert_string_equal(file_text(bench, "zone"), before);
    assert_int_equal(get(bench, first).state, ISOLATION_APPLIED);
    audit_is(bench, first,
             "user:ann propose >proposed\n"
             "user:ann apply proposed>applied\n"
             "user:ann undo applied>applied\n");
    broken_set(bench, false);
    apply(bench, second); /* may be tried again */
    assert_non_null(strstr(file_text(bench, "zone"), "\nbad.example CNAME"));
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 07777, 0640);
    audit_is(bench, second,
             "user:ann propose >proposed\n"
             "user:ann apply proposed>failed\n"
             "user:ann apply failed>applied\n");
    free(before);
}

/* The service is told what is true again: the command ran for the new file, and for the old. */
static void after_a_failure_the_service_reads_the_old_file(void **state)
{
    struct bench *bench = *state;
    uint64_t id = request(bench, "zone", NULL);
    apply(bench, request(bench, "zone", "bad.example"));
    broken_set(bench, true);
    assert_int_equal(isolation_apply(&bench->desk, id, &bench->error), -EREMOTEIO);
    char *told = file_text(bench, "told");
    char *tried = strstr(told, "rpz-client-ip");
    assert_non_null(tried);
    assert_non_null(strstr(tried, "\nbad.example CNAME"));
    assert_non_null(strstr(strstr(tried, "$ORIGIN"), "\nbad.example CNAME"));
    assert_null(strstr(tried + 1, "rpz-client-ip"));
}

static void what_may_not_be_isolated_is_not(void **state)
{
    struct bench *bench = *state;
    static const struct {
        const char *entity, *what, *target;
        int r;
        const char *message;
    } cases[] = {
        {"192.0.2.1", NULL, "zone", -EPERM, "not in isolation.allowed"},
        {"10.0.0.53", NULL, "zone", -EPERM, "it is a resolver"},
        {"10.0.0.54", NULL, "zone", -EPERM, "it is a forwarder"},
        {"10.0.0.52", "10.0.0.52/31", "zone", -EPERM, "it is a resolver"},
        {"10.9.1.1", NULL, "zone", -EPERM, "isolation.protected"},
        {"10.8.1.1", "10.8.0.0/15", "zone", -EPERM, "isolation.protected"},
        {"10.1.2.3", "0.0.0.0/0", "zone", -EPERM, "not in isolation.allowed"},
        {"10.7.7.7", NULL, "zone", -EPERM, "this machine"},
        {"10.1.2.3", "10.1.2.4", "zone", -EINVAL, "the alert is about"},
        {"10.1.2.3", "other.example", "zone", -EINVAL, "the alert is about"},
        {"10.1.2.3", "xbad.example", "zone", -EINVAL, "the alert is about"},
        {"10.1.2.3", "example", "zone", -EINVAL, "the alert is about"},
        {"10.1.2.3", "bad.example", "gate", -EINVAL, "cannot block names"},
        {"10.1.2.3", "*.bad.example", "zone", -EPERM, "something else than a name"},
        {"10.1.2.3", "bad..example", "zone", -EINVAL, "neither an address"},
        {"10.1.2.3", NULL, "nowhere", -ENOENT, "there is no target nowhere"},
        {"10.1.2.3", NULL, NULL, -ENOENT, "there are several targets"},
    };
    bench->own.items = calloc(1, sizeof(*bench->own.items));
    bench->own.count = 1;
    assert_true(prefix_parse("10.7.7.7", 8, bench->own.items));
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        uint64_t id;
        struct store_put_result result;
        const struct alert *alerts[] = {&bench->alert};
        snprintf(bench->alert.id, sizeof(bench->alert.id), "1_%d", (int)i);
        strcpy(bench->alert.entity_ip, cases[i].entity);
        assert_int_equal(store_put(bench->desk.store, alerts, 1, &result, &bench->error), 0);
        int r = try_request(bench, cases[i].target, cases[i].what, &id);
        if (r != cases[i].r || !strstr(bench->error.text, cases[i].message))
            fail_msg("%s %s: %d %s", cases[i].entity, cases[i].what, r, bench->error.text);
    }
    strcpy(bench->alert.domain, "www.good.example");
    strcpy(bench->alert.id, "1_x");
    const struct alert *alerts[] = {&bench->alert};
    struct store_put_result result;
    uint64_t id;
    assert_int_equal(store_put(bench->desk.store, alerts, 1, &result, &bench->error), 0);
    assert_int_equal(try_request(bench, "zone", "www.good.example", &id), -EPERM);
    assert_non_null(strstr(bench->error.text, "isolation.protected_names has good.example"));
}

static void a_stricter_configuration_holds_for_what_was_proposed(void **state)
{
    struct bench *bench = *state;
    uint64_t id = request(bench, "zone", NULL);
    bench->config->isolation.allowed.count = 0;
    assert_int_equal(isolation_apply(&bench->desk, id, &bench->error), -EPERM);
    assert_string_equal(file_text(bench, "zone"), "");
}

static void the_same_is_asked_for_once(void **state)
{
    struct bench *bench = *state;
    uint64_t id, first = request(bench, "zone", NULL);
    assert_int_equal(try_request(bench, "zone", "10.1.2.3/32", &id), -EEXIST);
    request(bench, "gate", NULL); /* elsewhere is something else */
    assert_int_equal(isolation_undo(&bench->desk, first, &bench->error), 0); /* taken back */
    assert_string_equal(file_text(bench, "told"), ""); /* without touching the service */
    request(bench, "zone", NULL);
}

static void it_lasts_no_longer_than_allowed(void **state)
{
    struct bench *bench = *state;
    uint64_t id;
    struct isolation_request request = {
        .alert_id = bench->alert.id, .target = "zone", .hours = 49, .reason = ""};
    assert_int_equal(isolation_request(&bench->desk, &request, &id, &bench->error), -EINVAL);
    request.hours = 48;
    assert_int_equal(isolation_request(&bench->desk, &request, &id, &bench->error), 0);
}

static void it_ends_by_itself(void **state)
{
    struct bench *bench = *state;
    size_t expired;
    uint64_t machine = request(bench, "zone", NULL), name = request(bench, "zone", "bad.example");
    apply(bench, machine);
    apply(bench, name);
    int64_t end_ns = get(bench, machine).expires_ns;
    assert_int_equal(isolation_sweep(&bench->desk, end_ns - 1, &expired, &bench->error), 0);
    assert_int_equal(expired, 0);
    broken_set(bench, true);
    for (int i = 0; i < 3; i++) /* tried again and again, told once */
        assert_int_equal(isolation_sweep(&bench->desk, end_ns, &expired, &bench->error),
                         -EREMOTEIO);
    assert_non_null(strstr(file_text(bench, "zone"), "rpz-client-ip"));
    broken_set(bench, false);
    int64_t later_ns = get(bench, name).expires_ns;
    assert_int_equal(isolation_sweep(&bench->desk, later_ns, &expired, &bench->error), 0);
    assert_int_equal(expired, 2);
    assert_null(strstr(file_text(bench, "zone"), "rpz-client-ip"));
    assert_int_equal(get(bench, machine).state, ISOLATION_EXPIRED);
    audit_is(bench, machine,
             "user:ann propose >proposed\n"
             "user:ann apply proposed>applied\n"
             "user:ann undo applied>applied\n"
             "user:ann expire applied>expired\n");
    assert_int_equal(isolation_sweep(&bench->desk, later_ns, &expired, &bench->error), 0);
    assert_int_equal(expired, 0);
}

static int write_fails(void *arg, store_write_fn fn, void *fn_arg, struct error *error)
{
    (void)arg, (void)fn, (void)fn_arg;
    return error_set(error, -ENOSPC, "the disk is full");
}

static void a_store_that_fails_takes_the_file_back(void **state)
{
    struct bench *bench = *state;
    uint64_t id = request(bench, "zone", NULL);
    apply(bench, request(bench, "zone", "bad.example"));
    bench->desk.writer.write = write_fails;
    assert_int_equal(isolation_apply(&bench->desk, id, &bench->error), -ENOSPC);
    assert_null(strstr(file_text(bench, "zone"), "rpz-client-ip"));
    assert_non_null(strstr(file_text(bench, "zone"), "\nbad.example CNAME"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(from_proposal_to_undone),
        TEST(several_share_a_file_and_go_in_any_order),
        TEST(the_serial_rises_with_each_change),
        TEST(a_failing_command_leaves_the_file_as_it_was),
        TEST(after_a_failure_the_service_reads_the_old_file),
        TEST(what_may_not_be_isolated_is_not),
        TEST(a_stricter_configuration_holds_for_what_was_proposed),
        TEST(the_same_is_asked_for_once),
        TEST(it_lasts_no_longer_than_allowed),
        TEST(it_ends_by_itself),
        TEST(a_store_that_fails_takes_the_file_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
