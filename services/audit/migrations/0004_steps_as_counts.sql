-- What an erasure came to is kept in the same form at every participant. While an upgrade goes on the processes from
-- before it write the two numbers of their own.

ALTER TABLE erasure_step
    ADD COLUMN counts jsonb NOT NULL DEFAULT '{}', ADD COLUMN retained text[] NOT NULL DEFAULT '{}',
    ALTER COLUMN login_events SET DEFAULT 0, ALTER COLUMN subject_links SET DEFAULT 0;
UPDATE erasure_step SET counts = jsonb_build_object('login_events', login_events, 'subject_links', subject_links);
COMMENT ON COLUMN erasure_step.counts IS 'no_pii';
COMMENT ON COLUMN erasure_step.retained IS 'no_pii';
