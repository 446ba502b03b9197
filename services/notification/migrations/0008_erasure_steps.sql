-- What an erasure came to is kept in the same form at every participant, and answered again when it is ordered again.

CREATE TABLE erasure_step (
    erasure_id   uuid PRIMARY KEY,
    counts       jsonb NOT NULL,
    retained     text[] NOT NULL,
    completed_at timestamptz NOT NULL
);
CREATE INDEX erasure_step_age ON erasure_step (completed_at);
COMMENT ON TABLE erasure_step IS 'What an erasure came to here: a repeated order gets the same answer. Names no account.';
COMMENT ON COLUMN erasure_step.erasure_id IS 'no_pii';
COMMENT ON COLUMN erasure_step.counts IS 'no_pii';
COMMENT ON COLUMN erasure_step.retained IS 'no_pii';
COMMENT ON COLUMN erasure_step.completed_at IS 'no_pii';

GRANT SELECT, INSERT, DELETE ON erasure_step TO notification;
