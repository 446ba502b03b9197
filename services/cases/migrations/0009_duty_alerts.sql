-- Who is called to which case, in which order, and who came. Codes and ids only; addresses are kept elsewhere.

CREATE TABLE case_alert (
    id          uuid PRIMARY KEY,
    case_id     uuid NOT NULL REFERENCES case_file ON DELETE CASCADE,
    cause       text NOT NULL CHECK (cause IN ('opened', 'warning', 'over', 'not_carried_out', 'not_told')),
    mark        text NOT NULL,
    rule        text,
    due_at      timestamptz,
    raised_at   timestamptz NOT NULL,
    rung        smallint NOT NULL DEFAULT 0 CHECK (rung >= 0),
    next_at     timestamptz,
    closed_at   timestamptz,
    answered_by text,
    UNIQUE (case_id, cause, mark),
    CHECK (closed_at IS NULL OR next_at IS NULL)
);
CREATE INDEX case_alert_next ON case_alert (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX case_alert_open ON case_alert (raised_at) WHERE closed_at IS NULL;
COMMENT ON TABLE case_alert IS 'What somebody on duty is called for. With the case it ends.';
COMMENT ON COLUMN case_alert.id IS 'no_pii';
COMMENT ON COLUMN case_alert.case_id IS 'no_pii';
COMMENT ON COLUMN case_alert.cause IS 'no_pii';
COMMENT ON COLUMN case_alert.mark IS 'no_pii';
COMMENT ON COLUMN case_alert.rule IS 'no_pii';
COMMENT ON COLUMN case_alert.due_at IS 'no_pii';
COMMENT ON COLUMN case_alert.raised_at IS 'no_pii';
COMMENT ON COLUMN case_alert.rung IS 'no_pii';
COMMENT ON COLUMN case_alert.next_at IS 'no_pii';
COMMENT ON COLUMN case_alert.closed_at IS 'no_pii';
COMMENT ON COLUMN case_alert.answered_by IS 'pii:staff; erased: row deleted at the end of the file';

CREATE TABLE alert_message (
    alert_id     uuid NOT NULL REFERENCES case_alert ON DELETE CASCADE,
    rung         smallint NOT NULL,
    person       text NOT NULL,
    queued_at    timestamptz NOT NULL,
    message_id   uuid,
    sent_at      timestamptz,
    delivered_at timestamptz,
    failed_at    timestamptz,
    reason       text,
    PRIMARY KEY (alert_id, rung, person),
    CHECK ((message_id IS NULL) = (sent_at IS NULL))
);
CREATE INDEX alert_message_waiting ON alert_message (person) WHERE message_id IS NULL;
CREATE INDEX alert_message_of_person ON alert_message (person, sent_at);
CREATE INDEX alert_message_id ON alert_message (message_id) WHERE message_id IS NOT NULL;
COMMENT ON TABLE alert_message IS 'Who was called for it, and how far the message came. One message may be about several cases.';
COMMENT ON COLUMN alert_message.alert_id IS 'no_pii';
COMMENT ON COLUMN alert_message.rung IS 'no_pii';
COMMENT ON COLUMN alert_message.person IS 'pii:staff; erased: row deleted at the end of the file';
COMMENT ON COLUMN alert_message.queued_at IS 'no_pii';
COMMENT ON COLUMN alert_message.message_id IS 'no_pii';
COMMENT ON COLUMN alert_message.sent_at IS 'no_pii';
COMMENT ON COLUMN alert_message.delivered_at IS 'no_pii';
COMMENT ON COLUMN alert_message.failed_at IS 'no_pii';
COMMENT ON COLUMN alert_message.reason IS 'no_pii';

GRANT SELECT, INSERT, UPDATE, DELETE ON case_alert, alert_message TO cases;
