/* The ledger's tables, for ledger.c. */
#ifndef STAGER_MANIFESTS_LEDGER_SCHEMA_H
#define STAGER_MANIFESTS_LEDGER_SCHEMA_H

extern const char *const ledger_schema[]; /* scripts, in order; NULL ends them */
#define LEDGER_VERSION 9                  /* of the schema; PRAGMA user_version */

#endif
