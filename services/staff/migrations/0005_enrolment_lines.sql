-- The line of the ledger that tells of an enrolment belongs to its key and goes with it; keys that were copied.

ALTER TABLE passkey ADD COLUMN enrolment_line bytea;
ALTER TABLE passkey ADD COLUMN suspected_at timestamptz;
CREATE INDEX passkey_suspected ON passkey (suspected_at) WHERE suspected_at IS NOT NULL AND revoked_at IS NULL;
COMMENT ON COLUMN passkey.enrolment_line IS 'pii:staff; erased: row deleted with the person''s, three years after they left';
COMMENT ON COLUMN passkey.suspected_at IS 'no_pii';

UPDATE passkey SET enrolment_line = kept.line FROM passkey_enrolment AS kept WHERE kept.passkey_id = passkey.id;
DROP TABLE passkey_enrolment;
