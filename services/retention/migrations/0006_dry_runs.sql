-- What an erasure would take, asked of every participant; nothing is erased. Ids, codes and numbers only.

CREATE TABLE dry_run (
    id           uuid PRIMARY KEY,
    account_id   uuid NOT NULL,
    user_id      uuid,
    actor        text NOT NULL,
    ordered_at   timestamptz NOT NULL,
    held         boolean NOT NULL,
    participants text[] NOT NULL
);
CREATE INDEX dry_run_age ON dry_run (ordered_at);
COMMENT ON TABLE dry_run IS 'Dry runs of an erasure, kept a week.';
COMMENT ON COLUMN dry_run.id IS 'no_pii';
COMMENT ON COLUMN dry_run.account_id IS 'no_pii';
COMMENT ON COLUMN dry_run.user_id IS 'no_pii';
COMMENT ON COLUMN dry_run.actor IS 'pii:staff; erased: row deleted a week after the dry run';
COMMENT ON COLUMN dry_run.ordered_at IS 'no_pii';
COMMENT ON COLUMN dry_run.held IS 'no_pii';
COMMENT ON COLUMN dry_run.participants IS 'no_pii';

CREATE TABLE dry_run_answer (
    dry_run_id  uuid NOT NULL REFERENCES dry_run (id) ON DELETE CASCADE,
    participant text NOT NULL,
    counts      jsonb NOT NULL,
    retained    text[] NOT NULL,
    PRIMARY KEY (dry_run_id, participant)
);
COMMENT ON TABLE dry_run_answer IS 'What each participant would erase.';
COMMENT ON COLUMN dry_run_answer.dry_run_id IS 'no_pii';
COMMENT ON COLUMN dry_run_answer.participant IS 'no_pii';
COMMENT ON COLUMN dry_run_answer.counts IS 'no_pii';
COMMENT ON COLUMN dry_run_answer.retained IS 'no_pii';

GRANT SELECT, INSERT, DELETE ON dry_run TO retention;
GRANT SELECT, INSERT, DELETE ON dry_run_answer TO retention;
