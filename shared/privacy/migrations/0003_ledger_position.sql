-- How far the keyring has come in the ledger: one restored from its own backup holds keys again that were destroyed.
-- retention destroys them anew; whoever opens anything with a key waits until it has.

CREATE TABLE ledger_position (
    only_row    boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    position    bigint CHECK (position >= 0),
    hash        text CHECK (hash ~ '^[0-9a-f]{64}$'),
    recorded_at timestamptz,
    CHECK ((position IS NULL) = (hash IS NULL) AND (position IS NULL) = (recorded_at IS NULL))
);
COMMENT ON TABLE ledger_position IS 'The last fact of the ledger that is true in the keyring; one row, empty until the first start.';
COMMENT ON COLUMN ledger_position.only_row IS 'no_pii';
COMMENT ON COLUMN ledger_position.position IS 'no_pii';
COMMENT ON COLUMN ledger_position.hash IS 'no_pii';
COMMENT ON COLUMN ledger_position.recorded_at IS 'no_pii';
INSERT INTO ledger_position DEFAULT VALUES;

GRANT SELECT, UPDATE ON ledger_position TO retention;
GRANT SELECT ON ledger_position TO account, audit, desk;
