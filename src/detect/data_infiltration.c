/* data_infiltration.c - answers under one domain bring a client more data than name resolution
 * needs
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "detect/tunnel.h"

#include <dnsvigil/tunnel.h>

DETECTOR_FUNCTION(DATA_INFILTRATION, data_infiltration)
{
    return tunnel_report(transaction, enrichment, TUNNEL_DOWN, REASON_TUNNEL_DOWNLOAD, finding);
}
