-- Two more reasons to erase: the end of a contract, and a request not to wait. What a date was computed with is kept.

ALTER TABLE erasure DROP CONSTRAINT erasure_trigger_check;
ALTER TABLE erasure ADD CONSTRAINT erasure_trigger_check
    CHECK (trigger IN ('account_inactivated', 'user_inactivated', 'contract_terminated', 'early_request'));
ALTER TABLE erasure ADD COLUMN noticed_on date;
ALTER TABLE erasure ADD COLUMN inactive_on date;
ALTER TABLE erasure ADD COLUMN calendar_version smallint NOT NULL DEFAULT 1;
ALTER TABLE erasure ADD CHECK ((trigger = 'contract_terminated') = (noticed_on IS NOT NULL));
COMMENT ON COLUMN erasure.noticed_on IS 'no_pii';
COMMENT ON COLUMN erasure.inactive_on IS 'no_pii';
COMMENT ON COLUMN erasure.calendar_version IS 'no_pii';
