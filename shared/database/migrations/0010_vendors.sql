-- How each vendor that the service calls stands, so that every process and whoever starts later knows of an outage.

CREATE TABLE vendor_state (
    vendor  text PRIMARY KEY,
    failure text,
    since   timestamptz NOT NULL,
    seen_at timestamptz NOT NULL,
    times   bigint NOT NULL
);
COMMENT ON TABLE vendor_state IS 'Which vendors answer, and how those that do not fail. One row a vendor.';
COMMENT ON COLUMN vendor_state.vendor IS 'no_pii';
COMMENT ON COLUMN vendor_state.failure IS 'no_pii';
COMMENT ON COLUMN vendor_state.since IS 'no_pii';
COMMENT ON COLUMN vendor_state.seen_at IS 'no_pii';
COMMENT ON COLUMN vendor_state.times IS 'no_pii';

DO $$
BEGIN
    EXECUTE format(
        'GRANT SELECT, INSERT, UPDATE ON vendor_state TO %I', regexp_replace(current_user, '_owner$', '')
    );
END
$$;
