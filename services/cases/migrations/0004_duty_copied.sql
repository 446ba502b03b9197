-- The rota stands in the register of duty; here is a copy, by which cases go on without that service.

ALTER TABLE duty DROP COLUMN set_by;
ALTER TABLE duty RENAME COLUMN set_at TO copied_at;
COMMENT ON TABLE duty IS 'Who is on duty in which week, copied from the register: replaced with each copy, gone a year after its week.';
REVOKE UPDATE ON duty FROM cases;

CREATE TABLE duty_change (
    record_id uuid PRIMARY KEY,
    heard_at  timestamptz NOT NULL
);
COMMENT ON TABLE duty_change IS 'Weeks of duty that have changed in the register and are not copied yet.';
COMMENT ON COLUMN duty_change.record_id IS 'no_pii';
COMMENT ON COLUMN duty_change.heard_at IS 'no_pii';
GRANT SELECT, INSERT, UPDATE, DELETE ON duty_change TO cases;
