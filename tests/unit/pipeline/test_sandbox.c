/* test_sandbox.c - in its sandbox the program does its work and cannot do another
 * SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/sandbox.h"

#include "cmocka_all.h"
#include "store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

struct place {
    char folder[32];
    struct config *config;
    enum sandbox_level level;
};

static void place_begin(struct place *place, const char *more)
{
    char yaml[512];
    struct error error;
    snprintf(place->folder, sizeof(place->folder), "/tmp/dnsvigil-sandbox-XXXXXX");
    assert_non_null(mkdtemp(place->folder));
    assert_int_equal(chmod(place->folder, 0755), 0);
    int len = snprintf(yaml, sizeof(yaml), "state_dir: %s/state\nstore: {path: %s/store/a.db}\n%s",
                       place->folder, place->folder, more);
    if (config_load_text("t.yaml", yaml, (size_t)len, &place->config, &error) < 0)
        fail_msg("%s", error.text);
}

static void place_end(struct place *place)
{
    char command[64];
    config_free(place->config);
    snprintf(command, sizeof(command), "rm -r %s", place->folder);
    assert_int_equal(system(command), 0);
}

/* Runs `work` in a child that has entered the sandbox. What it returns is 0 or a step's number. */
static int run(struct place *place, int (*work)(const struct place *place))
{
    int status;
    pid_t pid = fork();
    if (pid == 0) {
        struct error error;
        if (sandbox_enter(place->config, NULL, NULL, &place->level, &error) < 0) {
            fprintf(stderr, "%s\n", error.text);
            _exit(100);
        }
        _exit(work(place));
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static void *thread_works(void *arg)
{
    *(int *)arg = socket(AF_INET, SOCK_DGRAM, 0) < 0 && errno == EPERM;
    return NULL;
}

static int works(const struct place *place)
{
    struct store *store;
    struct error error;
    pthread_t thread;
    int refused = 0;
    if (store_open(place->config->store.path, STORE_WRITE, NULL, &store, &error) < 0) {
        fprintf(stderr, "%s\n", error.text);
        return 1;
    }
    if (store_close(store, &error) < 0)
        return 2;
    if (pthread_create(&thread, NULL, thread_works, &refused) != 0)
        return 3;
    pthread_join(thread, NULL);
    return refused ? 0 : 4;
}

static int is_kept_in(const struct place *place)
{
    char path[PATH_MAX], *argv[] = {NULL};
    if (socket(AF_INET, SOCK_STREAM, 0) >= 0 || errno != EPERM)
        return 1;
    if (execve("/bin/true", argv, argv) == 0 || (errno != EPERM && errno != EACCES))
        return 2;
    if (syscall(SYS_ptrace, 0, 0, 0, 0) == 0 || errno != EPERM)
        return 3;
    if (place->level < SANDBOX_LANDLOCK)
        return 0;
    snprintf(path, sizeof(path), "%s/beside", place->folder);
    if (open(path, O_CREAT | O_WRONLY, 0600) >= 0 || errno != EACCES)
        return 4;
    return open("/bin/true", O_RDONLY) >= 0 ? 5 : 0;
}

static int has_no_privileges(const struct place *place)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[2];
    (void)place;
    if (syscall(SYS_capget, &header, data) != 0)
        return 1;
    return data[0].effective || data[0].permitted || data[1].effective || data[1].permitted ? 2 : 0;
}

static int is_somebody_else(const struct place *place)
{
    struct stat info;
    if (geteuid() == 0 || getuid() == 0 || getegid() == 0 || setuid(0) == 0)
        return 1;
    if (stat(place->config->state_dir, &info) != 0 || info.st_uid != geteuid())
        return 2;
    return works(place);
}

static void the_store_and_threads_work(void **state)
{
    (void)state;
    struct place place;
    place_begin(&place, "");
    char folder[PATH_MAX];
    snprintf(folder, sizeof(folder), "%s/store", place.folder);
    assert_int_equal(mkdir(folder, 0700), 0);
    assert_int_equal(run(&place, works), 0);
    place_end(&place);
}

static void sockets_programs_and_other_files_are_refused(void **state)
{
    (void)state;
    struct place place;
    place_begin(&place, "");
    assert_int_equal(run(&place, is_kept_in), 0);
    place_end(&place);
}

/* What is told over the network can be sent; nobody can call us. */
static int reaches_others(const struct place *place)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    (void)place;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0)
        return 1;
    if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0 || errno == EPERM ||
        errno == EACCES)
        return 2; /* nobody listens at port 0, which is another matter */
    return listen(fd, 1) == 0 || errno != EPERM ? 3 : 0;
}

