/* capture_text.h - what a function prints, as text
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdio.h>

/* Starts and ends catching what the process writes to stdout. The text is the caller's to free. */
void capture_start(void);
char *capture_end(void);
