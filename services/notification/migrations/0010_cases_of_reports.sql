-- Letters about what a customer reported: which case a letter is about, for its reference.

ALTER TABLE mailing ADD COLUMN case_id uuid;
ALTER TABLE letter ADD COLUMN case_id uuid;
COMMENT ON COLUMN mailing.case_id IS 'no_pii';
COMMENT ON COLUMN letter.case_id IS 'no_pii';
