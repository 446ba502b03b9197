-- What a person writes to support and is answered: sealed under that person's key.

CREATE TABLE support_thread (
    id            uuid PRIMARY KEY,
    account_id    uuid NOT NULL,
    user_id       uuid NOT NULL,
    state         text NOT NULL CHECK (state IN ('waiting', 'answered', 'settled')),
    messages      integer NOT NULL CHECK (messages BETWEEN 1 AND 100),
    version       integer NOT NULL CHECK (version >= 1),
    begun_at      timestamptz NOT NULL,
    written_at    timestamptz NOT NULL,
    waiting_since timestamptz,
    answer_due    date,
    expires_on    date NOT NULL,
    CHECK ((state = 'waiting') = (waiting_since IS NOT NULL) AND (state = 'waiting') = (answer_due IS NOT NULL))
);
CREATE INDEX support_thread_of_user ON support_thread (user_id, written_at, id);
CREATE INDEX support_thread_of_account ON support_thread (account_id, written_at, id);
CREATE INDEX support_thread_waiting ON support_thread (answer_due, id) WHERE waiting_since IS NOT NULL;
CREATE INDEX support_thread_age ON support_thread (expires_on) WHERE waiting_since IS NULL;
COMMENT ON TABLE support_thread IS 'What one person and support write to each other about one thing.';
COMMENT ON COLUMN support_thread.id IS 'no_pii';
COMMENT ON COLUMN support_thread.account_id IS 'no_pii';
COMMENT ON COLUMN support_thread.user_id IS 'no_pii';
COMMENT ON COLUMN support_thread.state IS 'no_pii';
COMMENT ON COLUMN support_thread.messages IS 'no_pii';
COMMENT ON COLUMN support_thread.version IS 'no_pii';
COMMENT ON COLUMN support_thread.begun_at IS 'no_pii';
COMMENT ON COLUMN support_thread.written_at IS 'no_pii';
COMMENT ON COLUMN support_thread.waiting_since IS 'no_pii';
COMMENT ON COLUMN support_thread.answer_due IS 'no_pii';
COMMENT ON COLUMN support_thread.expires_on IS 'no_pii';

CREATE TABLE support_message (
    id          uuid PRIMARY KEY,
    thread_id   uuid NOT NULL REFERENCES support_thread ON DELETE CASCADE,
    account_id  uuid NOT NULL,
    user_id     uuid NOT NULL,
    number      integer NOT NULL CHECK (number BETWEEN 1 AND 100),
    written_by  text NOT NULL CHECK (written_by IN ('person', 'support')),
    way         text NOT NULL CHECK (way IN ('page', 'mail')),
    text_sealed bytea NOT NULL,
    written_at  timestamptz NOT NULL,
    UNIQUE (thread_id, number)
);
CREATE INDEX support_message_of_user ON support_message (user_id, written_at);
CREATE INDEX support_message_of_account ON support_message (account_id);
CREATE INDEX support_message_sealed_under ON support_message (least(sealed_generation(text_sealed)), id);
COMMENT ON TABLE support_message IS 'One message of a thread; which of the staff wrote an answer stands in the trail alone.';
COMMENT ON COLUMN support_message.id IS 'no_pii';
COMMENT ON COLUMN support_message.thread_id IS 'no_pii';
COMMENT ON COLUMN support_message.account_id IS 'no_pii';
COMMENT ON COLUMN support_message.user_id IS 'no_pii';
COMMENT ON COLUMN support_message.number IS 'no_pii';
COMMENT ON COLUMN support_message.written_by IS 'no_pii';
COMMENT ON COLUMN support_message.way IS 'no_pii';
COMMENT ON COLUMN support_message.text_sealed IS 'pii:text; erased: row deleted with its thread on expires_on, or with the person, key destroyed';
COMMENT ON COLUMN support_message.written_at IS 'no_pii';

-- What was written is never changed, only sealed anew.
GRANT SELECT, INSERT, DELETE ON support_thread, support_message TO account;
GRANT UPDATE (state, messages, version, written_at, waiting_since, answer_due, expires_on) ON support_thread TO account;
GRANT UPDATE (text_sealed) ON support_message TO account;
