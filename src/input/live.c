/* live.c - a source that captures what passes a network interface
 * SPDX-License-Identifier: Apache-2.0 */
#include "input/live.h"

#include "base/clock.h"
#include "input/fanout.h"

#include <assert.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <pcap/pcap.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    COPIES_BYTES = 4 << 20, /* frames of one read; pages that were never needed stay untouched */
    RETIRE_MS = 20,         /* the kernel gives up a part of its ring that is not full so late */
    QUIET_MS = 1000,
    FILTER_MAX = 8192,
};

_Static_assert((int)LIVE_SNAPLEN_MAX <= (int)COPIES_BYTES, "any frame must fit");

struct live {
    struct source source; /* first: a source is a live capture */
    pcap_t *pcap;
    int stop_fd; /* readable once reading shall end */
    atomic_bool stopped;
    bool shut; /* nothing new comes into the ring */
    bool nanoseconds;
    uint16_t linktype;
    uint32_t snaplen_bytes;
    uint64_t read_bytes;
    struct pcap_stat last;
    struct source_losses losses;
    uint8_t *copies; /* COPIES_BYTES */
};

/* A read as it goes on. */
struct filling {
    const struct live *live;
    struct frame *frames;
    size_t count;
    size_t used_bytes;
};

/* A pcap_handler. The ring's own bytes may be the kernel's again before the caller has read them.
 */
static void frame_take(u_char *user, const struct pcap_pkthdr *header, const u_char *data)
{
    struct filling *filling = (struct filling *)user;
    const struct live *live = filling->live;
    uint8_t *copy = live->copies + filling->used_bytes;
    assert(header->caplen <= live->snaplen_bytes);
    memcpy(copy, data, header->caplen);
    filling->used_bytes += header->caplen;
    filling->frames[filling->count++] = (struct frame){
        .time_ns =
            header->ts.tv_sec * NS_PER_S + header->ts.tv_usec * (live->nanoseconds ? 1 : NS_PER_US),
        .data = copy,
        .caplen = header->caplen,
        .wirelen = header->len,
        .linktype = live->linktype,
    };
}

static int live_failed(const struct live *live, struct error *error)
{
    return error_set(error, -ENETDOWN, "%s: capturing failed: %s", live->source.label,
                     pcap_geterr(live->pcap));
}

/* Takes what is there, without waiting. Returns how many frames, or a negative errno. */
static int live_take(struct live *live, struct frame *frames, size_t max, struct error *error)
{
    struct filling filling = {.live = live, .frames = frames};
    while (filling.count < max) {
        size_t room = (COPIES_BYTES - filling.used_bytes) / live->snaplen_bytes;
        size_t left = max - filling.count;
        if (room == 0)
            break;
        int taken = pcap_dispatch(live->pcap, (int)(room < left ? room : left), frame_take,
                                  (u_char *)&filling);
        if (taken < 0 && filling.count == 0)
            return live_failed(live, error);
        if (taken <= 0)
            break;
    }
    live->read_bytes += filling.used_bytes;
    return (int)filling.count;
}

/* Waits until something is there, reading shall end or a second is over. */
static int live_wait(const struct live *live)
{
    struct pollfd ready[] = {
        {.fd = pcap_get_selectable_fd(live->pcap), .events = POLLIN},
        {.fd = live->stop_fd, .events = POLLIN},
    };
    return poll(ready, 2, QUIET_MS) < 0 ? -errno : 0;
}

/* From now on the kernel catches nothing. It gives up what it has caught when its timer comes by
 * the second time. */
static void live_shut(struct live *live)
{
    struct sock_filter nothing = {BPF_RET | BPF_K, 0, 0, 0};
    const struct sock_fprog filter = {.len = 1, .filter = &nothing};
    int fd = pcap_get_selectable_fd(live->pcap);
    live->shut = true;
    if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof(filter)) == 0)
        poll(NULL, 0, 3 * RETIRE_MS);
}

static int live_read(struct source *source, struct frame *frames, size_t max, struct error *error)
{
    struct live *live = (struct live *)source;
    if (atomic_load(&live->stopped) && !live->shut)
        live_shut(live);
    int count = live_take(live, frames, max, error);
    if (count != 0 || live->shut)
        return count;
    int r = live_wait(live);
    if (r < 0)
        return error_set(error, r, "%s: waiting failed: %s", source->label, strerror(-r));
    count = live_take(live, frames, max, error);
    if (count != 0)
        return count;
    return atomic_load(&live->stopped) ? live_read(source, frames, max, error) : -EAGAIN;
}

