/* password_ask.c - reads a password from a terminal without showing it, or from a file
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/password_ask.h"

#include "outside/secret.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>

static int file_read(const char *path, char *password, struct error *error)
{
    struct secret secret;
    int r = secret_read(path, &secret, error);
    if (r == 0 && secret.len > PASSWORD_MAX)
        r = error_set(error, -EINVAL, "%s: a password has %d bytes at most", path, PASSWORD_MAX);
    if (r == 0)
        memcpy(password, secret.text, secret.len + 1);
    secret_done(&secret);
    return r;
}

static int line_read(FILE *terminal, char *password, struct error *error)
{
    char line[PASSWORD_MAX + 2];
    if (!fgets(line, sizeof(line), terminal))
        return error_set(error, -EINVAL, "no password was given");
    line[strcspn(line, "\r\n")] = 0;
    int r = strlen(line) > PASSWORD_MAX
                ? error_set(error, -EINVAL, "a password has %d bytes at most", PASSWORD_MAX)
                : 0;
    if (r == 0)
        strcpy(password, line);
    explicit_bzero(line, sizeof(line));
    return r;
}

static int prompt(FILE *terminal, const char *question, char *password, struct error *error)
{
    struct termios shown, hidden;
    if (tcgetattr(fileno(terminal), &shown) < 0)
        return error_set(error, -errno, "the terminal cannot be used: %s", strerror(errno));
    hidden = shown;
    hidden.c_lflag &= ~(tcflag_t)ECHO;
    fputs(question, terminal);
    fflush(terminal);
    tcsetattr(fileno(terminal), TCSAFLUSH, &hidden);
    int r = line_read(terminal, password, error);
    tcsetattr(fileno(terminal), TCSAFLUSH, &shown);
    fputc('\n', terminal);
    return r;
}

static int terminal_read(char *password, struct error *error)
{
    char again[PASSWORD_MAX + 1];
    FILE *terminal = fopen("/dev/tty", "r+e");
    if (!terminal)
        return error_set(error, -ENOTTY,
                         "there is no terminal to ask for a password; give --password-file");
    int r = prompt(terminal, "Password: ", password, error);
    if (r == 0)
        r = prompt(terminal, "Once more: ", again, error);
    if (r == 0 && strcmp(password, again) != 0)
        r = error_set(error, -EINVAL, "the two are not the same");
    explicit_bzero(again, sizeof(again));
    fclose(terminal);
    return r;
}

int password_ask(const char *file, char ret_password[static PASSWORD_MAX + 1], struct error *error)
{
    return file ? file_read(file, ret_password, error) : terminal_read(ret_password, error);
}
