/* data_obfuscation.c - names and answers under one domain carry data both ways
 * SPDX-License-Identifier: Apache-2.0 */
#include "detect/tunnel.h"

#include <dnsvigil/tunnel.h>

DETECTOR_FUNCTION(DATA_OBFUSCATION, data_obfuscation)
{
    return tunnel_report(transaction, enrichment, TUNNEL_BOTH, REASON_TUNNEL_TRANSFER, finding);
}
