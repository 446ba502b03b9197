-- How far this database has come in the ledger. A database restored from a backup has the position of that day.

CREATE TABLE ledger_position (
    only_row    boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    position    bigint CHECK (position >= 0),
    hash        text CHECK (hash ~ '^[0-9a-f]{64}$'),
    recorded_at timestamptz,
    CHECK ((position IS NULL) = (hash IS NULL) AND (position IS NULL) = (recorded_at IS NULL))
);
COMMENT ON TABLE ledger_position IS 'The last fact of the ledger that is true in this database; one row, empty until the first start.';
COMMENT ON COLUMN ledger_position.only_row IS 'no_pii';
COMMENT ON COLUMN ledger_position.position IS 'no_pii';
COMMENT ON COLUMN ledger_position.hash IS 'no_pii';
COMMENT ON COLUMN ledger_position.recorded_at IS 'no_pii';
INSERT INTO ledger_position DEFAULT VALUES;

DO $$
DECLARE
    service name := regexp_replace(current_user, '_owner$', '');
BEGIN
    EXECUTE format('GRANT SELECT, UPDATE ON ledger_position TO %I', service);
END
$$;
