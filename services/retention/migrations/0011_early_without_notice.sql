-- Early erasure of an account that is active and under no notice: there is none that could be taken back.
ALTER TABLE early_request ADD COLUMN without_notice boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN early_request.without_notice IS 'no_pii';
