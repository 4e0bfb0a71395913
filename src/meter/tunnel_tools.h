/* tunnel_tools.h - recognises programs that make tunnels by how they spell their names
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <dnsvigil/tunnel.h>

enum tool_sign {
    TOOL_SIGN_NONE,
    TOOL_SIGN_WEAK, /* others may spell a name so, too */
    TOOL_SIGN_SURE,
};

/* The tool that spells names like the client's `left` labels of this one, or TUNNEL_TOOL_NONE. */
enum tunnel_tool tunnel_tool_of(const struct dns_name *name, unsigned left, uint16_t qtype,
                                enum tool_sign *ret_sign);

/* Share of a pair's names, in percent, that must bear a tool's weak signs. */
extern const uint8_t tunnel_tool_share[TUNNEL_TOOL_COUNT];
