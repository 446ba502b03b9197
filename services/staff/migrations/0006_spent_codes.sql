-- Codes of people of whom nothing else is recorded any more: `staff:<code>` stays one person.

CREATE TABLE spent_code (
    digest   bytea PRIMARY KEY CHECK (length(digest) = 32),
    spent_at timestamptz NOT NULL
);
CREATE INDEX spent_code_spent ON spent_code (spent_at);
COMMENT ON TABLE spent_code IS 'A code that was somebody''s, as a digest under a key: compared when somebody is invited, and for nothing else.';
COMMENT ON COLUMN spent_code.digest IS 'pii:staff; erased: row deleted ten years after the record of the person was';
COMMENT ON COLUMN spent_code.spent_at IS 'no_pii';

GRANT SELECT, INSERT, DELETE ON spent_code TO staff;
