-- Labels that are renamed or merged keep the keywords that stood for them, also where those stand in
-- photos that are added or read later.

-- keyword: names with | between, as it stood in a source or was written.
CREATE TABLE former_keywords (
    keyword  TEXT PRIMARY KEY,
    label_id INTEGER NOT NULL REFERENCES labels
) STRICT, WITHOUT ROWID;
CREATE INDEX former_keywords_by_label ON former_keywords (label_id);
