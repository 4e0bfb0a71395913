/* record.h - reads the names and addresses inside the records of a decoded message
 * SPDX-License-Identifier: Apache-2.0
 *
 * One name costs up to 256 labels and pointers. Whoever reads the names of many records bounds how
 * many: a message may hold 512 that are as long as names get. */
#pragma once

#include <dnsvigil/dns.h>

/* The record's owner; false when a pointer led to something that is no name. */
bool record_owner(const struct dns_message *message, const struct dns_record *record,
                  struct dns_name *ret);

/* Name number `which`, from 0, among the names in the record's data: the target of CNAME, DNAME,
 * NS, PTR, MX, SRV and SVCB, the MNAME (0) and RNAME (1) of SOA. False when it has none or a bad
 * one. */
bool record_target(const struct dns_message *message, const struct dns_record *record,
                   unsigned which, struct dns_name *ret);

/* The address of an A or AAAA record; false for other types and for data of the wrong size. */
bool record_addr(const struct dns_message *message, const struct dns_record *record,
                 struct addr *ret);
