-- Messages to whoever is on duty, each by every way there is. They wait in no line of letters.

CREATE TABLE duty_alert (
    alert_id       uuid NOT NULL,
    way            text NOT NULL CHECK (way IN ('mail', 'hook')),
    case_id        uuid NOT NULL,
    staff_code     text NOT NULL,
    kind           text NOT NULL,
    cause          text NOT NULL,
    level          text NOT NULL,
    rule           text,
    due_at         timestamptz,
    others         integer NOT NULL CHECK (others >= 0),
    correlation_id uuid NOT NULL,
    state          text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'sent', 'delivered', 'failed')),
    reason         text,
    attempts       integer NOT NULL DEFAULT 0,
    next_at        timestamptz NOT NULL,
    claim_id       uuid,
    lease_until    timestamptz,
    requested_at   timestamptz NOT NULL,
    settled_at     timestamptz,
    PRIMARY KEY (alert_id, way),
    CHECK ((state = 'pending') = (settled_at IS NULL))
);
CREATE INDEX duty_alert_waiting ON duty_alert (next_at) WHERE state = 'pending';
CREATE INDEX duty_alert_settled ON duty_alert (way, settled_at) WHERE settled_at IS NOT NULL;
COMMENT ON TABLE duty_alert IS 'A message to somebody of the staff on duty, by one way, and what became of it. Kept 180 days.';
COMMENT ON COLUMN duty_alert.alert_id IS 'no_pii';
COMMENT ON COLUMN duty_alert.way IS 'no_pii';
COMMENT ON COLUMN duty_alert.case_id IS 'no_pii';
COMMENT ON COLUMN duty_alert.staff_code IS 'pii:staff; erased: row deleted after 180 days';
COMMENT ON COLUMN duty_alert.kind IS 'no_pii';
COMMENT ON COLUMN duty_alert.cause IS 'no_pii';
COMMENT ON COLUMN duty_alert.level IS 'no_pii';
COMMENT ON COLUMN duty_alert.rule IS 'no_pii';
COMMENT ON COLUMN duty_alert.due_at IS 'no_pii';
COMMENT ON COLUMN duty_alert.others IS 'no_pii';
COMMENT ON COLUMN duty_alert.correlation_id IS 'no_pii';
COMMENT ON COLUMN duty_alert.state IS 'no_pii';
COMMENT ON COLUMN duty_alert.reason IS 'no_pii';
COMMENT ON COLUMN duty_alert.attempts IS 'no_pii';
COMMENT ON COLUMN duty_alert.next_at IS 'no_pii';
COMMENT ON COLUMN duty_alert.claim_id IS 'no_pii';
COMMENT ON COLUMN duty_alert.lease_until IS 'no_pii';
COMMENT ON COLUMN duty_alert.requested_at IS 'no_pii';
COMMENT ON COLUMN duty_alert.settled_at IS 'no_pii';

GRANT SELECT, INSERT, UPDATE, DELETE ON duty_alert TO notification;
