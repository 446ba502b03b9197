-- Passkeys, recovery codes, and what lasts no longer than a day: challenges, sessions, devices that wait, failures.
-- Those are unlogged and in no backup: a restore brings no session back, and after a crash people log in again.

CREATE TABLE passkey (
    id              uuid PRIMARY KEY,
    person_id       uuid NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    credential_id   bytea NOT NULL UNIQUE CHECK (length(credential_id) BETWEEN 1 AND 1023),
    public_key      bytea NOT NULL,
    aaguid          uuid NOT NULL,
    counter         bigint NOT NULL CHECK (counter >= 0),
    synced          boolean NOT NULL,
    backed_up       boolean NOT NULL,
    transports      text[] NOT NULL,
    way             text NOT NULL CHECK (way IN ('invitation', 'session', 'recovery_code', 'recovery_link')),
    enrolled_at     timestamptz NOT NULL,
    used_at         timestamptz,
    revoked_at      timestamptz,
    revoked_because text,
    CHECK ((revoked_at IS NULL) = (revoked_because IS NULL))
);
CREATE INDEX passkey_person ON passkey (person_id);
COMMENT ON TABLE passkey IS 'A key by which somebody of the staff proves who they are. It stays when it is revoked: what it signed must verify.';
COMMENT ON COLUMN passkey.id IS 'no_pii';
COMMENT ON COLUMN passkey.person_id IS 'no_pii';
COMMENT ON COLUMN passkey.credential_id IS 'pii:staff; erased: row deleted with the person''s, three years after they left';
COMMENT ON COLUMN passkey.public_key IS 'pii:staff; erased: row deleted with the person''s, three years after they left';
COMMENT ON COLUMN passkey.aaguid IS 'no_pii';
COMMENT ON COLUMN passkey.counter IS 'no_pii';
COMMENT ON COLUMN passkey.synced IS 'no_pii';
COMMENT ON COLUMN passkey.backed_up IS 'no_pii';
COMMENT ON COLUMN passkey.transports IS 'no_pii';
COMMENT ON COLUMN passkey.way IS 'no_pii';
COMMENT ON COLUMN passkey.enrolled_at IS 'no_pii';
COMMENT ON COLUMN passkey.used_at IS 'no_pii';
COMMENT ON COLUMN passkey.revoked_at IS 'no_pii';
COMMENT ON COLUMN passkey.revoked_because IS 'no_pii';

CREATE TABLE recovery_code (
    id        uuid PRIMARY KEY,
    set_id    uuid NOT NULL,
    person_id uuid NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    digest    bytea NOT NULL CHECK (length(digest) = 32),
    made_at   timestamptz NOT NULL,
    UNIQUE (person_id, digest)
);
COMMENT ON TABLE recovery_code IS 'A code, kept by its digest, with which somebody of the staff may enrol a passkey once. A used one is deleted.';
COMMENT ON COLUMN recovery_code.id IS 'no_pii';
COMMENT ON COLUMN recovery_code.set_id IS 'no_pii';
COMMENT ON COLUMN recovery_code.person_id IS 'no_pii';
COMMENT ON COLUMN recovery_code.digest IS 'no_pii';
COMMENT ON COLUMN recovery_code.made_at IS 'no_pii';

CREATE UNLOGGED TABLE ceremony (
    id        uuid PRIMARY KEY,
    kind      text NOT NULL CHECK (kind IN ('enrolment', 'log_in')),
    person_id uuid REFERENCES person (id) ON DELETE CASCADE,
    challenge bytea NOT NULL CHECK (length(challenge) = 32),
    begun_at  timestamptz NOT NULL,
    CHECK ((kind = 'enrolment') = (person_id IS NOT NULL))
);
CREATE INDEX ceremony_begun ON ceremony (begun_at);
COMMENT ON TABLE ceremony IS 'A challenge that waits for its one answer, for five minutes.';
COMMENT ON COLUMN ceremony.id IS 'no_pii';
COMMENT ON COLUMN ceremony.kind IS 'no_pii';
COMMENT ON COLUMN ceremony.person_id IS 'no_pii';
COMMENT ON COLUMN ceremony.challenge IS 'no_pii';
COMMENT ON COLUMN ceremony.begun_at IS 'no_pii';

