-- What a notice of a breach says of how it arose, and of where the data are now: in codes, as all that it says.

ALTER TABLE breach_notice
    ADD COLUMN causes text[] NOT NULL DEFAULT '{}',
    ADD COLUMN whereabouts text[] NOT NULL DEFAULT '{}';
COMMENT ON COLUMN breach_notice.causes IS 'no_pii';
COMMENT ON COLUMN breach_notice.whereabouts IS 'no_pii';
