-- Somebody of the staff is told of a link to enrol passkeys for them in the way in which people on duty are called: no
-- line of letters, and no case.

ALTER TABLE duty_alert ALTER COLUMN case_id DROP NOT NULL;
COMMENT ON TABLE duty_alert IS 'A message to somebody of the staff, on duty or about their passkeys, by one way, and what became of it. Kept 180 days.';
