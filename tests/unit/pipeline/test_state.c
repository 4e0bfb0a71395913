/* test_state.c - what the meters know is kept as a whole, or refused with the reason
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include "base/clock.h"
#include "base/hash.h"
#include "pipeline/state.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NOW_NS (1700000000 * NS_PER_S)

static char folder[64];
static char path[96];
static struct config *config;
static struct buf parts[2];

static struct config *config_of(const char *yaml)
{
    struct config *ret;
    struct error error = {""};
    if (config_load_text("test.yaml", yaml, strlen(yaml), &ret, &error) < 0)
        fail_msg("%s", error.text);
    return ret;
}

static int start(void **context)
{
    (void)context;
    snprintf(folder, sizeof(folder), "/tmp/dnsvigil-state-XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/state.bin", folder);
    config = config_of("");
    for (unsigned i = 0; i < 2; i++)
        buf_init(&parts[i], 1 << 20);
    image_put(&parts[0], "shared", "abc", 3);
    image_put(&parts[1], "own", "de", 2);
    hash_seed = 4711;
    return 0;
}

static int finish(void **context)
{
    (void)context;
    unlink(path);
    rmdir(folder);
    config_free(config);
    buf_done(&parts[0]);
    buf_done(&parts[1]);
    return 0;
}

static void keep(void)
{
    struct error error = {""};
    if (state_write(path, config, parts, 2, NOW_NS, &error) < 0)
        fail_msg("%s", error.text);
}

static void refused(int code, const struct config *with, unsigned count, int64_t now_ns,
                    const char *reason)
{
    struct state state;
    struct error error = {""};
    hash_seed = 12;
    assert_int_equal(state_read(path, with, count, now_ns, &state, &error), code);
    assert_non_null(strstr(error.text, reason));
    assert_int_equal(hash_seed, 12); /* of a file that is not believed nothing is taken */
}

static void what_was_kept_comes_back_with_its_seed(void **context)
{
    (void)context;
    struct state state;
    struct error error = {""};
    char text[4] = "";
    keep();
    hash_seed = 12;
    assert_int_equal(state_read(path, config, 2, NOW_NS + NS_PER_S, &state, &error), 0);
    assert_int_equal(hash_seed, 4711);
    assert_int_equal(state.saved_ns, NOW_NS);
    assert_int_equal(state.count, 2);
    assert_true(image_get(&state.parts[0], "shared", text, 3));
    assert_string_equal(text, "abc");
    assert_true(image_get(&state.parts[1], "own", text, 2));
    state_done(&state);
}

static void the_file_is_its_owners_alone(void **context)
{
    (void)context;
    struct stat info;
    keep();
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    assert_int_equal(chmod(path, 0640), 0);
    refused(-EPERM, config, 2, NOW_NS, "others than its owner");
}

static void no_file_is_no_failure(void **context)
{
    (void)context;
    refused(-ENOENT, config, 2, NOW_NS, "");
}

static void every_damaged_byte_is_noticed(void **context)
{
    (void)context;
    keep();
    struct stat info;
    assert_int_equal(stat(path, &info), 0);
    for (long at = 0; at < info.st_size; at += 1 + at / 64) {
        FILE *file = fopen(path, "r+b");
        assert_non_null(file);
        fseek(file, at, SEEK_SET);
        int byte = fgetc(file);
        fseek(file, at, SEEK_SET);
        fputc(byte ^ 0x10, file);
        fclose(file);
        refused(-EBADMSG, config, 2, NOW_NS, "damaged");
        keep();
    }
}

static void a_file_cut_short_is_damaged(void **context)
{
    (void)context;
    const long lengths[] = {0, 8, 100};
    for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
        keep();
        assert_int_equal(truncate(path, lengths[i]), 0);
        refused(-EBADMSG, config, 2, NOW_NS, "damaged");
    }
    struct stat info;
    keep();
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(truncate(path, info.st_size - 1), 0);
    refused(-EBADMSG, config, 2, NOW_NS, "damaged");
}

static void other_limits_are_told(void **context)
{
    (void)context;
    struct config *other = config_of("tunnels: {records_max: 2048}\n");
    keep();
    refused(-ESTALE, other, 2, NOW_NS, "other limits");
    refused(-ESTALE, config, 3, NOW_NS, "other limits");
    config_free(other);
}

static void what_is_too_old_is_told(void **context)
{
    (void)context;
    keep();
    refused(-ESTALE, config, 2, NOW_NS + 25 * 3600 * NS_PER_S, "state.age_max_hours");
    refused(-ESTALE, config, 2, NOW_NS - 25 * 3600 * NS_PER_S, "state.age_max_hours");
}

static void a_folder_that_cannot_be_written_is_told(void **context)
{
    (void)context;
    struct error error = {""};
    assert_true(state_write("/proc/none/state.bin", config, parts, 2, NOW_NS, &error) < 0);
    assert_non_null(strstr(error.text, "could not be kept"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_was_kept_comes_back_with_its_seed, start, finish),
        cmocka_unit_test_setup_teardown(the_file_is_its_owners_alone, start, finish),
        cmocka_unit_test_setup_teardown(no_file_is_no_failure, start, finish),
        cmocka_unit_test_setup_teardown(every_damaged_byte_is_noticed, start, finish),
        cmocka_unit_test_setup_teardown(a_file_cut_short_is_damaged, start, finish),
        cmocka_unit_test_setup_teardown(other_limits_are_told, start, finish),
        cmocka_unit_test_setup_teardown(what_is_too_old_is_told, start, finish),
        cmocka_unit_test_setup_teardown(a_folder_that_cannot_be_written_is_told, start, finish),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
