-- The public keys that copies were signed with, for whoever checks one later: a former key stays.

CREATE TABLE export_key (
    key_id     text PRIMARY KEY CHECK (key_id ~ '^[0-9a-f]{16}$'),
    public_key text NOT NULL,
    used_since timestamptz NOT NULL
);
COMMENT ON TABLE export_key IS 'Public keys that copies were signed with. They are told to everybody, and stay.';
COMMENT ON COLUMN export_key.key_id IS 'no_pii';
COMMENT ON COLUMN export_key.public_key IS 'no_pii';
COMMENT ON COLUMN export_key.used_since IS 'no_pii';
GRANT SELECT, INSERT ON export_key TO account;
