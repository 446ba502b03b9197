-- The audit trail: what is waiting to enter it, the trail itself, its tree and its checkpoints; and logins.
-- Nobody changes or removes a row of the trail, its tree or its checkpoints: the service's role has no such
-- right, and a trigger refuses it to everybody else, the owner of the tables included.

-- `facts` is json, not jsonb: its text is hashed, so its text must be what is kept. The checks admit an alphabet
-- that has no blank, no @ and no letter outside ASCII. They are the same here and on the trail, so that whatever
-- the sequencer takes fits.
CREATE TABLE intake (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_id       uuid NOT NULL,
    type           text NOT NULL CHECK (type ~ '^[a-z][a-z0-9_.:-]{0,63}$'),
    version        integer NOT NULL CHECK (version > 0),
    source         text NOT NULL CHECK (source ~ '^[a-z][a-z0-9-]{0,62}$'),
    occurred_at    timestamptz NOT NULL,
    recorded_at    timestamptz NOT NULL,
    subject        text NOT NULL CHECK (subject ~ '^[a-z][a-z0-9_]{0,31}/[A-Za-z0-9._:-]{1,100}$'),
    actor          text NOT NULL CHECK (actor ~ '^[a-z][a-z_]{0,31}(:[A-Za-z0-9_.-]{1,64})?$'),
    account_id     uuid,
    user_id        uuid,
    correlation_id uuid NOT NULL,
    causation_id   uuid,
    field_names    text[] NOT NULL CHECK (array_to_string(field_names, ',', '!') ~ '^[a-z0-9_.:,-]*$'),
    facts          json NOT NULL CHECK (facts::text ~ '^\{[A-Za-z0-9_.:+"{}\[\],-]*\}$' AND length(facts::text) <= 4096)
);
COMMENT ON TABLE intake IS 'What happened and has no place in the trail yet. The sequencer empties it several times a second.';
COMMENT ON COLUMN intake.id IS 'no_pii';
COMMENT ON COLUMN intake.event_id IS 'no_pii';
COMMENT ON COLUMN intake.type IS 'no_pii';
COMMENT ON COLUMN intake.version IS 'no_pii';
COMMENT ON COLUMN intake.source IS 'no_pii';
COMMENT ON COLUMN intake.occurred_at IS 'no_pii';
COMMENT ON COLUMN intake.recorded_at IS 'no_pii';
COMMENT ON COLUMN intake.subject IS 'pii:pseudonym; erased: replaced when the sequencer takes the row, within a second';
COMMENT ON COLUMN intake.actor IS 'pii:pseudonym; erased: replaced when the sequencer takes the row, within a second';
COMMENT ON COLUMN intake.account_id IS 'pii:pseudonym; erased: replaced when the sequencer takes the row, within a second';
COMMENT ON COLUMN intake.user_id IS 'pii:pseudonym; erased: replaced when the sequencer takes the row, within a second';
COMMENT ON COLUMN intake.correlation_id IS 'no_pii';
COMMENT ON COLUMN intake.causation_id IS 'no_pii';
COMMENT ON COLUMN intake.field_names IS 'no_pii';
COMMENT ON COLUMN intake.facts IS 'no_pii';

