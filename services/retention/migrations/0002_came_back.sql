-- When an account or user came back: an event of the leaving before it that is heard later starts no clock.

CREATE TABLE came_back (
    account_id uuid NOT NULL,
    user_id    uuid,
    at         timestamptz NOT NULL
);
CREATE UNIQUE INDEX came_back_scope
    ON came_back (account_id, coalesce(user_id, '00000000-0000-0000-0000-000000000000'));
CREATE INDEX came_back_age ON came_back (at);
COMMENT ON TABLE came_back IS 'The last return of an account or user, kept half a year; events of different kinds may overtake each other.';
COMMENT ON COLUMN came_back.account_id IS 'no_pii';
COMMENT ON COLUMN came_back.user_id IS 'no_pii';
COMMENT ON COLUMN came_back.at IS 'no_pii';

GRANT SELECT, INSERT, UPDATE, DELETE ON came_back TO retention;