static void live_stop(struct source *source)
{
    struct live *live = (struct live *)source;
    atomic_store(&live->stopped, true);
    eventfd_write(live->stop_fd, 1);
}

/* libpcap's counters are 32 bits wide and start over. */
static void live_losses(struct source *source, struct source_losses *ret_losses)
{
    struct live *live = (struct live *)source;
    struct pcap_stat now;
    if (pcap_stats(live->pcap, &now) == 0) {
        live->losses.kernel += now.ps_drop - live->last.ps_drop;
        live->losses.interface += now.ps_ifdrop - live->last.ps_ifdrop;
        live->last = now;
    }
    *ret_losses = live->losses;
}

static void live_position(const struct source *source, uint64_t *ret_done, uint64_t *ret_total)
{
    *ret_done = ((const struct live *)source)->read_bytes;
    *ret_total = 0;
}

static void live_close(struct source *source)
{
    struct live *live = (struct live *)source;
    if (live->pcap)
        pcap_close(live->pcap);
    if (live->stop_fd >= 0)
        close(live->stop_fd);
    free(live->copies);
    free(live);
}

static const struct source_ops live_ops = {
    .name = "live",
    .read = live_read,
    .stop = live_stop,
    .losses = live_losses,
    .position = live_position,
    .close = live_close,
};

/* ICMP "port unreachable" that quotes what came from this port. */
static void filter_bounced(uint16_t port, struct buf *buf)
{
    buf_printf(buf, "(icmp[0:2] = 0x0303 and icmp[28:2] = %u) or ", port);
    buf_printf(buf, "(ip6[6] = 58 and ip6[40:2] = 0x0104 and ip6[88:2] = %u) or ", port);
}

static void filter_plain(const struct config_ports *ports, struct buf *buf)
{
    for (uint32_t i = 0; i < ports->count; i++)
        buf_printf(buf, "port %u or ", ports->items[i]);
    for (uint32_t i = 0; i < ports->count; i++)
        filter_bounced(ports->items[i], buf);
    /* IPv4 fragments; IPv6 with a header before UDP or TCP, be it that of a fragment. */
    buf_text(buf, "ip[6:2] & 0x3fff != 0 or ip6[6] = 44 or ip6[6] = 0 or ip6[6] = 43 or "
                  "ip6[6] = 60");
}

void live_filter(const struct config_ports *ports, bool vlans, struct buf *buf)
{
    filter_plain(ports, buf);
    for (unsigned tags = 1; vlans && tags <= 2; tags++) {
        /* Behind the word vlan, the rest of the expression looks one tag further in. */
        buf_text(buf, " or (vlan and (");
        filter_plain(ports, buf);
    }
    buf_text(buf, vlans ? "))))" : "");
}

static int filter_install(struct live *live, const char *filter, struct error *error)
{
    struct bpf_program program;
    if (pcap_compile(live->pcap, &program, filter, 1, PCAP_NETMASK_UNKNOWN) != 0)
        return error_set(error, -EINVAL, "%s: filter \"%s\": %s; see pcap-filter(7)",
                         live->source.label, filter, pcap_geterr(live->pcap));
    int r = pcap_setfilter(live->pcap, &program);
    pcap_freecode(&program);
    return r == 0 ? 0 : live_failed(live, error);
}

static int filter_set(struct live *live, const struct live_config *config, struct error *error)
{
    struct buf buf;
    if (config->filter && config->filter[0])
        return filter_install(live, config->filter, error);
    buf_init(&buf, FILTER_MAX);
    live_filter(config->ports, live->linktype == DLT_EN10MB, &buf);
    int r = buf.overflow ? error_set(error, -ENOMEM, "%s: not enough memory", live->source.label)
                         : filter_install(live, buf.data, error);
    buf_done(&buf);
    return r;
}

