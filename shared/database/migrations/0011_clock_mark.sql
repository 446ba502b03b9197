-- When this service last ran, by the machine's own clock: what cannot be undone stops where the next look is absurd.

CREATE TABLE clock_mark (
    one        boolean PRIMARY KEY DEFAULT true CHECK (one),
    seen_at    timestamptz,
    stopped_at timestamptz
);
INSERT INTO clock_mark DEFAULT VALUES;
COMMENT ON TABLE clock_mark IS 'The last instant at which the service ran, and since when it destroys nothing because its clock jumped.';
COMMENT ON COLUMN clock_mark.one IS 'no_pii';
COMMENT ON COLUMN clock_mark.seen_at IS 'no_pii';
COMMENT ON COLUMN clock_mark.stopped_at IS 'no_pii';

DO $$
BEGIN
    EXECUTE format('GRANT SELECT, UPDATE ON clock_mark TO %I', regexp_replace(current_user, '_owner$', ''));
END
$$;
