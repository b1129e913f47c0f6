-- What the person has said: folders, vocabularies, decisions.

CREATE TABLE folders (
    id       INTEGER PRIMARY KEY,
    path     BLOB NOT NULL UNIQUE,
    paused   INTEGER NOT NULL DEFAULT 0,
    offline  INTEGER NOT NULL DEFAULT 0,
    added_ms INTEGER NOT NULL
) STRICT;

-- The text as the person wrote it, comments and all.
CREATE TABLE vocabularies (
    id     INTEGER PRIMARY KEY,
    name   TEXT NOT NULL UNIQUE,
    text   TEXT NOT NULL,
    active INTEGER NOT NULL DEFAULT 0
) STRICT;

-- What decisions and tags call a label, whether or not the active vocabulary still has it.
CREATE TABLE labels (
    id   INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;

-- origin: 1 person, 2 sidecar.
CREATE TABLE decisions (
    photo_id   INTEGER NOT NULL REFERENCES photos ON DELETE CASCADE,
    label_id   INTEGER NOT NULL REFERENCES labels,
    accepted   INTEGER NOT NULL,
    origin     INTEGER NOT NULL,
    decided_ms INTEGER NOT NULL,
    PRIMARY KEY (photo_id, label_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX decisions_by_label ON decisions (label_id);

-- Everything below is derived from the photos' files.

-- A content. error says why it could not be decoded, by the decoder of version error_version.
CREATE TABLE photos (
    id            INTEGER PRIMARY KEY,
    hash          BLOB NOT NULL UNIQUE,
    width         INTEGER,
    height        INTEGER,
    error         TEXT,
    error_version INTEGER
) STRICT;

-- A path. presence: 0 present, 1 missing, 2 offline. photo_id is NULL until the file was read;
-- error says why it could not be.
CREATE TABLE files (
    id          INTEGER PRIMARY KEY,
    folder_id   INTEGER NOT NULL REFERENCES folders ON DELETE CASCADE,
    path        BLOB NOT NULL UNIQUE,
    size_bytes  INTEGER NOT NULL,
    modified_ns INTEGER NOT NULL,
    presence    INTEGER NOT NULL DEFAULT 0,
    photo_id    INTEGER REFERENCES photos,
    -- The content before the last edit: its decisions pass on to the next.
    previous_id INTEGER REFERENCES photos,
    error       TEXT
) STRICT;
CREATE INDEX files_by_photo ON files (photo_id);
CREATE INDEX files_by_previous ON files (previous_id);
CREATE INDEX files_by_folder ON files (folder_id);

CREATE TABLE models (
    id          INTEGER PRIMARY KEY,
    name        TEXT NOT NULL,
    fingerprint BLOB NOT NULL UNIQUE
) STRICT;

-- A unit vector, 16-bit floats, little-endian.
CREATE TABLE embeddings (
    id       INTEGER PRIMARY KEY,
    model_id INTEGER NOT NULL REFERENCES models ON DELETE CASCADE,
    photo_id INTEGER NOT NULL REFERENCES photos ON DELETE CASCADE,
    vector   BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX embeddings_by_photo ON embeddings (photo_id, model_id);

-- Embeddings of texts, 32-bit floats, little-endian.
CREATE TABLE texts (
    model_id INTEGER NOT NULL REFERENCES models ON DELETE CASCADE,
    text     TEXT NOT NULL,
    vector   BLOB NOT NULL,
    PRIMARY KEY (model_id, text)
) STRICT, WITHOUT ROWID;

-- What the machine says. score: log-odds. accepted: 1 given, 0 suggested.
CREATE TABLE tags (
    label_id   INTEGER NOT NULL REFERENCES labels,
    photo_id   INTEGER NOT NULL REFERENCES photos ON DELETE CASCADE,
    score      REAL NOT NULL,
    confidence REAL NOT NULL,
    accepted   INTEGER NOT NULL,
    PRIMARY KEY (label_id, photo_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX tags_by_photo ON tags (photo_id);

-- Labels whose tags are up to date, and with what they were computed.
CREATE TABLE scored (
    label_id    INTEGER PRIMARY KEY REFERENCES labels,
    fingerprint BLOB NOT NULL
) STRICT;

-- Photos that were embedded while the labels changed, and have no tags yet.
CREATE TABLE unscored (
    photo_id INTEGER PRIMARY KEY REFERENCES photos ON DELETE CASCADE
) STRICT;

CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
