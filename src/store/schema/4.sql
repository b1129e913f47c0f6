-- Sources of keywords follow the photo, not a path. What `sidecars` and `sidecar_stamps` have is
-- taken over; they are not used any more.

-- A place with keywords of a photo. owner: the file of the photo that it belongs to; kind: 0 inside
-- the photo (owner and path empty), 1 IMG.JPG.xmp, 2 IMG.xmp. state: 0 not read yet, 1 read, 2 it was
-- absent at the last look. The stamp is what the file system said when it was read; digest tells the
-- bytes that were read or written last. record: what Taglens wrote, in the form of the sidecar part.
CREATE TABLE sources (
    id          INTEGER PRIMARY KEY,
    photo_id    INTEGER NOT NULL REFERENCES photos ON DELETE CASCADE,
    owner       BLOB NOT NULL,
    kind        INTEGER NOT NULL,
    path        BLOB NOT NULL,
    state       INTEGER NOT NULL DEFAULT 0,
    size_bytes  INTEGER,
    modified_ns INTEGER,
    digest      TEXT NOT NULL DEFAULT '',
    record      TEXT,
    UNIQUE (photo_id, owner, kind)
) STRICT;

-- role: 1 the person's as last seen, 2 written by Taglens, 3 written and then moved elsewhere by the
-- person, 4 written and taken out, not decided on yet, 5 called Taglens's by the source itself.
-- keyword: names with | between. label_id follows labels that are renamed or merged.
CREATE TABLE source_keywords (
    source_id INTEGER NOT NULL REFERENCES sources ON DELETE CASCADE,
    role      INTEGER NOT NULL,
    keyword   TEXT NOT NULL,
    label_id  INTEGER NOT NULL REFERENCES labels,
    PRIMARY KEY (source_id, role, keyword)
) STRICT, WITHOUT ROWID;
CREATE INDEX source_keywords_by_label ON source_keywords (label_id);

-- What a write of an export had written before (later = 0) and after it.
ALTER TABLE export_writes ADD COLUMN source_id INTEGER;
CREATE TABLE export_keywords (
    write_id INTEGER NOT NULL REFERENCES export_writes ON DELETE CASCADE,
    later    INTEGER NOT NULL,
    keyword  TEXT NOT NULL,
    label_id INTEGER NOT NULL REFERENCES labels,
    PRIMARY KEY (write_id, later, keyword)
) STRICT, WITHOUT ROWID;
CREATE INDEX export_keywords_by_label ON export_keywords (label_id);

-- Sidecars that could not be read, or (writing = 1) not be written, and why; photo: whose they are
-- or may be.
CREATE TABLE sidecar_problems (
    photo   BLOB NOT NULL,
    writing INTEGER NOT NULL,
    path    BLOB NOT NULL,
    reason  TEXT NOT NULL,
    PRIMARY KEY (photo, writing, path)
) STRICT, WITHOUT ROWID;

INSERT OR IGNORE INTO sources (photo_id, owner, kind, path, record)
SELECT f.photo_id, f.path, 1, s.path, s.record FROM sidecars s
JOIN files f ON f.path = CAST(substr(CAST(s.path AS TEXT), 1, length(CAST(s.path AS TEXT)) - 4) AS BLOB)
WHERE f.photo_id IS NOT NULL;
INSERT OR IGNORE INTO sources (photo_id, owner, kind, path, record)
SELECT f.photo_id, f.path, 2, s.path, s.record FROM sidecars s
JOIN files f ON s.path = CAST(rtrim(CAST(f.path AS TEXT), replace(CAST(f.path AS TEXT), '.', '')) || 'xmp' AS BLOB)
WHERE f.photo_id IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM sources WHERE sources.path = s.path);
INSERT OR IGNORE INTO source_keywords (source_id, role, keyword, label_id)
SELECT written.id, 2, written.keyword, labels.id FROM (
    SELECT sources.id AS id,
           (SELECT group_concat(value, '|') FROM json_each(k.value)) AS keyword,
           json_extract(k.value, '$[#-1]') AS leaf
    FROM sources, json_each(sources.record, '$.keywords') k WHERE json_valid(sources.record)
) written
JOIN labels ON labels.name = coalesce(
    (SELECT name FROM labels WHERE name = written.keyword), written.leaf);
