-- What an erasure came to is kept in the same form at every participant. While an upgrade goes on the processes from
-- before it know the table by its old name and columns.

ALTER TABLE erasure_answer RENAME TO erasure_step;
ALTER TABLE erasure_step RENAME COLUMN at TO completed_at;
ALTER TABLE erasure_step ALTER COLUMN customers SET DEFAULT 0, ALTER COLUMN contacts SET DEFAULT 0;
ALTER TABLE erasure_step ADD COLUMN counts jsonb NOT NULL DEFAULT '{}';
UPDATE erasure_step SET counts = jsonb_build_object('tripletex_customers', customers, 'tripletex_contacts', contacts);
COMMENT ON TABLE erasure_step IS 'What an erasure came to here: a repeated order gets the same answer. Names no account.';
COMMENT ON COLUMN erasure_step.counts IS 'no_pii';

CREATE VIEW erasure_answer AS SELECT erasure_id, customers, contacts, retained, completed_at AS at FROM erasure_step;
COMMENT ON VIEW erasure_answer IS 'For processes from before an upgrade.';
GRANT SELECT, INSERT, DELETE ON erasure_answer TO billing_sync;
