-- How labels learn from decisions.

-- What the person has said of it. active: whether decisions teach the label. since_ms: decisions of
-- that time and before teach nothing any more; NULL: all do.
CREATE TABLE learning (
    label_id INTEGER PRIMARY KEY REFERENCES labels,
    active   INTEGER NOT NULL DEFAULT 1,
    since_ms INTEGER
) STRICT;

-- What came of it when the label's tags were last computed. in_force: whether something was learned
-- and does more good than harm. shift: log-odds. loss_without, loss_with: nats a held-out decision.
CREATE TABLE learned (
    label_id     INTEGER PRIMARY KEY REFERENCES labels,
    decisions    INTEGER NOT NULL,
    in_force     INTEGER NOT NULL,
    shift        REAL NOT NULL,
    loss_without REAL NOT NULL,
    loss_with    REAL NOT NULL
) STRICT;
