-- A photo is what its picture shows, not its metadata: files of one photo may differ.

-- hash: of the file in which the photo was first seen. picture: of what it shows; NULL until a file
-- was read for it.
ALTER TABLE photos ADD COLUMN picture BLOB;
CREATE INDEX photos_by_picture ON photos (picture) WHERE picture IS NOT NULL;

-- Of the file's bytes, if they are not those in which its photo was first seen.
ALTER TABLE files ADD COLUMN hash BLOB;
CREATE INDEX files_by_hash ON files (hash) WHERE hash IS NOT NULL;

-- When and with what a photo was taken is told by each file of other bytes for itself. file_id: that
-- file, or 0 for those with the bytes in which the photo was first seen.
ALTER TABLE about RENAME TO about_photos;
CREATE TABLE about (
    photo_id            INTEGER NOT NULL REFERENCES photos ON DELETE CASCADE,
    file_id             INTEGER NOT NULL,
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
    longitude           REAL,
    PRIMARY KEY (photo_id, file_id)
) STRICT, WITHOUT ROWID;
INSERT INTO about (photo_id, file_id, version, captured_ms, captured_offset_min, captured_from, camera,
    lens, exposure_s, aperture, focal_length_mm, iso, latitude, longitude)
SELECT photo_id, 0, version, captured_ms, captured_offset_min, captured_from, camera, lens, exposure_s,
    aperture, focal_length_mm, iso, latitude, longitude FROM about_photos;
DROP TABLE about_photos;
