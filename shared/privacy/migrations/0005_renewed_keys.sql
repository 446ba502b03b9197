-- A data key is renewed while its subject is a customer: it gets a key of a later generation, and the earlier one, which
-- still opens what old backups hold, seals nothing any more. Which key is retired is no column: whoever has a live key of
-- a later generation seals with that one.

ALTER TABLE data_key ADD COLUMN generation integer NOT NULL DEFAULT 1 CHECK (generation >= 1);
COMMENT ON COLUMN data_key.generation IS 'no_pii';
ALTER TABLE data_key DROP CONSTRAINT data_key_pkey, ADD PRIMARY KEY (kind, subject_id, generation);
DROP INDEX data_key_kek;
CREATE INDEX data_key_kek ON data_key (kek_id, kind, subject_id, generation) WHERE state <> 'destroyed';

CREATE TABLE renewal (
    generation   integer PRIMARY KEY CHECK (generation > 1),
    begun_at     timestamptz NOT NULL,
    keyed_at     timestamptz,
    sealing_from timestamptz,
    CHECK (sealing_from IS NULL OR keyed_at IS NOT NULL)
);
COMMENT ON TABLE renewal IS 'Renewals of all data keys. Nothing is sealed under a generation before sealing_from.';
COMMENT ON COLUMN renewal.generation IS 'no_pii';
COMMENT ON COLUMN renewal.begun_at IS 'no_pii';
COMMENT ON COLUMN renewal.keyed_at IS 'no_pii';
COMMENT ON COLUMN renewal.sealing_from IS 'no_pii';

CREATE TABLE reseal_report (
    holder      text NOT NULL,
    generation  integer NOT NULL REFERENCES renewal,
    left_over   bigint NOT NULL CHECK (left_over >= 0),
    unreadable  bigint NOT NULL CHECK (unreadable >= 0),
    looked_at   timestamptz NOT NULL,
    clear_since timestamptz,
    PRIMARY KEY (holder, generation),
    CHECK ((left_over = 0) = (clear_since IS NOT NULL))
);
COMMENT ON TABLE reseal_report IS 'What whoever holds sealed values last found sealed under keys before this generation.';
COMMENT ON COLUMN reseal_report.holder IS 'no_pii';
COMMENT ON COLUMN reseal_report.generation IS 'no_pii';
COMMENT ON COLUMN reseal_report.left_over IS 'no_pii';
COMMENT ON COLUMN reseal_report.unreadable IS 'no_pii';
COMMENT ON COLUMN reseal_report.looked_at IS 'no_pii';
COMMENT ON COLUMN reseal_report.clear_since IS 'no_pii';

-- The primary key used to refuse a second key for whoever had one. Now a further one is made for who has a live one only:
-- neither for whose key is fenced or destroyed, nor a first one behind a fence.
CREATE FUNCTION refuse_key_of_erased() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    newest text;
BEGIN
    SELECT d.state INTO newest FROM data_key d
    WHERE d.kind = NEW.kind AND d.subject_id = NEW.subject_id
    ORDER BY d.generation DESC LIMIT 1;
    IF newest <> 'live' OR newest IS NULL AND EXISTS (
        SELECT FROM fence f
        WHERE f.account_id = NEW.account_id AND (f.user_id IS NULL OR f.user_id = NEW.subject_id)
    ) THEN
        RAISE EXCEPTION 'no key is made for who is being erased' USING ERRCODE = 'VK002';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER refuse_key_of_erased BEFORE INSERT ON data_key
    FOR EACH ROW EXECUTE FUNCTION refuse_key_of_erased();

-- Each speaks for itself: an old key is destroyed on the word of those who hold what it opens.
CREATE FUNCTION refuse_report_of_others() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.holder <> current_user OR TG_OP = 'UPDATE' AND OLD.holder <> current_user THEN
        RAISE EXCEPTION 'only % reports what it holds', NEW.holder USING ERRCODE = 'VK003';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER refuse_report_of_others BEFORE INSERT OR UPDATE ON reseal_report
    FOR EACH ROW EXECUTE FUNCTION refuse_report_of_others();

GRANT SELECT (generation) ON data_key TO retention, desk, keyring_keeper;
GRANT SELECT ON renewal TO account, audit, retention, desk, keyring_keeper;
GRANT INSERT ON renewal TO keyring_keeper;
GRANT UPDATE (keyed_at, sealing_from) ON renewal TO keyring_keeper;
GRANT SELECT, INSERT, UPDATE ON reseal_report TO account, audit;
GRANT SELECT ON reseal_report TO retention, desk, keyring_keeper;
