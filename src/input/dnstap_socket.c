/* dnstap_socket.c - opens the sockets on which DNS servers deliver dnstap
 * SPDX-License-Identifier: Apache-2.0 */
#include "input/dnstap_socket.h"

#include "base/addr.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { BACKLOG = 128, SOCKET_KIND = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC };

/* Closes the descriptor, keeps what failed. */
static int refuse(int fd, int code, const char *where, const char *what, struct error *error)
{
    if (fd >= 0)
        close(fd);
    return error_set(error, code, "%s: %s: %s", where, what, strerror(-code));
}

/* Whether a socket is there that nobody listens on. */
static bool is_left_over(const struct sockaddr_un *address)
{
    struct stat info;
    if (lstat(address->sun_path, &info) != 0 || !S_ISSOCK(info.st_mode))
        return false;
    int fd = socket(AF_UNIX, SOCKET_KIND, 0);
    if (fd < 0)
        return false;
    int r = connect(fd, (const struct sockaddr *)address, sizeof(*address));
    bool refused = r != 0 && errno == ECONNREFUSED;
    close(fd);
    return refused;
}

static int unix_bind(int fd, const struct sockaddr_un *address)
{
    const struct sockaddr *any = (const struct sockaddr *)address;
    if (bind(fd, any, sizeof(*address)) == 0)
        return 0;
    if (errno != EADDRINUSE || !is_left_over(address))
        return -errno;
    unlink(address->sun_path);
    return bind(fd, any, sizeof(*address)) == 0 ? 0 : -errno;
}

int dnstap_socket_unix(const char *path, mode_t mode, gid_t group, struct error *error)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof(address.sun_path))
        return error_set(error, -ENAMETOOLONG,
                         "%s: longer than the %zu bytes a socket's path may be", path,
                         sizeof(address.sun_path) - 1);
    memcpy(address.sun_path, path, strlen(path) + 1);
    int fd = socket(AF_UNIX, SOCKET_KIND, 0);
    if (fd < 0)
        return refuse(fd, -errno, path, "cannot make a socket", error);
    int r = unix_bind(fd, &address);
    if (r == -EADDRINUSE)
        return refuse(fd, r, path, "another program listens there, or it is no socket", error);
    if (r < 0)
        return refuse(fd, r, path, "cannot listen there", error);
    if (chown(path, (uid_t)-1, group) != 0)
        r = refuse(fd, -errno, path, "cannot give it to the group", error);
    else if (chmod(path, mode) != 0)
        r = refuse(fd, -errno, path, "cannot set its mode", error);
    else if (listen(fd, BACKLOG) != 0)
        r = refuse(fd, -errno, path, "cannot listen there", error);
    if (r < 0)
        unlink(path);
    return r < 0 ? r : fd;
}

bool dnstap_socket_is_loopback(const char *listen)
{
    static const struct addr v6 = {.bytes = {[15] = 1}};
    struct addr addr;
    uint16_t port;
    if (!addr_port_parse(listen, &addr, &port))
        return false;
    return addr_equal(&addr, &v6) || (addr_is_v4(&addr) && addr.bytes[12] == 127);
}

int dnstap_socket_tcp(const char *where, struct error *error)
{
    struct addr addr;
    uint16_t port;
    const int on = 1;
    if (!addr_port_parse(where, &addr, &port))
        return error_set(error, -EINVAL,
                         "%s: not ADDRESS:PORT, e.g. 127.0.0.1:6000 or [2001:db8::1]:6000", where);
    struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
    struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons(port)};
    memcpy(&six.sin6_addr, addr.bytes, 16);
    memcpy(&four.sin_addr, addr.bytes + 12, 4);
    bool v4 = addr_is_v4(&addr);
    int fd = socket(v4 ? AF_INET : AF_INET6, SOCKET_KIND, 0);
    if (fd < 0)
        return refuse(fd, -errno, where, "cannot make a socket", error);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (!v4)
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
    int r = v4 ? bind(fd, (struct sockaddr *)&four, sizeof(four))
               : bind(fd, (struct sockaddr *)&six, sizeof(six));
    if (r != 0 || listen(fd, BACKLOG) != 0)
        return refuse(fd, -errno, where, "cannot listen there", error);
    return fd;
}
