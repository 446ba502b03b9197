-- The address a user had before, for the one letter that tells it of its replacement.

CREATE TABLE former_address (
    id           uuid PRIMARY KEY,
    user_id      uuid NOT NULL REFERENCES account_user (id),
    account_id   uuid NOT NULL REFERENCES account (id),
    email_sealed bytea NOT NULL,
    replaced_at  timestamptz NOT NULL,
    fetched_at   timestamptz
);
CREATE INDEX former_address_user ON former_address (user_id);
CREATE INDEX former_address_account ON former_address (account_id);
CREATE INDEX former_address_age ON former_address (replaced_at);
COMMENT ON TABLE former_address IS 'Kept until an hour after the letter was fetched, and a day at the longest.';
COMMENT ON COLUMN former_address.id IS 'no_pii';
COMMENT ON COLUMN former_address.user_id IS 'no_pii';
COMMENT ON COLUMN former_address.account_id IS 'no_pii';
COMMENT ON COLUMN former_address.email_sealed IS 'pii:email; erased: row deleted within a day or with the person, key of the person destroyed';
COMMENT ON COLUMN former_address.replaced_at IS 'no_pii';
COMMENT ON COLUMN former_address.fetched_at IS 'no_pii';

GRANT SELECT, INSERT, UPDATE (fetched_at), DELETE ON former_address TO account;
