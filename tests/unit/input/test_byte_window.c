/* test_byte_window.c - a sliding view of a descriptor: nothing lost, doubled or out of order
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include "input/byte_window.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { INPUT_BYTES = 3 * BYTE_WINDOW_BYTES + 12345 };

/* The byte that stands at this place of the test input. */
static uint8_t byte_at(uint64_t offset)
{
    return (uint8_t)(offset * 2654435761u >> 13);
}

static void open_input(struct byte_window *window)
{
    static uint8_t input[INPUT_BYTES];
    for (size_t i = 0; i < INPUT_BYTES; i++)
        input[i] = byte_at(i);
    int fd = memfd_create("input", MFD_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, input, INPUT_BYTES, 0), INPUT_BYTES);
    assert_true(byte_window_init(window, fd));
}

static void assert_view(const struct byte_window *window)
{
    const uint8_t *at = byte_window_at(window);
    size_t len = byte_window_len(window);
    assert_int_equal(byte_window_received(window), window->offset + len);
    for (size_t i = 0; i < len; i += 97)
        assert_int_equal(at[i], byte_at(window->offset + i));
}

static void every_step_shows_the_bytes_of_its_place(void **unused)
{
    (void)unused;
    static const size_t needs[] = {1, 12, 4096, 300000, 524288, BYTE_WINDOW_BYTES};
    static const uint64_t steps[] = {1,
                                     7777,
                                     65536,
                                     524287,
                                     BYTE_WINDOW_BYTES - 3,
                                     BYTE_WINDOW_BYTES + 5,
                                     2 * BYTE_WINDOW_BYTES};
    for (size_t n = 0; n < sizeof(needs) / sizeof(needs[0]); n++) {
        for (size_t s = 1; s < sizeof(steps) / sizeof(steps[0]); s++) {
            struct byte_window window;
            open_input(&window);
            uint64_t expected = 0;
            for (; expected + needs[n] <= INPUT_BYTES; expected += steps[s]) {
                assert_int_equal(byte_window_fill(&window, needs[n]), 0);
                assert_true(byte_window_len(&window) >= needs[n]);
                assert_int_equal(window.offset, expected);
                assert_view(&window);
                byte_window_consume(&window, steps[s]);
            }
            byte_window_done(&window);
        }
    }
}

static void at_the_end_the_rest_stays_in_view(void **unused)
{
    (void)unused;
    struct byte_window window;
    open_input(&window);
    byte_window_consume(&window, INPUT_BYTES - 10);
    for (int again = 0; again < 2; again++) {
        assert_int_equal(byte_window_fill(&window, 11), 0);
        assert_int_equal(byte_window_len(&window), 10);
        assert_int_equal(window.owed, 0);
        assert_view(&window);
    }
    byte_window_done(&window);
}

static void bytes_that_never_come_stay_owed(void **unused)
{
    (void)unused;
    struct byte_window window;
    open_input(&window);
    byte_window_consume(&window, INPUT_BYTES + 10ull);
    assert_int_equal(byte_window_fill(&window, 1), 0);
    assert_int_equal(byte_window_len(&window), 0);
    assert_int_equal(window.owed, 10);
    assert_int_equal(byte_window_received(&window), INPUT_BYTES);
    byte_window_done(&window);
}

static void a_read_error_is_handed_on(void **unused)
{
    (void)unused;
    struct byte_window window;
    assert_true(byte_window_init(&window, open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC)));
    assert_int_equal(byte_window_fill(&window, 1), -EISDIR);
    byte_window_done(&window);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_step_shows_the_bytes_of_its_place),
        cmocka_unit_test(at_the_end_the_rest_stays_in_view),
        cmocka_unit_test(bytes_that_never_come_stay_owed),
        cmocka_unit_test(a_read_error_is_handed_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
