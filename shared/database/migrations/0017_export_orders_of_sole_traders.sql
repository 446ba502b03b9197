-- Copies of owners whose company is a person's: what is held on the company is held on them.

ALTER TABLE export_order ADD COLUMN with_company boolean NOT NULL DEFAULT false CHECK (NOT with_company OR user_id IS NOT NULL);
COMMENT ON COLUMN export_order.with_company IS 'no_pii';
