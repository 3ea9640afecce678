/* The ledger's tables, and what each is for. */
#include "ledger_schema.h"

static const char house_schema[] =
    /* What the house remembers of itself: "root" (of which kind the root secret is, and the generation in force), "checkpoint" (the last one
       seen), ... */
    "CREATE TABLE setting (key TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT;"
    /* An institution that owns datasets here. */
    "CREATE TABLE holder (name TEXT PRIMARY KEY, at INTEGER NOT NULL) STRICT;"
    /* People who decide for a holder. stager-key keeps a register of its own, which counts; this copy is for
       lists. */
    "CREATE TABLE steward (key TEXT NOT NULL, holder TEXT NOT NULL REFERENCES holder(name), person TEXT NOT "
    "NULL,"
    " at INTEGER NOT NULL, PRIMARY KEY (holder, key)) STRICT;"
    "CREATE TABLE dataset (id TEXT PRIMARY KEY, holder TEXT NOT NULL REFERENCES holder(name), name TEXT NOT "
    "NULL,"
    " at INTEGER NOT NULL, UNIQUE (holder, name)) STRICT;"
    /*
     * One push of a dataset. source: a fingerprint of what was read, so that the same push gives back the
     * same version. policy: the resolved policy; report: what scrub and check counted; the salts are those of
     * the manifest's digests of them.
     */
    "CREATE TABLE version (id TEXT PRIMARY KEY, dataset TEXT NOT NULL REFERENCES dataset(id), number INTEGER "
    "NOT NULL,"
    " state TEXT NOT NULL CHECK (state IN "
    "('RECEIVED','SCRUBBED','HELD','SEALED','LOGGED','ACCEPTED','SENT','REJECTED',"
    "'WITHDRAWN','ERASED')), source TEXT NOT NULL, policy BLOB NOT NULL, policy_salt BLOB NOT NULL, report "
    "BLOB,"
    " report_salt BLOB NOT NULL, scrubber TEXT NOT NULL, ruleset TEXT NOT NULL, meta BLOB NOT NULL, "
    "predecessor TEXT,"
    " manifest BLOB, digest TEXT, acceptance BLOB, at INTEGER NOT NULL, UNIQUE (dataset, number)) STRICT;"
    /*
     * What the first pass of a version came to, where its policy has a subject table. context: SHA-256 of the context; json: that,
     * how many subjects, and the commitments to the exclusion lists (pipeline.h); place: of its log entry, NULL before.
     */
    "CREATE TABLE gathered (version TEXT PRIMARY KEY REFERENCES version(id), context TEXT NOT NULL, json "
    "BLOB "
    "NOT NULL, place INTEGER UNIQUE) STRICT;"
    /*
     * What a version's sources held, by a keyed digest of all of them (push_content.c): the same under other times is the same push.
     * files, bytes: of the plan. mac: over these, the version, its source, policy, meta and scrubber (origin.h).
     */
    "CREATE TABLE source_content (version TEXT PRIMARY KEY REFERENCES version(id), digest TEXT NOT NULL, "
    "files INTEGER NOT NULL, bytes INTEGER NOT NULL, mac BLOB NOT NULL) STRICT;"
    /* A version's sets of shards, each with a residency of its own (in the policy and the manifest). */
    "CREATE TABLE shard_set (version TEXT NOT NULL REFERENCES version(id), name TEXT NOT NULL, shards "
    "INTEGER NOT NULL,"
    " members INTEGER NOT NULL, bytes INTEGER NOT NULL, PRIMARY KEY (version, name)) STRICT;"
    /* line: the shard table's line; wrapped: the data key under the dataset's KEK. row: its place in the
       table. */
    "CREATE TABLE shard (version TEXT NOT NULL, set_name TEXT NOT NULL, row INTEGER NOT NULL, name TEXT NOT "
    "NULL,"
    " line BLOB NOT NULL, wrapped BLOB NOT NULL, PRIMARY KEY (version, set_name, row),"
    " FOREIGN KEY (version, set_name) REFERENCES shard_set(version, name)) STRICT;"
    /*
     * The openings of the log's commitments. Written before the entry is appended, with the log's size then
     * (after), so that a crash in between is found: the entry stands at or past that place, or nowhere and is
     * appended again.
     */
    "CREATE TABLE opening (id INTEGER PRIMARY KEY, type TEXT NOT NULL, json BLOB NOT NULL, salt BLOB NOT "
    "NULL,"
    " after INTEGER NOT NULL, place INTEGER UNIQUE, about TEXT) STRICT;"
    "CREATE TABLE request (id TEXT PRIMARY KEY, version TEXT NOT NULL REFERENCES version(id), json BLOB NOT "
    "NULL,"
    " state TEXT NOT NULL CHECK (state IN ('OPEN','APPROVED','CANCELLED')), at INTEGER NOT NULL) STRICT;"
    "CREATE TABLE approval (request TEXT NOT NULL REFERENCES request(id), key TEXT NOT NULL, envelope BLOB "
    "NOT NULL,"
    " at INTEGER NOT NULL, PRIMARY KEY (request, key)) STRICT;"
    "CREATE TABLE release (id INTEGER PRIMARY KEY, request TEXT NOT NULL REFERENCES request(id), slot "
    "INTEGER NOT NULL,"
    " restart INTEGER NOT NULL, node TEXT NOT NULL, place INTEGER NOT NULL, done INTEGER NOT NULL, at "
    "INTEGER NOT NULL) STRICT;"
    /* What nodes said that they opened, in parts; envelope: as the job key signed it; digest: of what it holds. */
    "CREATE TABLE receipt (request TEXT NOT NULL REFERENCES request(id), slot INTEGER NOT NULL, restart "
    "INTEGER NOT "
    "NULL,"
    " node TEXT NOT NULL, part INTEGER NOT NULL, digest TEXT NOT NULL UNIQUE, envelope BLOB NOT NULL, place "
    "INTEGER NOT "
    "NULL,"
    " at INTEGER NOT NULL, PRIMARY KEY (request, slot, restart, node, part)) STRICT;"
    /*
     * People who were withdrawn from a dataset, as keyed marks (withdrawn.h): a later push leaves them out. form: of the keys that
     * the marks are made of; place: of the log entry, which has the marks' digest.
     */
    "CREATE TABLE withdrawal (place INTEGER PRIMARY KEY, dataset TEXT NOT NULL REFERENCES dataset(id), form "
    "BLOB NOT NULL, marks BLOB NOT NULL, at INTEGER NOT NULL) STRICT;"
    /* Where sealed sets may be sent: a name stands for one place for good. removed: no longer. */
    "CREATE TABLE endpoint (name TEXT PRIMARY KEY, url TEXT NOT NULL, country TEXT NOT NULL, site TEXT NOT "
    "NULL, gateway TEXT NOT NULL,"
    " removed INTEGER NOT NULL CHECK (removed IN (0, 1)), at INTEGER NOT NULL) STRICT;"
    /* A set of a version at, or on its way to, a URL at or below an endpoint's. place: of its first log entry. */
    "CREATE TABLE delivery (place INTEGER PRIMARY KEY, version TEXT NOT NULL REFERENCES version(id), "
    "set_name TEXT "
    "NOT NULL,"
    " url TEXT NOT NULL, endpoint TEXT NOT NULL REFERENCES endpoint(name), state TEXT NOT NULL CHECK (state "
    "IN "
    "('STARTED','DELIVERED','REMOVING','REMOVED')), at INTEGER NOT NULL, UNIQUE (version, set_name, url)) "
    "STRICT;"
    /* What was seen to be there, and its tag (ETag) then: while that is the same, it is not read again. */
    "CREATE TABLE delivered (delivery INTEGER NOT NULL REFERENCES delivery(place), name TEXT NOT NULL, size "
    "INTEGER "
    "NOT NULL,"
    " tag TEXT NOT NULL, PRIMARY KEY (delivery, name)) STRICT;"
    /* The signed records of a delivery: one each time that all of it was there after something was sent. */
    "CREATE TABLE delivery_record (place INTEGER PRIMARY KEY, delivery INTEGER NOT NULL REFERENCES "
    "delivery(place),"
    " envelope BLOB NOT NULL, at INTEGER NOT NULL) STRICT;"
    "CREATE INDEX version_dataset ON version(dataset, source);"
    "CREATE INDEX opening_about ON opening(about);";