static int writes_its_file(const struct place *place)
{
    int fd = open(place->config->exports.items[0].path, O_CREAT | O_WRONLY | O_APPEND, 0600);
    if (fd < 0 || socket(AF_INET, SOCK_STREAM, 0) >= 0)
        return fd < 0 ? 1 : 2;
    char old[PATH_MAX];
    snprintf(old, sizeof(old), "%s.old", place->config->exports.items[0].path);
    return rename(place->config->exports.items[0].path, old) == 0 && unlink(old) == 0 ? 0 : 3;
}

static void who_is_told_over_the_network_can_be_reached(void **state)
{
    (void)state;
    static const char *const told[] = {
        "exports: [{name: a, type: webhook, url: 'https://soc.example/'}]",
        "notifications: [{name: a, webhook: {url: 'https://soc.example/'}}]",
        "automation: [{name: a, webhook: {url: 'https://soc.example/'}}]",
        "contact: {webhook: {url: 'https://soc.example/'}}",
        "mail: {url: 'smtps://mail.example', from: a@example.com}",
    };
    for (size_t i = 0; i < sizeof(told) / sizeof(*told); i++) {
        struct place place;
        place_begin(&place, told[i]);
        assert_int_equal(run(&place, reaches_others), 0);
        place_end(&place);
    }
}

static void an_export_that_is_off_opens_nothing(void **state)
{
    (void)state;
    struct place place;
    place_begin(&place,
                "exports: [{name: a, type: webhook, url: 'https://soc.example/', enabled: false}]");
    assert_int_equal(run(&place, is_kept_in), 0);
    place_end(&place);
}

static void exported_files_are_written_and_rotated_in_a_folder_that_is_made(void **state)
{
    (void)state;
    char yaml[128];
    struct place place;
    snprintf(yaml, sizeof(yaml), "exports: [{name: a, type: file, path: /tmp/sandbox-%d/out/a}]",
             getpid());
    place_begin(&place, yaml);
    assert_int_equal(run(&place, writes_its_file), 0);
    snprintf(yaml, sizeof(yaml), "rm -r /tmp/sandbox-%d", getpid());
    assert_int_equal(system(yaml), 0);
    place_end(&place);
}

static void no_capability_is_left_even_where_the_sandbox_is_off(void **state)
{
    (void)state;
    struct place place;
    place_begin(&place, "sandbox: {enabled: false}\n");
    assert_int_equal(run(&place, has_no_privileges), 0);
    place_end(&place);
}

static void root_becomes_the_user_named_and_keeps_working(void **state)
{
    (void)state;
    struct place place;
    if (geteuid() != 0)
        skip();
    place_begin(&place, "sandbox: {user: nobody}\n");
    assert_int_equal(run(&place, is_somebody_else), 0);
    place_end(&place);
}

static void a_user_that_is_not_there_is_refused(void **state)
{
    (void)state;
    struct place place;
    struct error error;
    place_begin(&place, "sandbox: {user: no-such-user}\n");
    assert_int_equal(sandbox_enter(place.config, NULL, NULL, &place.level, &error), -ESRCH);
    assert_non_null(strstr(error.text, "sandbox.user: there is no user \"no-such-user\""));
    place_end(&place);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_store_and_threads_work),
        cmocka_unit_test(sockets_programs_and_other_files_are_refused),
        cmocka_unit_test(who_is_told_over_the_network_can_be_reached),
        cmocka_unit_test(an_export_that_is_off_opens_nothing),
        cmocka_unit_test(exported_files_are_written_and_rotated_in_a_folder_that_is_made),
        cmocka_unit_test(no_capability_is_left_even_where_the_sandbox_is_off),
        cmocka_unit_test(root_becomes_the_user_named_and_keeps_working),
        cmocka_unit_test(a_user_that_is_not_there_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
