-- When a user was made active again: whoever comes back after a wish to be erased stays.

ALTER TABLE account_user ADD COLUMN reactivated_at timestamptz;
COMMENT ON COLUMN account_user.reactivated_at IS 'no_pii';
