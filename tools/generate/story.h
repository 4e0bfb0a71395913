/* story.h - one morning of an office network, small enough to read: the sample capture
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "capture_write.h"

/* Writes the story. It has no parameters: always the same bytes. */
void story_write(struct capture_writer *writer);