static const char review_schema[] =
    /*
     * That a person looked at a set of a version before it was decided on: how many members of each kind its index has
     * (NULL until it was open), and the place of the first session's log entry.
     */
    "CREATE TABLE review (version TEXT NOT NULL, set_name TEXT NOT NULL, letters INTEGER, scans INTEGER, "
    "others INTEGER, place INTEGER NOT NULL, PRIMARY KEY (version, set_name),"
    " FOREIGN KEY (version, set_name) REFERENCES shard_set(version, name)) STRICT;"
    /* What was said of each, one after the other: of a member the last one counts. rank: its place in the sample. */
    "CREATE TABLE verdict (id INTEGER PRIMARY KEY, version TEXT NOT NULL, set_name TEXT NOT NULL, stratum "
    "TEXT "
    "NOT NULL CHECK (stratum IN ('letters','scans')), rank INTEGER NOT NULL, member INTEGER NOT NULL, "
    "verdict "
    "TEXT NOT NULL CHECK (verdict IN ('ok','found')), kind TEXT NOT NULL, person TEXT NOT NULL, at INTEGER "
    "NOT "
    "NULL, FOREIGN KEY (version, set_name) REFERENCES review(version, set_name)) STRICT;"
    "CREATE INDEX verdict_version ON verdict(version);";

static const char source_schema[] =
    /*
     * What a version has of its sources, so that an append takes nothing twice: a keyed mark of each file and list, by name and by what it
     * holds (pushed.h), and of each row of the subject table (rows.h). Proven by source_content.mac.
     */
    "CREATE TABLE pushed (version TEXT PRIMARY KEY REFERENCES version(id), files BLOB NOT NULL, rows BLOB "
    "NOT "
    "NULL) STRICT;";

const char *const ledger_schema[] = {house_schema, review_schema, source_schema, 0};
