-- Who may look into a database, for some hours. That it can be done at all is up to the server: `deploy.provision.reader_door`.

CREATE TABLE database_access (
    id               uuid PRIMARY KEY,
    person_id        uuid NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    of_database      text NOT NULL,
    reason           text NOT NULL,
    purpose          text NOT NULL,
    opened_at        timestamptz NOT NULL,
    expires_at       timestamptz NOT NULL CHECK (expires_at > opened_at AND expires_at <= opened_at + interval '8 hours'),
    approved_by      text NOT NULL,
    password_made_at timestamptz,
    ended_at         timestamptz,
    ended_by         text,
    ended_because    text,
    CHECK (num_nulls(ended_at, ended_by, ended_because) IN (0, 3))
);
CREATE UNIQUE INDEX database_access_open ON database_access (of_database) WHERE ended_at IS NULL;
CREATE INDEX database_access_person ON database_access (person_id);
CREATE INDEX database_access_opened ON database_access (opened_at);
CREATE INDEX database_access_ended ON database_access (ended_at) WHERE ended_at IS NOT NULL;
COMMENT ON TABLE database_access IS 'That somebody of the staff may look into a database, as two persons have decided. Kept three years after its end.';
COMMENT ON COLUMN database_access.id IS 'no_pii';
COMMENT ON COLUMN database_access.person_id IS 'no_pii';
COMMENT ON COLUMN database_access.of_database IS 'no_pii';
COMMENT ON COLUMN database_access.reason IS 'no_pii';
COMMENT ON COLUMN database_access.purpose IS 'no_pii';
COMMENT ON COLUMN database_access.opened_at IS 'no_pii';
COMMENT ON COLUMN database_access.expires_at IS 'no_pii';
COMMENT ON COLUMN database_access.approved_by IS 'pii:staff; erased: row deleted three years after it ended, or after the person left';
COMMENT ON COLUMN database_access.password_made_at IS 'no_pii';
COMMENT ON COLUMN database_access.ended_at IS 'no_pii';
COMMENT ON COLUMN database_access.ended_by IS 'pii:staff; erased: row deleted three years after it ended, or after the person left';
COMMENT ON COLUMN database_access.ended_because IS 'no_pii';

GRANT SELECT, INSERT, UPDATE, DELETE ON database_access TO staff;
