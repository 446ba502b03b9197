-- What goes on after its case has ended goes on in another one, and whoever is on duty is called when it has named more.

ALTER TABLE case_link DROP CONSTRAINT case_link_kind_check;
ALTER TABLE case_link ADD CONSTRAINT case_link_kind_check
    CHECK (kind IN ('promoted_to', 'merged_into', 'twin', 'continued_in'));
ALTER TABLE case_alert DROP CONSTRAINT case_alert_cause_check;
ALTER TABLE case_alert ADD CONSTRAINT case_alert_cause_check
    CHECK (cause IN ('opened', 'warning', 'over', 'not_carried_out', 'not_told', 'more_named'));

-- Of what came in before nobody knows what it was about any more, but by its case.
ALTER TABLE case_intake ADD COLUMN signal text;
COMMENT ON COLUMN case_intake.signal IS 'no_pii';
