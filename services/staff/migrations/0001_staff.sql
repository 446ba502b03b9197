-- The vendor's people, and the links by which they enrol. The tables of messages come from shared/database/migrations.

CREATE TABLE person (
    id           uuid PRIMARY KEY,
    code         text NOT NULL UNIQUE,
    state        text NOT NULL CHECK (state IN ('invited', 'active', 'left')),
    invited_at   timestamptz NOT NULL,
    invited_by   text NOT NULL,
    activated_at timestamptz,
    left_at      timestamptz,
    left_by      text,
    left_because text,
    CHECK ((state = 'left') = (left_at IS NOT NULL)),
    CHECK (state <> 'active' OR activated_at IS NOT NULL),
    CHECK ((left_at IS NULL) = (left_by IS NULL) AND (left_at IS NULL) = (left_because IS NULL))
);
CREATE INDEX person_invited ON person (invited_at) WHERE state = 'invited';
CREATE INDEX person_left ON person (left_at) WHERE state = 'left';
COMMENT ON TABLE person IS 'Somebody of the vendor''s staff, who has left once and for all when they leave.';
COMMENT ON COLUMN person.id IS 'no_pii';
COMMENT ON COLUMN person.code IS 'pii:staff; erased: row deleted three years after they left';
COMMENT ON COLUMN person.state IS 'no_pii';
COMMENT ON COLUMN person.invited_at IS 'no_pii';
COMMENT ON COLUMN person.invited_by IS 'pii:staff; erased: row deleted three years after the invited person left';
COMMENT ON COLUMN person.activated_at IS 'no_pii';
COMMENT ON COLUMN person.left_at IS 'no_pii';
COMMENT ON COLUMN person.left_by IS 'pii:staff; erased: row deleted three years after they left';
COMMENT ON COLUMN person.left_because IS 'no_pii';

CREATE TABLE enrolment_link (
    digest     bytea PRIMARY KEY CHECK (length(digest) = 32),
    person_id  uuid NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    purpose    text NOT NULL CHECK (purpose IN ('invitation', 'recovery')),
    issued_at  timestamptz NOT NULL,
    issued_by  text NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at    timestamptz
);
CREATE INDEX enrolment_link_person ON enrolment_link (person_id);
CREATE INDEX enrolment_link_expiry ON enrolment_link (expires_at);
COMMENT ON TABLE enrolment_link IS 'Lets whoever holds its token enrol passkeys for one person, once, within an hour.';
COMMENT ON COLUMN enrolment_link.digest IS 'no_pii';
COMMENT ON COLUMN enrolment_link.person_id IS 'no_pii';
COMMENT ON COLUMN enrolment_link.purpose IS 'no_pii';
COMMENT ON COLUMN enrolment_link.issued_at IS 'no_pii';
COMMENT ON COLUMN enrolment_link.issued_by IS 'pii:staff; erased: row deleted a day after the link ended';
COMMENT ON COLUMN enrolment_link.expires_at IS 'no_pii';
COMMENT ON COLUMN enrolment_link.used_at IS 'no_pii';

GRANT SELECT, INSERT, UPDATE, DELETE ON person, enrolment_link TO staff;
