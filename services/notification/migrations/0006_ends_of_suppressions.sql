-- A suppression after a bounce has an end and can be lifted; what cannot be told by mail becomes a person's task.

ALTER TABLE suppression ADD COLUMN id uuid NOT NULL DEFAULT gen_random_uuid() UNIQUE,
                        ADD COLUMN times integer NOT NULL DEFAULT 1,
                        ADD COLUMN ends_at timestamptz,
                        ADD COLUMN tried_at timestamptz,
                        ADD COLUMN lifted_by text;
UPDATE suppression SET ends_at = since + interval '1 day' WHERE kind = 'bounce';
ALTER TABLE suppression ADD CHECK ((kind = 'bounce') = (ends_at IS NOT NULL));
COMMENT ON COLUMN suppression.id IS 'no_pii';
COMMENT ON COLUMN suppression.times IS 'no_pii';
COMMENT ON COLUMN suppression.ends_at IS 'no_pii';
COMMENT ON COLUMN suppression.tried_at IS 'no_pii';
COMMENT ON COLUMN suppression.lifted_by IS 'pii:staff; erased: row deleted';
GRANT UPDATE (times, ends_at, tried_at, lifted_by) ON suppression TO notification;

CREATE TABLE person_task (
    id         uuid PRIMARY KEY,
    kind       text NOT NULL CHECK (kind IN ('undeliverable', 'copy')),
    account_id uuid NOT NULL,
    user_id    uuid,
    letter_id  uuid UNIQUE,
    letter     text,
    reason     text,
    due_on     date NOT NULL,
    raised_at  timestamptz NOT NULL,
    done_at    timestamptz,
    outcome    text,
    done_by    text
);
CREATE INDEX person_task_open ON person_task (due_on) WHERE done_at IS NULL;
CREATE INDEX person_task_account ON person_task (account_id);
CREATE INDEX person_task_age ON person_task (done_at) WHERE done_at IS NOT NULL;
COMMENT ON TABLE person_task IS 'What a member of staff does by hand: tell what no mail can bring, or make a copy of the data. Kept 180 days after.';
COMMENT ON COLUMN person_task.id IS 'no_pii';
COMMENT ON COLUMN person_task.kind IS 'no_pii';
COMMENT ON COLUMN person_task.account_id IS 'no_pii';
COMMENT ON COLUMN person_task.user_id IS 'no_pii';
COMMENT ON COLUMN person_task.letter_id IS 'no_pii';
COMMENT ON COLUMN person_task.letter IS 'no_pii';
COMMENT ON COLUMN person_task.reason IS 'no_pii';
COMMENT ON COLUMN person_task.due_on IS 'no_pii';
COMMENT ON COLUMN person_task.raised_at IS 'no_pii';
COMMENT ON COLUMN person_task.done_at IS 'no_pii';
COMMENT ON COLUMN person_task.outcome IS 'no_pii';
COMMENT ON COLUMN person_task.done_by IS 'pii:staff; erased: row deleted';
GRANT SELECT, INSERT, UPDATE, DELETE ON person_task TO notification;
