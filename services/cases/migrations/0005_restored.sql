-- Cases are made true again from the ledger after a restore; a person then looks what it does not say.

ALTER TABLE case_file ADD COLUMN restored_at timestamptz;
CREATE INDEX case_file_restored ON case_file (restored_at) WHERE restored_at IS NOT NULL;
COMMENT ON COLUMN case_file.restored_at IS 'no_pii';
