/* fanout.h - shares what an interface brings among several captures, a client to each
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "config/config.h"

/* Makes a packet socket a member of the group (packet(7), PACKET_FANOUT_CBPF). Which member gets a
 * packet is decided by its client's address: the sender of what goes to one of the ports (1 to 16)
 * and of ICMP, with which clients send responses back; else, and of fragments, the receiver; what
 * is not IP goes to the first. Negative errno. */
int fanout_join(int fd, uint16_t group, const struct config_ports *ports);