static int refuse_interface(const char *name, struct error *error)
{
    struct if_nameindex *interfaces = if_nameindex();
    char names[512] = "";
    size_t len = 0;
    for (size_t i = 0; interfaces && interfaces[i].if_index && len < sizeof(names) - 1; i++)
        len += (size_t)snprintf(names + len, sizeof(names) - len, "%s%s", i ? ", " : "",
                                interfaces[i].if_name);
    if_freenameindex(interfaces);
    return error_set(error, -ENODEV, "%s: there is no such interface; there are %s", name, names);
}

static int refuse_activation(const struct live *live, int status, struct error *error)
{
    const char *name = live->source.label;
    const char *reason = pcap_geterr(live->pcap);
    if (!reason[0])
        reason = pcap_statustostr(status);
    switch (status) {
    case PCAP_ERROR_NO_SUCH_DEVICE: return refuse_interface(name, error);
    case PCAP_ERROR_PERM_DENIED:
        return error_set(error, -EPERM,
                         "%s: no permission to capture; run as root, or give the program the "
                         "capability: setcap cap_net_raw=ep dnsvigil",
                         name);
    case PCAP_ERROR_IFACE_NOT_UP:
        return error_set(error, -ENETDOWN,
                         "%s: the interface is down; bring it up: ip link set %s up", name, name);
    default: return error_set(error, -EIO, "%s: cannot capture: %s", name, reason);
    }
}

/* The loopback interface shows each frame as it goes and as it comes; libpcap leaves out the first
 * ones, but only after they have taken their room. */
static void live_ignore_outgoing(const struct live *live)
{
    struct ifreq interface = {0};
    int fd = pcap_get_selectable_fd(live->pcap), yes = 1;
    snprintf(interface.ifr_name, IFNAMSIZ, "%.*s", IFNAMSIZ - 1, live->source.label);
    if (ioctl(fd, SIOCGIFFLAGS, &interface) == 0 && interface.ifr_flags & IFF_LOOPBACK)
        setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &yes, sizeof(yes));
}

static int live_activate(struct live *live, const struct live_config *config, struct error *error)
{
    char reason[PCAP_ERRBUF_SIZE] = "";
    live->pcap = pcap_create(config->interface, reason);
    if (!live->pcap)
        return error_set(error, -EIO, "%s: cannot capture: %s", config->interface, reason);
    pcap_set_snaplen(live->pcap, (int)config->snaplen_bytes);
    pcap_set_promisc(live->pcap, config->promiscuous);
    pcap_set_timeout(live->pcap, RETIRE_MS);
    pcap_set_buffer_size(live->pcap, (int)config->buffer_bytes);
    live->nanoseconds = pcap_set_tstamp_precision(live->pcap, PCAP_TSTAMP_PRECISION_NANO) == 0;
    int status = pcap_activate(live->pcap);
    if (status < 0)
        return refuse_activation(live, status, error);
    live->linktype = (uint16_t)pcap_datalink(live->pcap);
    if (pcap_setnonblock(live->pcap, 1, reason) != 0)
        return error_set(error, -EIO, "%s: cannot capture: %s", config->interface, reason);
    live_ignore_outgoing(live);
    return filter_set(live, config, error);
}

static int live_join(const struct live *live, const struct live_config *config, struct error *error)
{
    if (!config->fanout_group)
        return 0;
    int r = fanout_join(pcap_get_selectable_fd(live->pcap), config->fanout_group, config->ports);
    return r == 0 ? 0
                  : error_set(error, r, "%s: cannot join fanout group %u: %s", config->interface,
                              config->fanout_group, strerror(-r));
}

struct source *live_open(const struct live_config *config, struct error *error)
{
    struct live *live = calloc(1, sizeof(*live));
    if (!live) {
        error_set(error, -ENOMEM, "%s: not enough memory to capture", config->interface);
        return NULL;
    }
    live->source.ops = &live_ops;
    snprintf(live->source.label, sizeof(live->source.label), "%s", config->interface);
    live->snaplen_bytes = config->snaplen_bytes;
    live->copies = malloc(COPIES_BYTES);
    live->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    int r = live->copies && live->stop_fd >= 0
                ? 0
                : error_set(error, -ENOMEM, "%s: not enough memory to capture", config->interface);
    if (r == 0)
        r = live_activate(live, config, error);
    if (r == 0)
        r = live_join(live, config, error);
    if (r == 0)
        return &live->source;
    live_close(&live->source);
    return NULL;
}
