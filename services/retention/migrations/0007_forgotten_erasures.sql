-- An erasure keeps the account beside its certificate only for as long as a backup could bring the account back.

CREATE FUNCTION refuse_deleting_erasures() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state NOT IN ('certified', 'cancelled') THEN
        RAISE EXCEPTION 'an erasure that is not over is not deleted' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER only_what_is_over_is_deleted BEFORE DELETE ON erasure
    FOR EACH ROW EXECUTE FUNCTION refuse_deleting_erasures();

CREATE INDEX erasure_forgotten ON erasure (destroyed_at) WHERE state = 'certified';

GRANT DELETE ON erasure, answer TO retention;
COMMENT ON TABLE erasure IS 'One erasure of an account or of one user, from schedule to certificate. Forgotten 37 days after it, when no backup can bring anybody back; the certificate, which names nobody, stays.';
