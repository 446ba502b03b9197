-- When a company was made active again: what somebody brought back is not swept away as a sign-up nobody finished.

ALTER TABLE account ADD COLUMN reactivated_at timestamptz;
COMMENT ON COLUMN account.reactivated_at IS 'no_pii';
