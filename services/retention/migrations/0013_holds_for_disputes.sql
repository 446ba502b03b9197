-- A hold may be for a dispute that is a case: then it is called as the case is, and ends before it.

ALTER TABLE hold DROP CONSTRAINT hold_case_ref_check;
ALTER TABLE hold ADD CONSTRAINT hold_case_ref_check
    CHECK (case_ref ~ '^([a-z]{3,6}-20[0-9]{2}-[0-9]{1,5}|V-[2-9A-Z]{4}-[2-9A-Z]{2})$');
ALTER TABLE hold ADD COLUMN case_id uuid;
COMMENT ON COLUMN hold.case_id IS 'no_pii';
