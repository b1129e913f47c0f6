-- What photos say of themselves besides their pictures.

-- version: by which reading it was read; a photo without a row was not read for it yet. captured_ms:
-- when it was taken, in milliseconds since 1970-01-01 by the clock of the place, which is
-- captured_offset_min minutes ahead of UTC (NULL: unknown). captured_from: 1 EXIF, 2 XMP in the photo.
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

-- When the photo was taken, as a sidecar says it. A sidecar whose stamp is not known is read again.
ALTER TABLE sources ADD COLUMN captured_ms INTEGER;
ALTER TABLE sources ADD COLUMN captured_offset_min INTEGER;
UPDATE sources SET size_bytes = NULL, modified_ns = NULL WHERE kind != 0;
