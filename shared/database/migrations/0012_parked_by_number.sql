-- What somebody else sends that is no message is kept a few times of a kind and counted from then on, so that nobody
-- can bury what waits for a person. Nothing ever changes a kept reply.

ALTER TABLE parked
    ADD COLUMN sender text NOT NULL DEFAULT '',
    ADD COLUMN occurrences bigint NOT NULL DEFAULT 1,
    ADD COLUMN last_at timestamptz;
COMMENT ON COLUMN parked.sender IS 'no_pii'; -- the broker's user, or the exchange of a sender without a name
COMMENT ON COLUMN parked.occurrences IS 'no_pii';
COMMENT ON COLUMN parked.last_at IS 'no_pii';
CREATE INDEX parked_of_a_kind ON parked (consumer, sender, error_class, reason, parked_at) WHERE state = 'parked';

DO $$
DECLARE
    service name := regexp_replace(current_user, '_owner$', '');
BEGIN
    EXECUTE format('REVOKE UPDATE ON command_reply FROM %I', service);
END
$$;
