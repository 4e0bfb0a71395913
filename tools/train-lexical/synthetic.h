/* synthetic.h - generated names of our own making, beside those of known families
 * SPDX-License-Identifier: Apache-2.0
 *
 * A model that has only seen the families of one collection learns their habits. These are the
 * plain ways to make a name: letters drawn from an alphabet, syllables, the letters of a real name
 * shuffled, letters drawn as they follow each other in real names, and parts of real names joined.
 * None is taken from a known family. Every fold's model sees them and none is measured on them. */
#pragma once

#include "names.h"

/* Appends them; the benign names are their raw material and lend them suffixes. */
void synthetic_add(struct names *names);
