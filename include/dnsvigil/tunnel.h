/* tunnel.h - what is measured of data hidden in one client's names and answers under one domain
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <dnsvigil/detector.h>

/* Which way the data goes. One tunnel is told as one kind of alert, so the answer waits until
 * enough was seen: the first names of most tools are a handshake. */
enum tunnel_direction {
    TUNNEL_UNDECIDED,
    TUNNEL_UP,   /* out, in query names */
    TUNNEL_DOWN, /* in, in answers */
    TUNNEL_BOTH,
    TUNNEL_DIRECTION_COUNT,
};

/* The spelling of the labels that carried most. */
enum tunnel_encoding {
    ENCODING_UNKNOWN,
    ENCODING_DECIMAL,
    ENCODING_HEX,
    ENCODING_BASE32,
    ENCODING_BASE36, /* letters and digits in one case */
    ENCODING_BASE64,
    ENCODING_BINARY, /* bytes that are no letters, digits or usual marks */
    ENCODING_COUNT,
};
extern const char *const tunnel_encoding_names[ENCODING_COUNT]; /* "" for unknown */

/* Programs that make tunnels, known by how they spell their names. */
enum tunnel_tool {
    TUNNEL_TOOL_NONE,
#define TUNNEL_TOOL(id, name, share) TUNNEL_TOOL_##id,
#include <dnsvigil/tunnel_tools.def>
#undef TUNNEL_TOOL
    TUNNEL_TOOL_COUNT,
};
extern const char *const tunnel_tool_names[TUNNEL_TOOL_COUNT]; /* "" for none */

/* One client and one registrable domain; where there is none, one client and one server; or one
 * domain and the clients that share it (leaks.h). Made only for what carries enough to be told.
 * Sizes are bytes of information. */
struct tunnel_measure {
    uint64_t key;     /* of the pair, for this run */
    int64_t first_ns; /* first and latest transaction */
    int64_t last_ns;
    int64_t decide_ns; /* when the direction is decided at the latest */
    double up;         /* what counts against the limits: fades with a time constant of 6 h */
    double down;
    double bytes_up; /* all since first_ns */
    double bytes_down;
    double rate;       /* bytes/s both ways over the last ten minutes */
    double interval_s; /* mean time between new names, lately */
    double up_limit;   /* one or both, each as its share of its limit, make a tunnel */
    double down_limit;
    double unkept; /* share of the latest names whose answer is a failure or has no lifetime */
    uint32_t queries;
    uint32_t names; /* distinct names that could carry something */
    uint32_t names_min;
    uint32_t clients; /* that carried it together; 0: the pair's own */
    uint32_t clients_min;
    uint8_t level;         /* enum confidence_knob: the strictest setting whose limits are passed */
    uint8_t direction;     /* enum tunnel_direction */
    uint8_t leaning;       /* what would be decided now */
    bool decided_now;      /* by this transaction */
    bool fresh;            /* this transaction carried something new */
    uint8_t encoding;      /* enum tunnel_encoding */
    uint8_t tool;          /* enum tunnel_tool */
    uint8_t label_max;     /* bytes of the longest label */
    uint8_t shared_labels; /* labels from the right that all names of the pair share, at most 2:
                              the domain where the suffix list knows none */
    uint16_t qtype;        /* the most frequent of late */
};
