-- A look at people of an account, from the moment it is signed for until it is told whom it showed. Logged, so that
-- no look is lost: after a minute it is told in any case.

CREATE TABLE reading (
    id         uuid NOT NULL,
    session_id uuid NOT NULL,
    staff_code text NOT NULL,
    account_id uuid NOT NULL,
    purpose    text NOT NULL,
    acts       text[] NOT NULL,
    begun_at   timestamptz NOT NULL,
    PRIMARY KEY (id, account_id, purpose)
);
CREATE INDEX reading_begun ON reading (begun_at);
COMMENT ON TABLE reading IS 'Looks at people of accounts of which it is not told yet whom they showed; for a minute.';
COMMENT ON COLUMN reading.id IS 'no_pii';
COMMENT ON COLUMN reading.session_id IS 'no_pii';
COMMENT ON COLUMN reading.staff_code IS 'pii:staff; erased: row deleted when the look is told, after a minute at the latest';
COMMENT ON COLUMN reading.account_id IS 'pii:pseudonym; erased: row deleted when the look is told, after a minute at the latest';
COMMENT ON COLUMN reading.purpose IS 'no_pii';
COMMENT ON COLUMN reading.acts IS 'no_pii';
COMMENT ON COLUMN reading.begun_at IS 'no_pii';

GRANT SELECT, INSERT, UPDATE, DELETE ON reading TO staff;
