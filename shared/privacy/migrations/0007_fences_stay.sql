-- A fence keeps keys from being made or used: it stays for as long as there is a key that it is around.

CREATE FUNCTION refuse_deleting_fences() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM data_key AS d
        WHERE d.account_id = OLD.account_id AND (OLD.user_id IS NULL OR d.subject_id = OLD.user_id)
    ) THEN
        RAISE EXCEPTION 'a fence around a key is not deleted' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER only_fences_around_nothing_are_deleted BEFORE DELETE ON fence
    FOR EACH ROW EXECUTE FUNCTION refuse_deleting_fences();
