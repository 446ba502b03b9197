-- An address is a log-in name only once somebody has proved to read there: until then any number of sign-ups may wait
-- for it, and whoever proves it decides which of them counts and with which password.

UPDATE account_user SET is_login_name = false WHERE email_confirmed_at IS NULL;
CREATE INDEX account_user_address ON account_user (email_index);
COMMENT ON TABLE account_user IS 'The users of a company (L138). An address is a log-in name once its holder has proved to read there.';

ALTER TABLE account ADD COLUMN sign_up_network bytea;
COMMENT ON COLUMN account.sign_up_network IS 'pii:ip_index; erased: emptied once the address is proved or the account inactive, or row deleted';

ALTER TABLE agreement ADD COLUMN stood_by_at timestamptz;
COMMENT ON COLUMN agreement.stood_by_at IS 'no_pii';
UPDATE agreement SET stood_by_at = accepted_at WHERE EXISTS (
    SELECT 1 FROM account_user u WHERE u.account_id = agreement.account_id AND u.email_confirmed_at IS NOT NULL
);

-- A wish for a letter that has to wait is kept until it may be met: limits say how often, never whether.
ALTER TABLE letter_request ADD COLUMN due_at timestamptz;
UPDATE letter_request SET due_at = requested_at;
ALTER TABLE letter_request ALTER COLUMN due_at SET NOT NULL;
COMMENT ON COLUMN letter_request.due_at IS 'no_pii';
COMMENT ON COLUMN letter_request.email_index IS 'pii:email_index; erased: row deleted within seconds, or the hour it waits at the longest, or with the person';
CREATE INDEX letter_request_due ON letter_request (due_at);
