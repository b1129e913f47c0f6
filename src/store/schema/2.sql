-- Sidecars: what Taglens wrote into them, and what it has read from them.

-- record: what Taglens wrote, in the form of the sidecar part (JSON).
CREATE TABLE sidecars (
    path   BLOB PRIMARY KEY,
    record TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE exports (
    id         INTEGER PRIMARY KEY,
    started_ms INTEGER NOT NULL,
    undone_ms  INTEGER
) STRICT;

-- The journal. It is written before a sidecar is, and says what undoing needs: before is the
-- sidecar's bytes (NULL: there was none), after the hash of what is written (NULL: it is deleted),
-- previous and record what Taglens has in the sidecar before and after. settled: the write is known
-- to have happened, and sidecars.record says so.
CREATE TABLE export_writes (
    id        INTEGER PRIMARY KEY,
    export_id INTEGER NOT NULL REFERENCES exports ON DELETE CASCADE,
    path      BLOB NOT NULL,
    before    BLOB,
    after     TEXT,
    previous  TEXT,
    record    TEXT NOT NULL,
    settled   INTEGER NOT NULL DEFAULT 0,
    UNIQUE (export_id, path)
) STRICT;
CREATE INDEX export_writes_open ON export_writes (settled) WHERE settled = 0;

-- What the file system said of a sidecar when its keywords were last taken in.
CREATE TABLE sidecar_stamps (
    path        BLOB PRIMARY KEY,
    size_bytes  INTEGER NOT NULL,
    modified_ns INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
