-- Copies that are being made, as each service heard it: what it holds on somebody is handed out for these alone.

CREATE TABLE export_order (
    export_id  uuid PRIMARY KEY,
    account_id uuid NOT NULL,
    user_id    uuid,
    kind       text NOT NULL CHECK (kind IN ('access', 'portability')),
    ordered_at timestamptz NOT NULL
);
CREATE INDEX export_order_account ON export_order (account_id);
CREATE INDEX export_order_age ON export_order (ordered_at);
COMMENT ON TABLE export_order IS 'Of whom a copy was ordered; without a user of the whole company. Gone after a week, and with whom it is about.';
COMMENT ON COLUMN export_order.export_id IS 'no_pii';
COMMENT ON COLUMN export_order.account_id IS 'no_pii';
COMMENT ON COLUMN export_order.user_id IS 'no_pii';
COMMENT ON COLUMN export_order.kind IS 'no_pii';
COMMENT ON COLUMN export_order.ordered_at IS 'no_pii';

DO $$
DECLARE
    service name := regexp_replace(current_user, '_owner$', '');
BEGIN
    EXECUTE format('GRANT SELECT, INSERT, DELETE ON export_order TO %I', service);
END
$$;
