-- The tables every service has: what goes out, what came in, what is parked, what was answered.

CREATE TABLE outbox (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_id     uuid NOT NULL UNIQUE,
    exchange     text NOT NULL,
    routing_key  text NOT NULL,
    subject      text NOT NULL,
    body         bytea NOT NULL,
    headers      jsonb NOT NULL DEFAULT '{}',
    created_at   timestamptz NOT NULL,
    published_at timestamptz,
    attempts     integer NOT NULL DEFAULT 0,
    retry_at     timestamptz,
    last_error   text
);
CREATE INDEX outbox_waiting ON outbox (id) WHERE published_at IS NULL;
CREATE INDEX outbox_published ON outbox (published_at) WHERE published_at IS NOT NULL;
COMMENT ON TABLE outbox IS 'Events made true by a committed transaction, until the broker has confirmed them, and seven days after.';
COMMENT ON COLUMN outbox.id IS 'no_pii';
COMMENT ON COLUMN outbox.event_id IS 'no_pii';
COMMENT ON COLUMN outbox.exchange IS 'no_pii';
COMMENT ON COLUMN outbox.routing_key IS 'no_pii';
COMMENT ON COLUMN outbox.subject IS 'no_pii';
COMMENT ON COLUMN outbox.body IS 'no_pii';
COMMENT ON COLUMN outbox.headers IS 'no_pii';
COMMENT ON COLUMN outbox.created_at IS 'no_pii';
COMMENT ON COLUMN outbox.published_at IS 'no_pii';
COMMENT ON COLUMN outbox.attempts IS 'no_pii';
COMMENT ON COLUMN outbox.retry_at IS 'no_pii';
COMMENT ON COLUMN outbox.last_error IS 'no_pii';

CREATE TABLE inbox (
    consumer     text NOT NULL,
    message_id   uuid NOT NULL,
    processed_at timestamptz NOT NULL,
    PRIMARY KEY (consumer, message_id)
);
CREATE INDEX inbox_age ON inbox (processed_at);
COMMENT ON TABLE inbox IS 'Ids of messages whose effects are committed, so that a second delivery has none. Kept 90 days.';
COMMENT ON COLUMN inbox.consumer IS 'no_pii';
COMMENT ON COLUMN inbox.message_id IS 'no_pii';
COMMENT ON COLUMN inbox.processed_at IS 'no_pii';

CREATE TABLE parked (
    id           uuid PRIMARY KEY,
    consumer     text NOT NULL,
    message_id   uuid,
    type         text NOT NULL,
    body         bytea NOT NULL,
    headers      jsonb NOT NULL DEFAULT '{}',
    reason       text NOT NULL,
    error_class  text NOT NULL,
    stack_hash   text NOT NULL,
    attempts     integer NOT NULL,
    parked_at    timestamptz NOT NULL,
    state        text NOT NULL DEFAULT 'parked' CHECK (state IN ('parked', 'replayed', 'discarded')),
    decided_at   timestamptz,
    decided_by   text,
    note         text
);
CREATE INDEX parked_open ON parked (parked_at) WHERE state = 'parked';
COMMENT ON TABLE parked IS 'Messages that could not be handled, with reason, until a person replays or discards them. Kept 30 days after that.';
COMMENT ON COLUMN parked.id IS 'no_pii';
COMMENT ON COLUMN parked.consumer IS 'no_pii';
COMMENT ON COLUMN parked.message_id IS 'no_pii';
COMMENT ON COLUMN parked.type IS 'no_pii';
COMMENT ON COLUMN parked.body IS 'no_pii';
COMMENT ON COLUMN parked.headers IS 'no_pii';
COMMENT ON COLUMN parked.reason IS 'no_pii';
COMMENT ON COLUMN parked.error_class IS 'no_pii';
COMMENT ON COLUMN parked.stack_hash IS 'no_pii';
COMMENT ON COLUMN parked.attempts IS 'no_pii';
COMMENT ON COLUMN parked.parked_at IS 'no_pii';
COMMENT ON COLUMN parked.state IS 'no_pii';
COMMENT ON COLUMN parked.decided_at IS 'no_pii';
COMMENT ON COLUMN parked.decided_by IS 'no_pii';
COMMENT ON COLUMN parked.note IS 'no_pii';

CREATE TABLE command_reply (
    method       text NOT NULL,
    key          text NOT NULL,
    reply        jsonb NOT NULL,
    created_at   timestamptz NOT NULL,
    PRIMARY KEY (method, key)
);
CREATE INDEX command_reply_age ON command_reply (created_at);
COMMENT ON TABLE command_reply IS 'Replies to commands by idempotency key; a repeated call gets the first reply. Kept 24 hours.';
COMMENT ON COLUMN command_reply.method IS 'no_pii';
COMMENT ON COLUMN command_reply.key IS 'no_pii';
COMMENT ON COLUMN command_reply.reply IS 'no_pii';
COMMENT ON COLUMN command_reply.created_at IS 'no_pii';

-- The service's own role: its owner, `<service>_owner`, runs this migration once in each database.
DO $$
DECLARE
    service name := regexp_replace(current_user, '_owner$', '');
BEGIN
    EXECUTE format('GRANT SELECT, INSERT ON outbox TO %I', service);
    EXECUTE format('GRANT SELECT, INSERT, DELETE ON inbox TO %I', service);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON parked TO %I', service);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON command_reply TO %I', service);
    GRANT SELECT, UPDATE, DELETE ON outbox TO relay;
END
$$;
