-- Whose erasure has begun: from then on there is no way back, whatever the keyring says at that moment.

CREATE TABLE erasure_begun (
    erasure_id uuid PRIMARY KEY,
    account_id uuid NOT NULL,
    user_id    uuid,
    begun_at   timestamptz NOT NULL
);
CREATE INDEX erasure_begun_account ON erasure_begun (account_id);
COMMENT ON TABLE erasure_begun IS 'Set under the same row lock as a reactivation, so that one of the two comes first; gone with the rows erased.';
COMMENT ON COLUMN erasure_begun.erasure_id IS 'no_pii';
COMMENT ON COLUMN erasure_begun.account_id IS 'no_pii';
COMMENT ON COLUMN erasure_begun.user_id IS 'no_pii';
COMMENT ON COLUMN erasure_begun.begun_at IS 'no_pii';

GRANT SELECT, INSERT, DELETE ON erasure_begun TO account;
