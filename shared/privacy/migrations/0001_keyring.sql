-- The keyring: one data key a company and a person, wrapped by a key-encryption key that is not in any database.

CREATE TABLE data_key (
    kind         text NOT NULL CHECK (kind IN ('company', 'person')),
    subject_id   uuid NOT NULL,
    account_id   uuid NOT NULL,
    wrapped      bytea,
    kek_id       text NOT NULL,
    fingerprint  text NOT NULL,
    state        text NOT NULL CHECK (state IN ('live', 'fenced', 'destroyed')),
    created_at   timestamptz NOT NULL,
    fenced_at    timestamptz,
    destroyed_at timestamptz,
    PRIMARY KEY (kind, subject_id),
    CHECK ((state = 'destroyed') = (wrapped IS NULL)),
    CHECK ((state = 'destroyed') = (destroyed_at IS NOT NULL))
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 50);
CREATE INDEX data_key_account ON data_key (account_id);
COMMENT ON TABLE data_key IS 'Wrapped data keys. A destroyed key leaves its fingerprint and the time, nothing that opens anything.';
COMMENT ON COLUMN data_key.kind IS 'no_pii';
COMMENT ON COLUMN data_key.subject_id IS 'no_pii';
COMMENT ON COLUMN data_key.account_id IS 'no_pii';
COMMENT ON COLUMN data_key.wrapped IS 'no_pii';
COMMENT ON COLUMN data_key.kek_id IS 'no_pii';
COMMENT ON COLUMN data_key.fingerprint IS 'no_pii';
COMMENT ON COLUMN data_key.state IS 'no_pii';
COMMENT ON COLUMN data_key.created_at IS 'no_pii';
COMMENT ON COLUMN data_key.fenced_at IS 'no_pii';
COMMENT ON COLUMN data_key.destroyed_at IS 'no_pii';

CREATE TABLE fence (
    account_id uuid NOT NULL,
    user_id    uuid,
    raised_at  timestamptz NOT NULL
);
CREATE UNIQUE INDEX fence_scope ON fence (account_id, coalesce(user_id, '00000000-0000-0000-0000-000000000000'));
COMMENT ON TABLE fence IS 'Scopes under erasure or erased: no key can be made for them again.';
COMMENT ON COLUMN fence.account_id IS 'no_pii';
COMMENT ON COLUMN fence.user_id IS 'no_pii';
COMMENT ON COLUMN fence.raised_at IS 'no_pii';

GRANT SELECT, INSERT ON data_key TO account;
GRANT SELECT ON fence TO account;
GRANT SELECT ON data_key TO audit;
GRANT SELECT ON fence TO audit;
GRANT SELECT ON data_key TO retention;
GRANT UPDATE (state, wrapped, fenced_at, destroyed_at) ON data_key TO retention;
GRANT SELECT, INSERT ON fence TO retention;
