/* test_contacts.c - an owner is asked, answers once and in time, and the alert follows
 * SPDX-License-Identifier: Apache-2.0 */
#include "store/contacts.h"

#include "alert_build.h"
#include "cmocka_all.h"
#include "store/audit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[64], path[96];
static struct store *store;
static struct error error;
static struct alert alert;
static struct inquiry inquiry;

static int open_store(void **state)
{
    (void)state;
    struct store_put_result result;
    const struct alert *const alerts[] = {&alert};
    snprintf(folder, sizeof(folder), "/tmp/contacts-XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof(path), "%s/alerts.db", folder);
    struct store_config config = store_config_default;
    config.ballast_bytes = 0;
    int r = store_open(path, STORE_WRITE, &config, &store, &error);
    alert_build(&alert, 1);
    alert.contact = CONTACT_NONE;
    alert.compromised = false;
    if (r == 0)
        r = store_put(store, alerts, 1, &result, &error);
    inquiry = (struct inquiry){.id = "00112233445566778899aabbccddeeff",
                               .address = "ana@example.test",
                               .asked_by = "cli:root",
                               .asked_ns = 1000,
                               .expires_ns = 2000};
    memcpy(inquiry.alert_id, alert.id, sizeof(inquiry.alert_id));
    struct delivery_plan plan = {.delivery = {.kind = DELIVERY_KIND_CONTACT, .due_ns = 1000},
                                 .max = UINT32_MAX};
    return r == 0 ? inquiry_put(store, &inquiry, &plan, 1, &error) : r;
}

static int remove_store(void **state)
{
    (void)state;
    char command[128];
    store_close(store, &error);
    snprintf(command, sizeof(command), "rm -r %s", folder);
    return system(command);
}

static int answer_at(enum contact answer, int64_t now_ns)
{
    struct inquiry_answer given = {.inquiry_id = inquiry.id,
                                   .alert_id = alert.id,
                                   .answer = (uint8_t)answer,
                                   .actor = "owner:ana@example.test",
                                   .comment = "",
                                   .now_ns = now_ns};
    return inquiry_answer(store, &given, &error);
}

static struct alert stored(void)
{
    struct alert now;
    assert_int_equal(store_get(store, alert.id, &now, &error), 0);
    return now;
}

static void asking_marks_the_alert_and_queues_the_question(void **state)
{
    (void)state;
    struct delivery_counts counts;
    assert_int_equal(stored().contact, CONTACT_ASKED);
    assert_int_equal(deliveries_counts(store, &counts, &error), 0);
    assert_int_equal(counts.of[DELIVERY_STATE_PENDING], 1);
}

static void an_expected_activity_is_dismissed_with_that_reason(void **state)
{
    (void)state;
    assert_int_equal(answer_at(CONTACT_EXPECTED, 1500), 0);
    struct alert now = stored();
    assert_int_equal(now.contact, CONTACT_EXPECTED);
    assert_int_equal(now.status, ALERT_STATUS_DISMISSED);
    assert_int_equal(now.disposition, DISPOSITION_EXPECTED);
    assert_false(now.compromised);
}

static void an_unexpected_activity_makes_the_machine_suspect(void **state)
{
    (void)state;
    assert_int_equal(answer_at(CONTACT_NOT_EXPECTED, 1500), 0);
    struct alert now = stored();
    assert_int_equal(now.contact, CONTACT_NOT_EXPECTED);
    assert_int_equal(now.status, ALERT_STATUS_ACTIVE);
    assert_true(now.compromised);
}

static void who_is_not_the_owner_leaves_it_to_the_analysts(void **state)
{
    (void)state;
    assert_int_equal(answer_at(CONTACT_NOT_MINE, 1500), 0);
    struct alert now = stored();
    assert_int_equal(now.contact, CONTACT_NOT_MINE);
    assert_int_equal(now.status, ALERT_STATUS_ACTIVE);
    assert_false(now.compromised);
}

static void an_answer_is_given_once(void **state)
{
    (void)state;
    struct inquiry kept;
    assert_int_equal(answer_at(CONTACT_NOT_MINE, 1500), 0);
    assert_int_equal(answer_at(CONTACT_EXPECTED, 1600), -EALREADY);
    assert_int_equal(stored().contact, CONTACT_NOT_MINE);
    assert_int_equal(inquiry_get(store, inquiry.id, &kept, &error), 0);
    assert_int_equal(kept.answer, CONTACT_NOT_MINE);
    assert_int_equal(kept.answered_ns, 1500);
    assert_string_equal(kept.answered_by, "owner:ana@example.test");
}

static void a_late_answer_changes_nothing(void **state)
{
    (void)state;
    assert_int_equal(answer_at(CONTACT_EXPECTED, 2000), -ETIME);
    assert_int_equal(stored().contact, CONTACT_ASKED);
}

static void an_analyst_answers_for_the_owner_and_closes_the_question(void **state)
{
    (void)state;
    struct inquiry_answer given = {.alert_id = alert.id,
                                   .answer = CONTACT_NOT_EXPECTED,
                                   .actor = "user:kim",
                                   .comment = "called her",
                                   .now_ns = 1500};
    struct inquiry open[INQUIRY_LISTED_MAX];
    size_t count;
    assert_int_equal(inquiry_answer(store, &given, &error), 0);
    assert_true(stored().compromised);
    assert_int_equal(answer_at(CONTACT_EXPECTED, 1600), -EALREADY);
    assert_int_equal(inquiries_of(store, alert.id, open, &count, &error), 0);
    assert_int_equal(count, 1);
    assert_string_equal(open[0].answered_by, "user:kim");
}

static int owner_seen(void *context, uint64_t seq, const struct audit_entry *entry,
                      const uint8_t hash[static AUDIT_HASH_BYTES])
{
    (void)seq, (void)hash;
    *(unsigned *)context += strcmp(entry->actor, "owner:ana@example.test") == 0;
    return 0;
}

static void the_trail_tells_who_answered(void **state)
{
    (void)state;
    unsigned entries = 0;
    uint64_t broken;
    assert_int_equal(answer_at(CONTACT_EXPECTED, 1500), 0);
    assert_int_equal(
        audit_list(store, &(struct audit_filter){.object = "alert/"}, owner_seen, &entries, &error),
        0);
    assert_true(entries >= 2);
    assert_int_equal(audit_verify(store, &broken, &error), 0);
    assert_int_equal(broken, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_store, remove_store)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(asking_marks_the_alert_and_queues_the_question),
        TEST(an_expected_activity_is_dismissed_with_that_reason),
        TEST(an_unexpected_activity_makes_the_machine_suspect),
        TEST(who_is_not_the_owner_leaves_it_to_the_analysts),
        TEST(an_answer_is_given_once),
        TEST(a_late_answer_changes_nothing),
        TEST(an_analyst_answers_for_the_owner_and_closes_the_question),
        TEST(the_trail_tells_who_answered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
