/* test_outbox.c - alerts, rows and calls reach one thread in order, and none is lost when it fails
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include "pipeline/outbox.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

enum { ALERTS = 300, THREADS = 4, CALLS = 50 };

/* What has come; only the outbox's thread writes. */
struct taken {
    pthread_t thread;
    bool thread_known;
    unsigned alerts, rows, calls;
    uint64_t last[THREADS]; /* count of each giver's last alert */
    atomic_uint refusals;   /* so many alerts and rests are answered with false */
    atomic_uint refused;
};

static void same_thread(struct taken *taken)
{
    if (!taken->thread_known)
        taken->thread = pthread_self();
    taken->thread_known = true;
    assert_true(pthread_equal(taken->thread, pthread_self()));
}

static bool refuse(struct taken *taken)
{
    if (atomic_load(&taken->refusals) == 0)
        return false;
    atomic_fetch_sub(&taken->refusals, 1);
    atomic_fetch_add(&taken->refused, 1);
    return true;
}

static bool take(void *arg, const struct alert *alert, enum outbox_news news)
{
    struct taken *taken = arg;
    same_thread(taken);
    assert_int_equal(news, OUTBOX_CLOSED);
    assert_true(alert->count > taken->last[alert->severity]);
    taken->last[alert->severity] = alert->count;
    taken->alerts++;
    return !refuse(taken);
}

static bool rest(void *arg)
{
    struct taken *taken = arg;
    same_thread(taken);
    return !refuse(taken);
}

static void rows_take(void *arg, const struct history_row *const rows[], size_t count)
{
    struct taken *taken = arg;
    (void)rows;
    same_thread(taken);
    taken->rows += (unsigned)count;
}

static struct outbox *outbox_of(struct taken *taken)
{
    struct outbox *outbox = outbox_new(
        &(struct outbox_hooks){.arg = taken, .alert = take, .rows = rows_take, .rest = rest});
    assert_non_null(outbox);
    return outbox;
}

struct giver {
    struct outbox *outbox;
    struct taken *taken;
    uint8_t number;
};

static int call_count(void *arg, struct error *error)
{
    struct taken *taken = arg;
    (void)error;
    same_thread(taken);
    return (int)++taken->calls;
}

static void *give(void *arg)
{
    struct giver *giver = arg;
    struct alert *alert = calloc(1, sizeof(*alert));
    struct error error;
    for (unsigned i = 1; i <= ALERTS; i++) {
        alert->severity = giver->number;
        alert->count = i;
        outbox_alert(giver->outbox, alert, OUTBOX_CLOSED);
        if (i % (ALERTS / CALLS) == 0)
            assert_true(outbox_call(giver->outbox, call_count, giver->taken, &error) > 0);
    }
    free(alert);
    return NULL;
}

static void many_givers_lose_nothing_and_keep_their_order(void **state)
{
    (void)state;
    struct taken taken = {0};
    struct outbox *outbox = outbox_of(&taken);
    struct giver givers[THREADS];
    pthread_t threads[THREADS];
    for (uint8_t i = 0; i < THREADS; i++) {
        givers[i] = (struct giver){outbox, &taken, i};
        assert_int_equal(pthread_create(&threads[i], NULL, give, &givers[i]), 0);
    }
    for (unsigned i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    outbox_settle(outbox);
    assert_int_equal(outbox_depth(outbox), 0);
    outbox_free(outbox);
    assert_int_equal(taken.alerts, THREADS * ALERTS);
    assert_int_equal(taken.calls, THREADS * CALLS);
}

static void rows_are_taken_before_the_giver_goes_on(void **state)
{
    (void)state;
    struct taken taken = {0};
    struct outbox *outbox = outbox_of(&taken);
    const struct history_row *rows[3] = {0};
    outbox_rows(outbox, rows, 3);
    assert_int_equal(taken.rows, 3);
    outbox_free(outbox);
}

static void what_cannot_be_kept_now_is_kept_later(void **state)
{
    (void)state;
    struct taken taken = {.refusals = 2};
    struct alert *alert = calloc(1, sizeof(*alert));
    struct outbox *outbox = outbox_of(&taken);
    for (unsigned i = 1; i <= 3; i++) {
        alert->count = i;
        outbox_alert(outbox, alert, OUTBOX_CLOSED);
    }
    outbox_settle(outbox); /* returns when all is lasting */
    assert_int_equal(taken.alerts, 3);
    assert_int_equal(taken.refused, 2);
    outbox_free(outbox);
    free(alert);
}

static int call_fails(void *arg, struct error *error)
{
    (void)arg;
    return error_set(error, -ENOSPC, "there is no room");
}

static void a_call_returns_what_it_did_until_calls_are_closed(void **state)
{
    (void)state;
    struct taken taken = {0};
    struct outbox *outbox = outbox_of(&taken);
    struct error error;
    assert_int_equal(outbox_call(outbox, call_count, &taken, &error), 1);
    assert_int_equal(outbox_call(outbox, call_fails, NULL, &error), -ENOSPC);
    assert_string_equal(error.text, "there is no room");
    outbox_close(outbox);
    assert_int_equal(outbox_call(outbox, call_count, &taken, &error), -ECANCELED);
    assert_int_equal(taken.calls, 1);
    outbox_free(outbox);
    outbox_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(many_givers_lose_nothing_and_keep_their_order),
        cmocka_unit_test(rows_are_taken_before_the_giver_goes_on),
        cmocka_unit_test(what_cannot_be_kept_now_is_kept_later),
        cmocka_unit_test(a_call_returns_what_it_did_until_calls_are_closed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
