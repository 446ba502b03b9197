-- Copies of owners whose company is a person's, as a sole proprietorship: what is held on the company is in them.

ALTER TABLE export ADD COLUMN with_company boolean NOT NULL DEFAULT false CHECK (NOT with_company OR user_id IS NOT NULL);
COMMENT ON COLUMN export.with_company IS 'no_pii';
