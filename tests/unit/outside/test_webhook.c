/* test_webhook.c - requests are signed, and refusals for good are told from failures of the moment
 * SPDX-License-Identifier: Apache-2.0 */
#include "outside/webhook.h"

#include "base/clock.h"
#include "cmocka_all.h"
#include "feed_server.h"
#include "outside/web.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[64];
static struct feed_server server;
static struct config *config;
static struct error error;

static int send_to(const char *path)
{
    char url[128];
    struct config_webhook hook = config->contact.webhook;
    snprintf(url, sizeof(url), "http://127.0.0.1:%u/%s", server.port, path);
    hook.url = url;
    return webhook_send(config, &hook, "7", "{}", 2, 1767225600 * NS_PER_S, &error);
}

static void statuses_say_whether_to_try_again(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        int result;
    } cases[] = {{"hook", 0},      {"204", 0},       {"302", -EINVAL}, {"400", -EINVAL},
                 {"403", -EINVAL}, {"404", -EINVAL}, {"408", -EIO},    {"429", -EIO},
                 {"500", -EIO},    {"503", -EIO}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
        if (send_to(cases[i].path) != cases[i].result)
            fail_msg("%s: %s", cases[i].path, error.text);
}

static void a_key_that_others_may_read_signs_nothing(void **state)
{
    (void)state;
    char path[96];
    snprintf(path, sizeof(path), "%s/webhook.key", folder);
    assert_int_equal(chmod(path, 0644), 0);
    assert_int_equal(send_to("hook"), -EPERM);
    assert_int_equal(chmod(path, 0600), 0);
}

static void a_private_place_that_is_not_allowed_is_not_called(void **state)
{
    (void)state;
    struct config_webhook hook = config->contact.webhook;
    char url[64];
    snprintf(url, sizeof(url), "http://127.0.0.1:%u/hook", server.port);
    hook.url = url;
    hook.allow.count = 0;
    assert_int_equal(webhook_send(config, &hook, "7", "{}", 2, 0, &error), -EACCES);
}

static int setup(void **state)
{
    (void)state;
    char text[256];
    web_init();
    snprintf(folder, sizeof(folder), "/tmp/webhook-XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    int len = snprintf(text, sizeof(text),
                       "state_dir: %s\ncontact: {webhook: {url: 'http://h.example', allow_http: "
                       "true, allow: [127.0.0.0/8]}}\n",
                       folder);
    server = feed_server_start(NULL);
    return config_load_text("test", text, (size_t)len, &config, &error);
}

static int teardown(void **state)
{
    (void)state;
    char command[128];
    feed_server_stop(&server);
    config_free(config);
    snprintf(command, sizeof(command), "rm -r %s", folder);
    return system(command);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(statuses_say_whether_to_try_again),
        cmocka_unit_test(a_key_that_others_may_read_signs_nothing),
        cmocka_unit_test(a_private_place_that_is_not_allowed_is_not_called),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
