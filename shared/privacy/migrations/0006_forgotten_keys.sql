-- What remains of a destroyed key says whose key it was, and when it went. Once no backup can bring back what the key
-- opened, that is forgotten as well; a key that could still open something is never deleted.

CREATE FUNCTION refuse_deleting_keys() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state <> 'destroyed' THEN
        RAISE EXCEPTION 'a key that is not destroyed is not deleted' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER only_destroyed_keys_are_deleted BEFORE DELETE ON data_key
    FOR EACH ROW EXECUTE FUNCTION refuse_deleting_keys();

CREATE INDEX data_key_destroyed ON data_key (destroyed_at) WHERE state = 'destroyed';
CREATE INDEX fence_age ON fence (raised_at);

GRANT DELETE ON data_key, fence TO retention;
GRANT SELECT (generation) ON data_key TO retention;
COMMENT ON TABLE fence IS 'Whose keys may not be used or made. Forgotten with what remains of these keys.';
