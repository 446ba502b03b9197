-- Objections to marketing, however they came: since when each counts, and by which case it is known.

CREATE TABLE objection (
    case_id     uuid PRIMARY KEY,
    account_id  uuid NOT NULL,
    user_id     uuid NOT NULL,
    channel     text NOT NULL,
    received_at timestamptz NOT NULL,
    noted_at    timestamptz NOT NULL
);
CREATE INDEX objection_account ON objection (account_id);
CREATE INDEX objection_user ON objection (user_id, received_at);
COMMENT ON TABLE objection IS 'Objections to marketing as they were received (GDPR article 21(2), L25, L27). What they stop stands in opt_out.';
COMMENT ON COLUMN objection.case_id IS 'no_pii';
COMMENT ON COLUMN objection.account_id IS 'no_pii';
COMMENT ON COLUMN objection.user_id IS 'no_pii';
COMMENT ON COLUMN objection.channel IS 'no_pii';
COMMENT ON COLUMN objection.received_at IS 'no_pii';
COMMENT ON COLUMN objection.noted_at IS 'no_pii';

GRANT SELECT, INSERT, DELETE ON objection TO notification;
GRANT UPDATE ON opt_out TO notification;
