-- retention: every erasure from its first date to its certificate. Ids, dates, codes and counts; no personal data.

CREATE TABLE erasure (
    id                uuid PRIMARY KEY,
    account_id        uuid NOT NULL,
    user_id           uuid,
    trigger           text NOT NULL CHECK (trigger IN ('account_inactivated', 'user_inactivated')),
    started_at        timestamptz NOT NULL,
    started_on        date NOT NULL,
    due_on            date NOT NULL,
    state             text NOT NULL CHECK (state IN ('scheduled', 'halted', 'announced', 'fenced', 'ordered',
                                                     'destroyed', 'certified', 'cancelled')),
    entered_at        timestamptz NOT NULL,
    remind_on         date,
    reminded_on       date[] NOT NULL DEFAULT '{}',
    released          boolean NOT NULL DEFAULT false,
    certificate_id    uuid UNIQUE,
    backups_expire_on date,
    letter_done       boolean NOT NULL DEFAULT false,
    participants      text[] NOT NULL DEFAULT '{}',
    attempt           integer NOT NULL DEFAULT 0,
    ordered_at        timestamptz,
    key_fingerprints  text[] NOT NULL DEFAULT '{}',
    destroyed_at      timestamptz,
    cancellation      text,
    cleared           boolean NOT NULL DEFAULT false,
    next_at           timestamptz,
    lease_until       timestamptz,
    version           bigint NOT NULL DEFAULT 1,
    CHECK ((state = 'cancelled') = (cancellation IS NOT NULL)),
    CHECK (state NOT IN ('destroyed', 'certified') OR destroyed_at IS NOT NULL)
);
CREATE UNIQUE INDEX erasure_one_clock
    ON erasure (account_id, coalesce(user_id, '00000000-0000-0000-0000-000000000000'))
    WHERE state NOT IN ('certified', 'cancelled');
CREATE INDEX erasure_account ON erasure (account_id);
CREATE INDEX erasure_reminders ON erasure (remind_on) WHERE state = 'scheduled';
CREATE INDEX erasure_due ON erasure (due_on) WHERE state = 'scheduled' AND NOT cleared;
CREATE INDEX erasure_next ON erasure (next_at) WHERE state NOT IN ('certified', 'cancelled', 'halted') AND cleared;
CREATE INDEX erasure_halted ON erasure (entered_at) WHERE state = 'halted';
COMMENT ON TABLE erasure IS 'One erasure of an account or of one user, from schedule to certificate.';
COMMENT ON COLUMN erasure.id IS 'no_pii';
COMMENT ON COLUMN erasure.account_id IS 'no_pii';
COMMENT ON COLUMN erasure.user_id IS 'no_pii';
COMMENT ON COLUMN erasure.trigger IS 'no_pii';
COMMENT ON COLUMN erasure.started_at IS 'no_pii';
COMMENT ON COLUMN erasure.started_on IS 'no_pii';
COMMENT ON COLUMN erasure.due_on IS 'no_pii';
COMMENT ON COLUMN erasure.state IS 'no_pii';
COMMENT ON COLUMN erasure.entered_at IS 'no_pii';
COMMENT ON COLUMN erasure.remind_on IS 'no_pii';
COMMENT ON COLUMN erasure.reminded_on IS 'no_pii';
COMMENT ON COLUMN erasure.released IS 'no_pii';
COMMENT ON COLUMN erasure.certificate_id IS 'no_pii';
COMMENT ON COLUMN erasure.backups_expire_on IS 'no_pii';
COMMENT ON COLUMN erasure.letter_done IS 'no_pii';
COMMENT ON COLUMN erasure.participants IS 'no_pii';
COMMENT ON COLUMN erasure.attempt IS 'no_pii';
COMMENT ON COLUMN erasure.ordered_at IS 'no_pii';
COMMENT ON COLUMN erasure.key_fingerprints IS 'no_pii';
COMMENT ON COLUMN erasure.destroyed_at IS 'no_pii';
COMMENT ON COLUMN erasure.cancellation IS 'no_pii';
COMMENT ON COLUMN erasure.cleared IS 'no_pii';
COMMENT ON COLUMN erasure.next_at IS 'no_pii';
COMMENT ON COLUMN erasure.lease_until IS 'no_pii';
COMMENT ON COLUMN erasure.version IS 'no_pii';

CREATE TABLE answer (
    erasure_id  uuid NOT NULL REFERENCES erasure,
    participant text NOT NULL,
    outcome     text NOT NULL CHECK (outcome IN ('done', 'failed')),
    counts      jsonb NOT NULL,
    retained    text[] NOT NULL,
    answered_at timestamptz NOT NULL,
    PRIMARY KEY (erasure_id, participant)
);
COMMENT ON TABLE answer IS 'The latest word of each participant of an erasure.';
COMMENT ON COLUMN answer.erasure_id IS 'no_pii';
COMMENT ON COLUMN answer.participant IS 'no_pii';
COMMENT ON COLUMN answer.outcome IS 'no_pii';
COMMENT ON COLUMN answer.counts IS 'no_pii';
COMMENT ON COLUMN answer.retained IS 'no_pii';
COMMENT ON COLUMN answer.answered_at IS 'no_pii';

CREATE TABLE certificate (
    sequence       bigint PRIMARY KEY,
    certificate_id uuid NOT NULL UNIQUE,
    document       text NOT NULL,
    hash           text NOT NULL UNIQUE,
    issued_at      timestamptz NOT NULL
);
COMMENT ON TABLE certificate IS 'Signed certificates in their chain. They name nobody and are kept.';
COMMENT ON COLUMN certificate.sequence IS 'no_pii';
COMMENT ON COLUMN certificate.certificate_id IS 'no_pii';
COMMENT ON COLUMN certificate.document IS 'no_pii';
COMMENT ON COLUMN certificate.hash IS 'no_pii';
COMMENT ON COLUMN certificate.issued_at IS 'no_pii';

GRANT SELECT, INSERT, UPDATE ON erasure, answer TO retention;
GRANT SELECT, INSERT ON certificate TO retention;
