/* places.h - what an empty key stands for: host name, state folder, folder of the lists
 * SPDX-License-Identifier: Apache-2.0
 *
 * Each returns text for the caller to free, or NULL without memory. */
#pragma once

char *place_host_name(void);

/* /var/lib/dnsvigil for root; for others dnsvigil in $XDG_STATE_HOME or ~/.local/state. */
char *place_state(void);

/* alerts.db in that folder. */
char *place_store(void);

/* The lists beside the program: PREFIX/share/dnsvigil/intel of an installed one, data/intel of a
 * build in its source tree. */
char *place_seeds(void);

/* The rules beside the program: PREFIX/share/dnsvigil/rules, or rules of the source tree. */
char *place_rules(void);
