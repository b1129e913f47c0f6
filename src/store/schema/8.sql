-- Whether the file ends early, so that a part of the picture is grey.
ALTER TABLE photos ADD COLUMN incomplete INTEGER NOT NULL DEFAULT 0;