CREATE TABLE trail (
    seq            bigint PRIMARY KEY CHECK (seq > 0),
    event_id       uuid NOT NULL,
    type           text NOT NULL CHECK (type ~ '^[a-z][a-z0-9_.:-]{0,63}$'),
    version        integer NOT NULL CHECK (version > 0),
    source         text NOT NULL CHECK (source ~ '^[a-z][a-z0-9-]{0,62}$'),
    occurred_at    timestamptz NOT NULL,
    recorded_at    timestamptz NOT NULL,
    subject        text NOT NULL CHECK (subject ~ '^[a-z][a-z0-9_]{0,31}/[A-Za-z0-9._:-]{1,100}$'),
    actor          text NOT NULL CHECK (actor ~ '^[a-z][a-z_]{0,31}(:[A-Za-z0-9_.-]{1,64})?$'),
    account_ref    uuid,
    user_ref       uuid,
    correlation_id uuid NOT NULL,
    causation_id   uuid,
    field_names    text[] NOT NULL CHECK (array_to_string(field_names, ',', '!') ~ '^[a-z0-9_.:,-]*$'),
    facts          json NOT NULL CHECK (facts::text ~ '^\{[A-Za-z0-9_.:+"{}\[\],-]*\}$' AND length(facts::text) <= 4096),
    leaf_hash      bytea NOT NULL CHECK (length(leaf_hash) = 32),
    chain_hash     bytea NOT NULL CHECK (length(chain_hash) = 32)
);
CREATE INDEX trail_account ON trail (account_ref, seq) WHERE account_ref IS NOT NULL;
CREATE INDEX trail_user ON trail (user_ref, seq) WHERE user_ref IS NOT NULL;
CREATE INDEX trail_correlation ON trail (correlation_id, seq);
CREATE INDEX trail_subject ON trail (subject, seq);
COMMENT ON TABLE trail IS 'The trail: append-only, chained, hashed into a tree. Random references and names of fields, never values.';
COMMENT ON COLUMN trail.seq IS 'no_pii';
COMMENT ON COLUMN trail.event_id IS 'no_pii';
COMMENT ON COLUMN trail.type IS 'no_pii';
COMMENT ON COLUMN trail.version IS 'no_pii';
COMMENT ON COLUMN trail.source IS 'no_pii';
COMMENT ON COLUMN trail.occurred_at IS 'no_pii';
COMMENT ON COLUMN trail.recorded_at IS 'no_pii';
COMMENT ON COLUMN trail.subject IS 'no_pii';
COMMENT ON COLUMN trail.actor IS 'no_pii';
COMMENT ON COLUMN trail.account_ref IS 'no_pii';
COMMENT ON COLUMN trail.user_ref IS 'no_pii';
COMMENT ON COLUMN trail.correlation_id IS 'no_pii';
COMMENT ON COLUMN trail.causation_id IS 'no_pii';
COMMENT ON COLUMN trail.field_names IS 'no_pii';
COMMENT ON COLUMN trail.facts IS 'no_pii';
COMMENT ON COLUMN trail.leaf_hash IS 'no_pii';
COMMENT ON COLUMN trail.chain_hash IS 'no_pii';

CREATE TABLE tree_node (
    level integer NOT NULL CHECK (level >= 8),
    index bigint NOT NULL CHECK (index >= 0),
    hash  bytea NOT NULL CHECK (length(hash) = 32),
    PRIMARY KEY (level, index)
);
CREATE INDEX tree_node_completed ON tree_node (((index + 1) << level), level);
COMMENT ON TABLE tree_node IS 'Complete nodes of the Merkle tree over the trail, from 256 leaves up, so that a proof is quick.';
COMMENT ON COLUMN tree_node.level IS 'no_pii';
COMMENT ON COLUMN tree_node.index IS 'no_pii';
COMMENT ON COLUMN tree_node.hash IS 'no_pii';

CREATE TABLE checkpoint (
    number    bigint PRIMARY KEY CHECK (number > 0),
    tree_size bigint NOT NULL UNIQUE CHECK (tree_size > 0),
    root      bytea NOT NULL,
    head      bytea NOT NULL,
    time      timestamptz NOT NULL,
    key_id    text NOT NULL,
    previous  bytea NOT NULL,
    signature bytea NOT NULL
);
COMMENT ON TABLE checkpoint IS 'Signed statements about the trail; each is also a line of a file outside the database.';
COMMENT ON COLUMN checkpoint.number IS 'no_pii';
COMMENT ON COLUMN checkpoint.tree_size IS 'no_pii';
COMMENT ON COLUMN checkpoint.root IS 'no_pii';
COMMENT ON COLUMN checkpoint.head IS 'no_pii';
COMMENT ON COLUMN checkpoint.time IS 'no_pii';
COMMENT ON COLUMN checkpoint.key_id IS 'no_pii';
COMMENT ON COLUMN checkpoint.previous IS 'no_pii';
COMMENT ON COLUMN checkpoint.signature IS 'no_pii';

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% of % is refused: this table only grows', TG_OP, TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON trail
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON tree_node
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON checkpoint
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
-- ALWAYS: `session_replication_role` does not switch them off either.
ALTER TABLE trail ENABLE ALWAYS TRIGGER only_grows;
ALTER TABLE tree_node ENABLE ALWAYS TRIGGER only_grows;
ALTER TABLE checkpoint ENABLE ALWAYS TRIGGER only_grows;

