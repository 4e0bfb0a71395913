/* shape.h - what the labels of a name look like: a small pattern language and its matcher
 * SPDX-License-Identifier: Apache-2.0
 *
 * The grammar stands in profiles.h. Shapes live in one fixed pool and are told by a number. */
#pragma once

#include "intel/feed.h"
#include "intel/suffix.h"

enum {
    SHAPE_ANY = 0, /* the shape `-` */
    SHAPE_ELEMENTS_MAX = 8192,
    SHAPE_TEXT_MAX = 15, /* bytes of a literal label */
};

/* One or more labels in a row that are alike. */
struct shape_element {
    uint8_t kind; /* enum in shape.c; 0 ends a shape */
    uint8_t chars;
    uint8_t bytes_min, bytes_max;
    uint8_t labels_min, labels_max;
    bool alternative; /* begins another shape that may stand for the one before */
    char text[SHAPE_TEXT_MAX + 1];
};

/* Zeroed is empty. */
struct shapes {
    unsigned count;
    struct shape_element elements[SHAPE_ELEMENTS_MAX];
};

/* Reads one shape. False when it does not follow the grammar or the pool is full. */
bool shape_read(struct shapes *shapes, struct slice text, uint16_t *ret_shape);

/* Whether the labels 0..left of the name have the shape; no labels have every shape. `suffixes`
 * answers fqdn. */
bool shape_fits(const struct shapes *shapes, unsigned shape, const struct dns_name *name,
                unsigned left, struct suffix_cache *suffixes);
