/* The ledger's tables, for ledger.c. */
#ifndef STAGER_MANIFESTS_LEDGER_SCHEMA_H
#define STAGER_MANIFESTS_LEDGER_SCHEMA_H

extern const char ledger_schema[];
#define LEDGER_VERSION 4 /* of the schema; PRAGMA user_version */

#endif
