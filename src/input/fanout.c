/* fanout.c - shares what an interface brings among several captures
 * SPDX-License-Identifier: Apache-2.0
 *
 * The kernel runs a small program (classic BPF) on each packet and takes what it returns, modulo
 * the number of members. Loads count from the network header, wherever the link layer ends. */
#include "input/fanout.h"

#include <assert.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <netinet/in.h>
#include <sys/socket.h>

enum {
    PORTS_MAX = 16,
    PROGRAM_MAX = 64 + 2 * PORTS_MAX,
    IPV4_FRAGMENT = 0x3fff, /* more fragments, or not the first */
    HASH_FACTOR = 0x9e3779b1,
};

struct program {
    struct sock_filter code[PROGRAM_MAX];
    uint16_t len;
};

static void add(struct program *program, uint16_t code, uint8_t jt, uint8_t jf, uint32_t k)
{
    assert(program->len < PROGRAM_MAX);
    program->code[program->len++] = (struct sock_filter){code, jt, jf, k};
}

static void load(struct program *program, uint16_t size, unsigned offset)
{
    add(program, BPF_LD | BPF_ABS | size, 0, 0, (uint32_t)SKF_NET_OFF + offset);
}

/* Spreads A, an address, over the number that is returned. */
static void give_hash(struct program *program)
{
    add(program, BPF_ALU | BPF_MUL | BPF_K, 0, 0, (uint32_t)HASH_FACTOR);
    add(program, BPF_ALU | BPF_RSH | BPF_K, 0, 0, 16);
    add(program, BPF_RET | BPF_A, 0, 0, 0);
}

static void give_ipv4(struct program *program, unsigned offset)
{
    load(program, BPF_W, offset);
    give_hash(program);
}

static void give_ipv6(struct program *program, unsigned offset)
{
    load(program, BPF_W, offset);
    for (unsigned i = 4; i < 16; i += 4) {
        add(program, BPF_MISC | BPF_TAX, 0, 0, 0);
        load(program, BPF_W, offset + i);
        add(program, BPF_ALU | BPF_XOR | BPF_X, 0, 0, 0);
    }
    give_hash(program);
}

/* Goes on behind the next `skip` instructions unless A is one of the ports. */
static void skip_unless_port(struct program *program, const struct config_ports *ports,
                             uint8_t skip)
{
    for (uint32_t i = 0; i < ports->count; i++) {
        bool last = i + 1 == ports->count;
        uint8_t rest = (uint8_t)(ports->count - 1 - i);
        add(program, BPF_JMP | BPF_JEQ | BPF_K, rest, last ? skip : 0, ports->items[i]);
    }
}

enum { IPV4_GIVE = 4, IPV6_GIVE = 13 }; /* instructions of give_ipv4() and give_ipv6() */

static void write_ipv4(struct program *program, const struct config_ports *ports)
{
    load(program, BPF_H, 6);
    add(program, BPF_JMP | BPF_JSET | BPF_K, (uint8_t)(7 + ports->count + IPV4_GIVE), 0,
        IPV4_FRAGMENT);
    load(program, BPF_B, 9);
    add(program, BPF_JMP | BPF_JEQ | BPF_K, (uint8_t)(5 + ports->count), 0, IPPROTO_ICMP);
    load(program, BPF_B, 0); /* where the header ends */
    add(program, BPF_ALU | BPF_AND | BPF_K, 0, 0, 0xf);
    add(program, BPF_ALU | BPF_LSH | BPF_K, 0, 0, 2);
    add(program, BPF_MISC | BPF_TAX, 0, 0, 0);
    add(program, BPF_LD | BPF_IND | BPF_H, 0, 0, (uint32_t)SKF_NET_OFF + 2);
    skip_unless_port(program, ports, IPV4_GIVE);
    give_ipv4(program, 12);
    give_ipv4(program, 16);
}

static void write_ipv6(struct program *program, const struct config_ports *ports)
{
    load(program, BPF_B, 6); /* behind extension headers nobody looks for ports */
    add(program, BPF_JMP | BPF_JEQ | BPF_K, (uint8_t)(3 + ports->count), 0, IPPROTO_ICMPV6);
    add(program, BPF_JMP | BPF_JEQ | BPF_K, 1, 0, IPPROTO_UDP);
    add(program, BPF_JMP | BPF_JEQ | BPF_K, 0, (uint8_t)(1 + ports->count + IPV6_GIVE),
        IPPROTO_TCP);
    load(program, BPF_H, 42);
    skip_unless_port(program, ports, IPV6_GIVE);
    give_ipv6(program, 8);
    give_ipv6(program, 24);
}

static void write_program(struct program *program, const struct config_ports *ports)
{
    program->len = 0;
    uint8_t ipv4_len = (uint8_t)(9 + ports->count + 2 * IPV4_GIVE);
    add(program, BPF_LD | BPF_ABS | BPF_W, 0, 0, (uint32_t)(SKF_AD_OFF + SKF_AD_PROTOCOL));
    add(program, BPF_JMP | BPF_JEQ | BPF_K, 0, ipv4_len, ETH_P_IP);
    write_ipv4(program, ports);
    assert(program->len == 2 + ipv4_len);
    add(program, BPF_JMP | BPF_JEQ | BPF_K, 1, 0, ETH_P_IPV6);
    add(program, BPF_RET | BPF_K, 0, 0, 0);
    write_ipv6(program, ports);
}

int fanout_join(int fd, uint16_t group, const struct config_ports *ports)
{
    struct program program;
    assert(ports->count >= 1 && ports->count <= PORTS_MAX);
    write_program(&program, ports);
    const struct sock_fprog code = {.len = program.len, .filter = program.code};
    const int member = group | PACKET_FANOUT_CBPF << 16;
    if (setsockopt(fd, SOL_PACKET, PACKET_FANOUT, &member, sizeof(member)) != 0 ||
        setsockopt(fd, SOL_PACKET, PACKET_FANOUT_DATA, &code, sizeof(code)) != 0)
        return -errno;
    return 0;
}