CREATE UNLOGGED TABLE session (
    id               uuid PRIMARY KEY,
    token_digest     bytea NOT NULL UNIQUE CHECK (length(token_digest) = 32),
    person_id        uuid NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    passkey_id       uuid NOT NULL REFERENCES passkey (id) ON DELETE CASCADE,
    kind             text NOT NULL CHECK (kind IN ('desk', 'command_line')),
    authenticated_at timestamptz NOT NULL,
    created_at       timestamptz NOT NULL,
    seen_at          timestamptz NOT NULL
);
CREATE INDEX session_person ON session (person_id, created_at);
CREATE INDEX session_created ON session (created_at);
COMMENT ON TABLE session IS 'A log-in of somebody of the staff, found by the digest of its token.';
COMMENT ON COLUMN session.id IS 'no_pii';
COMMENT ON COLUMN session.token_digest IS 'no_pii';
COMMENT ON COLUMN session.person_id IS 'no_pii';
COMMENT ON COLUMN session.passkey_id IS 'no_pii';
COMMENT ON COLUMN session.kind IS 'no_pii';
COMMENT ON COLUMN session.authenticated_at IS 'no_pii';
COMMENT ON COLUMN session.created_at IS 'no_pii';
COMMENT ON COLUMN session.seen_at IS 'no_pii';

CREATE UNLOGGED TABLE device_log_in (
    id            uuid PRIMARY KEY,
    device_digest bytea NOT NULL UNIQUE CHECK (length(device_digest) = 32),
    user_code     text NOT NULL UNIQUE,
    begun_at      timestamptz NOT NULL,
    asked_at      timestamptz,
    polls         integer NOT NULL CHECK (polls >= 0),
    decision      text CHECK (decision IN ('approved', 'refused')),
    decided_in    uuid,
    CHECK ((decision IS NULL) = (decided_in IS NULL))
);
CREATE INDEX device_log_in_begun ON device_log_in (begun_at);
COMMENT ON TABLE device_log_in IS 'A command line that waits for ten minutes until a person lets it in.';
COMMENT ON COLUMN device_log_in.id IS 'no_pii';
COMMENT ON COLUMN device_log_in.device_digest IS 'no_pii';
COMMENT ON COLUMN device_log_in.user_code IS 'no_pii';
COMMENT ON COLUMN device_log_in.begun_at IS 'no_pii';
COMMENT ON COLUMN device_log_in.asked_at IS 'no_pii';
COMMENT ON COLUMN device_log_in.polls IS 'no_pii';
COMMENT ON COLUMN device_log_in.decision IS 'no_pii';
COMMENT ON COLUMN device_log_in.decided_in IS 'no_pii';

CREATE UNLOGGED TABLE brake (
    about      text PRIMARY KEY,
    failed_at  timestamptz[] NOT NULL,
    touched_at timestamptz NOT NULL
);
CREATE INDEX brake_touched ON brake (touched_at);
COMMENT ON TABLE brake IS 'When attempts failed, by what they were about and the id of whom they named.';
COMMENT ON COLUMN brake.about IS 'no_pii';
COMMENT ON COLUMN brake.failed_at IS 'no_pii';
COMMENT ON COLUMN brake.touched_at IS 'no_pii';

GRANT SELECT, INSERT, UPDATE ON passkey TO staff;
GRANT SELECT, INSERT, DELETE ON recovery_code, ceremony TO staff;
GRANT SELECT, INSERT, UPDATE, DELETE ON session, device_log_in, brake TO staff;
