-- Notices of changed security measures, to those whom agreements name.

ALTER TABLE affected_list DROP CONSTRAINT affected_list_scope_check;
ALTER TABLE affected_list ADD CONSTRAINT affected_list_scope_check
    CHECK (scope IN ('all', 'case', 'logins', 'agreements'));
ALTER TABLE breach_notice DROP CONSTRAINT breach_notice_audience_check;
ALTER TABLE breach_notice ADD CONSTRAINT breach_notice_audience_check
    CHECK (audience IN ('customers', 'persons', 'holders'));
ALTER TABLE breach_notice
    ADD COLUMN attempts integer CHECK (attempts >= 0),
    ADD COLUMN breaches integer CHECK (breaches >= 0);
COMMENT ON COLUMN breach_notice.attempts IS 'no_pii';
COMMENT ON COLUMN breach_notice.breaches IS 'no_pii';
COMMENT ON TABLE breach_notice IS 'What customers, or persons, are told of a breach or of changed security measures, in codes. A draft until a decision rests on it.';
