-- The key-encryption key is exchanged while the services run. Who does it may wrap keys anew and nothing else: it cannot
-- make a key, fence one or destroy one, and a destroyed key, which has nothing wrapped, cannot get anything again.

CREATE INDEX data_key_kek ON data_key (kek_id, kind, subject_id) WHERE state <> 'destroyed';

CREATE TABLE retired_kek (
    kek_id     text PRIMARY KEY,
    retired_at timestamptz NOT NULL
);
COMMENT ON TABLE retired_kek IS 'Key-encryption keys under which nothing lies here any more and nothing is ever laid again.';
COMMENT ON COLUMN retired_kek.kek_id IS 'no_pii';
COMMENT ON COLUMN retired_kek.retired_at IS 'no_pii';

-- A process that read its key file a moment ago could still lay a key under the old one after the last look at them all.
-- Whoever retires a key holds the lock alone (the number is `KEK_LOCK`); whoever lays a key under one shares it.
CREATE FUNCTION refuse_retired_kek() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(1447774027);
    IF EXISTS (SELECT FROM retired_kek WHERE kek_id = NEW.kek_id) THEN
        RAISE EXCEPTION 'the key-encryption key % is retired', NEW.kek_id USING ERRCODE = 'VK001';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER refuse_retired_kek BEFORE INSERT OR UPDATE OF kek_id ON data_key
    FOR EACH ROW EXECUTE FUNCTION refuse_retired_kek();

GRANT SELECT (kind, subject_id, account_id, wrapped, kek_id, fingerprint, state) ON data_key TO keyring_keeper;
GRANT UPDATE (wrapped, kek_id) ON data_key TO keyring_keeper;
GRANT SELECT, INSERT ON retired_kek TO keyring_keeper;
GRANT SELECT ON retired_kek TO account, desk;
