-- What people of the staff need before they may do anything, and what they are granted.

CREATE TABLE prerequisite (
    id            uuid PRIMARY KEY,
    person_id     uuid NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    kind          text NOT NULL CHECK (kind IN ('undertaking', 'training')),
    what          text NOT NULL,
    began_at      timestamptz NOT NULL,
    expires_at    timestamptz NOT NULL,
    recorded_at   timestamptz NOT NULL,
    recorded_by   text NOT NULL,
    ended_at      timestamptz,
    ended_because text CHECK (ended_because IN ('expired', 'mistaken', 'outdated')),
    CHECK (began_at < expires_at),
    CHECK ((ended_at IS NULL) = (ended_because IS NULL))
);
CREATE INDEX prerequisite_person ON prerequisite (person_id, recorded_at DESC);
CREATE INDEX prerequisite_open ON prerequisite (expires_at) WHERE ended_at IS NULL;
CREATE INDEX prerequisite_ended ON prerequisite (ended_at) WHERE ended_at IS NOT NULL;
COMMENT ON TABLE prerequisite IS 'Undertakings of confidentiality that people of the staff signed, and their training (L53, L76).';
COMMENT ON COLUMN prerequisite.id IS 'no_pii';
COMMENT ON COLUMN prerequisite.person_id IS 'no_pii';
COMMENT ON COLUMN prerequisite.kind IS 'no_pii';
COMMENT ON COLUMN prerequisite.what IS 'no_pii';
COMMENT ON COLUMN prerequisite.began_at IS 'no_pii';
COMMENT ON COLUMN prerequisite.expires_at IS 'no_pii';
COMMENT ON COLUMN prerequisite.recorded_at IS 'no_pii';
COMMENT ON COLUMN prerequisite.recorded_by IS 'pii:staff; erased: row deleted three years after it ended, or after the person left';
COMMENT ON COLUMN prerequisite.ended_at IS 'no_pii';
COMMENT ON COLUMN prerequisite.ended_because IS 'no_pii';

CREATE TABLE role_grant (
    id            uuid PRIMARY KEY,
    person_id     uuid NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    role          text NOT NULL,
    purpose       text NOT NULL,
    begins_at     timestamptz NOT NULL,
    expires_at    timestamptz NOT NULL,
    bootstrap     boolean NOT NULL,
    granted_at    timestamptz NOT NULL,
    granted_by    text NOT NULL,
    approved_by   text,
    ended_at      timestamptz,
    ended_by      text,
    ended_because text CHECK (ended_because IN ('expired', 'revoked', 'left')),
    CHECK (begins_at < expires_at),
    CHECK (granted_by IS DISTINCT FROM approved_by),
    CHECK ((ended_at IS NULL) = (ended_because IS NULL) AND (ended_at IS NULL) = (ended_by IS NULL))
);
CREATE INDEX role_grant_person ON role_grant (person_id, granted_at DESC);
CREATE INDEX role_grant_open ON role_grant (expires_at) WHERE ended_at IS NULL;
CREATE INDEX role_grant_ended ON role_grant (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX role_grant_given ON role_grant (granted_at);
COMMENT ON TABLE role_grant IS 'Roles that people of the staff have for a purpose and a time (L53). Ended is ended: a new one is given instead.';
COMMENT ON COLUMN role_grant.id IS 'no_pii';
COMMENT ON COLUMN role_grant.person_id IS 'no_pii';
COMMENT ON COLUMN role_grant.role IS 'no_pii';
COMMENT ON COLUMN role_grant.purpose IS 'no_pii';
COMMENT ON COLUMN role_grant.begins_at IS 'no_pii';
COMMENT ON COLUMN role_grant.expires_at IS 'no_pii';
COMMENT ON COLUMN role_grant.bootstrap IS 'no_pii';
COMMENT ON COLUMN role_grant.granted_at IS 'no_pii';
COMMENT ON COLUMN role_grant.granted_by IS 'pii:staff; erased: row deleted three years after it ended, or after the person left';
COMMENT ON COLUMN role_grant.approved_by IS 'pii:staff; erased: row deleted three years after it ended, or after the person left';
COMMENT ON COLUMN role_grant.ended_at IS 'no_pii';
COMMENT ON COLUMN role_grant.ended_by IS 'pii:staff; erased: row deleted three years after it ended, or after the person left';
COMMENT ON COLUMN role_grant.ended_because IS 'no_pii';

GRANT SELECT, INSERT, UPDATE, DELETE ON prerequisite, role_grant TO staff;