CREATE TABLE subject_link (
    kind       text NOT NULL CHECK (kind IN ('account', 'user', 'staff')),
    id         text NOT NULL,
    account_id uuid,
    ref        uuid NOT NULL UNIQUE,
    PRIMARY KEY (kind, id)
);
CREATE INDEX subject_link_account ON subject_link (account_id) WHERE account_id IS NOT NULL;
COMMENT ON TABLE subject_link IS 'Whom a random reference of the trail stands for. The only place that knows; erasure empties it.';
COMMENT ON COLUMN subject_link.kind IS 'no_pii';
COMMENT ON COLUMN subject_link.id IS 'pii:pseudonym; erased: row deleted at erasure.ordered';
COMMENT ON COLUMN subject_link.account_id IS 'pii:pseudonym; erased: row deleted at erasure.ordered';
COMMENT ON COLUMN subject_link.ref IS 'pii:pseudonym; erased: row deleted at erasure.ordered';

CREATE TABLE tombstone (
    id        uuid PRIMARY KEY,
    forget_on date NOT NULL
);
CREATE INDEX tombstone_forget ON tombstone (forget_on);
COMMENT ON TABLE tombstone IS 'Ids erased here, so that a late message brings nothing back. Forgotten once no backup is as old.';
COMMENT ON COLUMN tombstone.id IS 'pii:pseudonym; erased: row deleted on forget_on';
COMMENT ON COLUMN tombstone.forget_on IS 'no_pii';

CREATE TABLE erasure_step (
    erasure_id    uuid PRIMARY KEY,
    login_events  integer NOT NULL,
    subject_links integer NOT NULL,
    completed_at  timestamptz NOT NULL
);
COMMENT ON TABLE erasure_step IS 'What was deleted here in each erasure: numbers only, said again when asked again.';
COMMENT ON COLUMN erasure_step.erasure_id IS 'no_pii';
COMMENT ON COLUMN erasure_step.login_events IS 'no_pii';
COMMENT ON COLUMN erasure_step.subject_links IS 'no_pii';
COMMENT ON COLUMN erasure_step.completed_at IS 'no_pii';

