-- Checksums on what the person has said and on what exports wrote; guard.rs keeps them and looks.

ALTER TABLE labels ADD COLUMN checksum INTEGER;
ALTER TABLE decisions ADD COLUMN checksum INTEGER;
ALTER TABLE vocabularies ADD COLUMN checksum INTEGER;
ALTER TABLE learning ADD COLUMN checksum INTEGER;
ALTER TABLE former_keywords ADD COLUMN checksum INTEGER;
ALTER TABLE exports ADD COLUMN checksum INTEGER;
ALTER TABLE export_writes ADD COLUMN checksum INTEGER;
ALTER TABLE export_keywords ADD COLUMN checksum INTEGER;

UPDATE labels SET checksum = row_sum('labels', id, name);
UPDATE decisions SET checksum =
    row_sum('decisions', photo_id, label_id, accepted, origin, decided_ms);
UPDATE vocabularies SET checksum = row_sum('vocabularies', id, name, text, active);
UPDATE learning SET checksum = row_sum('learning', label_id, active, since_ms);
UPDATE former_keywords SET checksum = row_sum('former_keywords', keyword, label_id);
UPDATE exports SET checksum = row_sum('exports', id, started_ms, undone_ms);
UPDATE export_writes SET checksum = row_sum('export_writes', id, export_id, path, before, after,
    previous, record, settled, source_id);
UPDATE export_keywords SET checksum =
    row_sum('export_keywords', write_id, later, keyword, label_id);

-- How many rows each of these tables has, and the sum of their checksums: a row that has vanished
-- is missed by them.
CREATE TABLE totals (
    name     TEXT PRIMARY KEY,
    rows     INTEGER NOT NULL,
    total    INTEGER NOT NULL,
    checksum INTEGER
) STRICT, WITHOUT ROWID;

INSERT INTO totals (name, rows, total)
SELECT 'labels', count(*), coalesce(sum(checksum), 0) FROM labels UNION ALL
SELECT 'decisions', count(*), coalesce(sum(checksum), 0) FROM decisions UNION ALL
SELECT 'vocabularies', count(*), coalesce(sum(checksum), 0) FROM vocabularies UNION ALL
SELECT 'learning', count(*), coalesce(sum(checksum), 0) FROM learning UNION ALL
SELECT 'former_keywords', count(*), coalesce(sum(checksum), 0) FROM former_keywords UNION ALL
SELECT 'exports', count(*), coalesce(sum(checksum), 0) FROM exports UNION ALL
SELECT 'export_writes', count(*), coalesce(sum(checksum), 0) FROM export_writes UNION ALL
SELECT 'export_keywords', count(*), coalesce(sum(checksum), 0) FROM export_keywords;
UPDATE totals SET checksum = row_sum('totals', name, rows, total);
