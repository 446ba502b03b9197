-- Whatever staff change comes with a signed statement, and each counts once; that of an act of two persons is its
-- approval.

CREATE TABLE spent_statement (
    id       uuid PRIMARY KEY,
    act      text NOT NULL,
    spent_at timestamptz NOT NULL
);
CREATE INDEX spent_statement_age ON spent_statement (spent_at);
COMMENT ON TABLE spent_statement IS 'Ids of signed statements of staff whose act is carried out, so that a second use has no effect. Kept 90 days.';
COMMENT ON COLUMN spent_statement.id IS 'no_pii';
COMMENT ON COLUMN spent_statement.act IS 'no_pii';
COMMENT ON COLUMN spent_statement.spent_at IS 'no_pii';

DO $$
BEGIN
    EXECUTE format(
        'GRANT SELECT, INSERT, DELETE ON spent_statement TO %I', regexp_replace(current_user, '_owner$', '')
    );
END
$$;
