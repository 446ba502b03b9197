-- Early erasure of one user, at that person's own written wish.
ALTER TABLE early_request ADD COLUMN user_id uuid;
COMMENT ON COLUMN early_request.user_id IS 'no_pii';
DROP INDEX early_request_one_waits;
CREATE UNIQUE INDEX early_request_one_waits
    ON early_request (account_id, coalesce(user_id, '00000000-0000-0000-0000-000000000000')) WHERE course = 'accepted';
