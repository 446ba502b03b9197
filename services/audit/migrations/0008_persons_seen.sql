-- Whom a look at a customer's people showed. In the trail a random reference stands for each, among the facts.
ALTER TABLE intake ADD COLUMN seen uuid[] NOT NULL DEFAULT '{}';
COMMENT ON COLUMN intake.seen IS 'pii:pseudonym; erased: replaced when the sequencer takes the row, within a second';
