-- Facts about photos besides their pictures.

-- version: of the reader; a photo without a row has not been read yet. captured_ms: the capture time in
-- milliseconds since 1970-01-01 by the local clock, which is captured_offset_min minutes ahead of UTC
-- (NULL: unknown). captured_from: 1 EXIF, 2 XMP in the photo.
CREATE TABLE about (
    photo_id            INTEGER PRIMARY KEY REFERENCES photos ON DELETE CASCADE,
    version             INTEGER NOT NULL,
    captured_ms         INTEGER,
    captured_offset_min INTEGER,
    captured_from       INTEGER,
    camera              TEXT,
    lens                TEXT,
    exposure_s          REAL,
    aperture            REAL,
    focal_length_mm     REAL,
    iso                 INTEGER,
    latitude            REAL,
    longitude           REAL
) STRICT;

-- The capture time from a sidecar. A sidecar without a stamp is read again.
ALTER TABLE sources ADD COLUMN captured_ms INTEGER;
ALTER TABLE sources ADD COLUMN captured_offset_min INTEGER;
UPDATE sources SET size_bytes = NULL, modified_ns = NULL WHERE kind != 0;

-- For lists of all photos: sources are many and large, and few have a time.
CREATE INDEX sources_captured ON sources (photo_id, kind, captured_ms, captured_offset_min)
    WHERE captured_ms IS NOT NULL;
