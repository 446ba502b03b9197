-- Companies and people are found by name and telephone number too, by keyed digests of them, as by their addresses.
-- Rows of before get theirs from the service, which alone can read what is sealed; until then they are NULL.

ALTER TABLE account ADD COLUMN name_index bytea;
ALTER TABLE account ADD COLUMN phone_index bytea;
ALTER TABLE account_user ADD COLUMN name_index bytea;
ALTER TABLE account_user ADD COLUMN phone_index bytea;
COMMENT ON COLUMN account.name_index IS 'pii:name_index; erased: row deleted';
COMMENT ON COLUMN account.phone_index IS 'pii:phone_index; erased: row deleted';
COMMENT ON COLUMN account_user.name_index IS 'pii:name_index; erased: row deleted';
COMMENT ON COLUMN account_user.phone_index IS 'pii:phone_index; erased: row deleted';
CREATE INDEX account_name ON account (name_index);
CREATE INDEX account_phone ON account (phone_index);
CREATE INDEX account_user_name ON account_user (name_index);
CREATE INDEX account_user_phone ON account_user (phone_index);
CREATE INDEX account_without_digests ON account (id) WHERE name_index IS NULL OR phone_index IS NULL;
CREATE INDEX account_user_without_digests ON account_user (id) WHERE name_index IS NULL OR phone_index IS NULL;

-- During an upgrade a process of before changes a name and knows nothing of its digest: that one is dropped, and made anew.
CREATE FUNCTION drop_stale_digests() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.name_sealed IS DISTINCT FROM OLD.name_sealed AND NEW.name_index IS NOT DISTINCT FROM OLD.name_index THEN
        NEW.name_index := NULL;
    END IF;
    IF NEW.phone_sealed IS DISTINCT FROM OLD.phone_sealed AND NEW.phone_index IS NOT DISTINCT FROM OLD.phone_index THEN
        NEW.phone_index := NULL;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER drop_stale_digests BEFORE UPDATE ON account FOR EACH ROW
    WHEN (NEW.version <> OLD.version) EXECUTE FUNCTION drop_stale_digests();
CREATE TRIGGER drop_stale_digests BEFORE UPDATE ON account_user FOR EACH ROW
    WHEN (NEW.version <> OLD.version) EXECUTE FUNCTION drop_stale_digests();
