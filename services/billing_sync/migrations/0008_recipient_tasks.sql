-- Whom a correction is still to reach, and since when it has (GDPR article 19): one row for each recipient that had it.

CREATE TABLE recipient_task (
    id         uuid PRIMARY KEY,
    account_id uuid NOT NULL,
    user_id    uuid,
    recipient  text NOT NULL CHECK (recipient IN ('tripletex')),
    fields     text[] NOT NULL,
    opened_at  timestamptz NOT NULL,
    closed_at  timestamptz,
    outcome    text CHECK (outcome IN ('done')),
    CHECK ((closed_at IS NULL) = (outcome IS NULL))
);
CREATE INDEX recipient_task_of_account ON recipient_task (account_id, opened_at);
CREATE INDEX recipient_task_closed ON recipient_task (closed_at) WHERE closed_at IS NOT NULL;
COMMENT ON TABLE recipient_task IS 'Corrections, and the recipients that each is told to.';
COMMENT ON COLUMN recipient_task.id IS 'no_pii';
COMMENT ON COLUMN recipient_task.account_id IS 'no_pii';
COMMENT ON COLUMN recipient_task.user_id IS 'no_pii';
COMMENT ON COLUMN recipient_task.recipient IS 'no_pii';
COMMENT ON COLUMN recipient_task.fields IS 'no_pii';
COMMENT ON COLUMN recipient_task.opened_at IS 'no_pii';
COMMENT ON COLUMN recipient_task.closed_at IS 'no_pii';
COMMENT ON COLUMN recipient_task.outcome IS 'no_pii';
GRANT SELECT, INSERT, DELETE ON recipient_task TO billing_sync;
GRANT UPDATE (closed_at, outcome) ON recipient_task TO billing_sync;
