-- Who approved a decision that two persons sign, and by which approval.

ALTER TABLE case_decision
    ADD COLUMN approved_by text CHECK (approved_by <> decided_by),
    ADD COLUMN approval_id uuid,
    ADD CHECK ((approved_by IS NULL) = (approval_id IS NULL));
COMMENT ON COLUMN case_decision.approved_by IS 'pii:staff; erased: row deleted at the end of the file';
COMMENT ON COLUMN case_decision.approval_id IS 'no_pii';
