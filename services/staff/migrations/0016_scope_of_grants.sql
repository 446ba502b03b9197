-- A grant may be for some customers only. None written down stands for all of them; a list never becomes empty.

ALTER TABLE role_grant ADD COLUMN account_ids uuid[];
ALTER TABLE role_grant ADD CONSTRAINT role_grant_scope CHECK (
    account_ids IS NULL
    OR (cardinality(account_ids) BETWEEN 1 AND 50 AND array_position(account_ids, NULL) IS NULL AND NOT bootstrap)
);
COMMENT ON COLUMN role_grant.account_ids IS 'no_pii';
