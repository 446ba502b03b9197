-- Who made a user inactive: what staff did, only staff undo. Users who are inactive already were made so by owners.

ALTER TABLE account_user ADD COLUMN inactivated_by text;
COMMENT ON COLUMN account_user.inactivated_by IS 'no_pii';