CREATE TABLE login_event (
    attempt_id        uuid PRIMARY KEY,
    occurred_at       timestamptz NOT NULL,
    outcome           text NOT NULL CHECK (outcome IN ('succeeded', 'failed')),
    reason            text CHECK (reason ~ '^[a-z][a-z0-9_.:-]{0,63}$'),
    account_id        uuid,
    user_id           uuid,
    expires_on        date NOT NULL,
    origin            text NOT NULL DEFAULT 'pending' CHECK (origin IN ('pending', 'sealed', 'indexed', 'unknown')),
    origin_tries      integer NOT NULL DEFAULT 0,
    origin_try_at     timestamptz NOT NULL,
    ip_sealed         bytea,
    user_agent_sealed bytea,
    address_index     bytea,
    CHECK (user_id IS NULL OR account_id IS NOT NULL),
    CHECK (user_id IS NOT NULL OR (ip_sealed IS NULL AND user_agent_sealed IS NULL))
);
CREATE INDEX login_event_user ON login_event (user_id, occurred_at) WHERE user_id IS NOT NULL;
CREATE INDEX login_event_account ON login_event (account_id, occurred_at) WHERE account_id IS NOT NULL;
CREATE INDEX login_event_expiry ON login_event (expires_on);
CREATE INDEX login_event_pending ON login_event (origin_try_at) WHERE origin = 'pending';
COMMENT ON TABLE login_event IS 'Login attempts with their origin, so that a customer can be told when and from where (L57). Six months.';
COMMENT ON COLUMN login_event.attempt_id IS 'no_pii';
COMMENT ON COLUMN login_event.occurred_at IS 'pii:login; erased: row deleted on expires_on and at erasure.ordered';
COMMENT ON COLUMN login_event.outcome IS 'pii:login; erased: row deleted on expires_on and at erasure.ordered';
COMMENT ON COLUMN login_event.reason IS 'pii:login; erased: row deleted on expires_on and at erasure.ordered';
COMMENT ON COLUMN login_event.account_id IS 'pii:pseudonym; erased: row deleted on expires_on and at erasure.ordered';
COMMENT ON COLUMN login_event.user_id IS 'pii:pseudonym; erased: row deleted on expires_on and at erasure.ordered';
COMMENT ON COLUMN login_event.expires_on IS 'no_pii';
COMMENT ON COLUMN login_event.origin IS 'no_pii';
COMMENT ON COLUMN login_event.origin_tries IS 'no_pii';
COMMENT ON COLUMN login_event.origin_try_at IS 'no_pii';
COMMENT ON COLUMN login_event.ip_sealed IS 'pii:ip_address; erased: row deleted on expires_on and at erasure.ordered, key destroyed';
COMMENT ON COLUMN login_event.user_agent_sealed IS 'pii:user_agent; erased: row deleted on expires_on and at erasure.ordered, key destroyed';
COMMENT ON COLUMN login_event.address_index IS 'pii:ip_address; erased: row deleted on expires_on, keyed digest of one day';

CREATE TABLE verification (
    id              uuid PRIMARY KEY,
    requested_by    text NOT NULL,
    requested_at    timestamptz NOT NULL,
    from_checkpoint bigint NOT NULL DEFAULT 0,
    state           text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'running', 'whole', 'damaged')),
    lease_until     timestamptz,
    ended_at        timestamptz,
    rows_done       bigint NOT NULL DEFAULT 0,
    rows_total      bigint NOT NULL DEFAULT 0,
    tree_size       bigint NOT NULL DEFAULT 0,
    unsealed_rows   bigint NOT NULL DEFAULT 0,
    findings        jsonb NOT NULL DEFAULT '[]'
);
CREATE INDEX verification_open ON verification (requested_at) WHERE state IN ('waiting', 'running');
COMMENT ON TABLE verification IS 'Verifications of the trail that were asked for, how far they are, and what they found.';
COMMENT ON COLUMN verification.id IS 'no_pii';
COMMENT ON COLUMN verification.requested_by IS 'pii:staff; erased: row deleted one year after it was asked for';
COMMENT ON COLUMN verification.requested_at IS 'no_pii';
COMMENT ON COLUMN verification.from_checkpoint IS 'no_pii';
COMMENT ON COLUMN verification.state IS 'no_pii';
COMMENT ON COLUMN verification.lease_until IS 'no_pii';
COMMENT ON COLUMN verification.ended_at IS 'no_pii';
COMMENT ON COLUMN verification.rows_done IS 'no_pii';
COMMENT ON COLUMN verification.rows_total IS 'no_pii';
COMMENT ON COLUMN verification.tree_size IS 'no_pii';
COMMENT ON COLUMN verification.unsealed_rows IS 'no_pii';
COMMENT ON COLUMN verification.findings IS 'no_pii';

GRANT SELECT, INSERT ON trail, tree_node, checkpoint TO audit;
GRANT SELECT, INSERT, DELETE ON intake, subject_link, tombstone TO audit;
GRANT UPDATE (forget_on) ON tombstone TO audit;
GRANT SELECT, INSERT, UPDATE ON erasure_step TO audit;
GRANT SELECT, INSERT, DELETE ON login_event, verification TO audit;
GRANT UPDATE (origin, origin_tries, origin_try_at, ip_sealed, user_agent_sealed, address_index) ON login_event TO audit;
GRANT UPDATE (state, lease_until, ended_at, rows_done, rows_total, tree_size, unsealed_rows, findings) ON verification TO audit;
