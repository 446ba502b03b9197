-- Letters as jobs, what became of them, and the addresses that get none. No address is stored, only keyed digests.

CREATE TABLE mailing (
    id                uuid PRIMARY KEY,
    event_id          uuid NOT NULL,
    letter            text NOT NULL,
    account_id        uuid NOT NULL,
    user_id           uuid,
    correlation_id    uuid,
    clock_id          uuid,
    erasure_id        uuid,
    certificate_id    uuid,
    due_on            date,
    backups_expire_on date,
    state             text NOT NULL DEFAULT 'pending'
        CHECK (state IN ('pending', 'expanded', 'closed', 'withdrawn')),
    attempts          integer NOT NULL DEFAULT 0,
    due_at            timestamptz NOT NULL,
    lane              smallint NOT NULL,
    claim_id          uuid,
    lease_until       timestamptz,
    requested_at      timestamptz NOT NULL,
    expires_at        timestamptz NOT NULL,
    settled_at        timestamptz,
    UNIQUE (event_id, letter)
);
CREATE INDEX mailing_waiting ON mailing (lane, due_at) WHERE state = 'pending';
CREATE INDEX mailing_open_farewells ON mailing (requested_at) WHERE state = 'expanded' AND erasure_id IS NOT NULL;
CREATE UNIQUE INDEX mailing_farewell_once ON mailing (erasure_id, backups_expire_on) WHERE erasure_id IS NOT NULL;
CREATE INDEX mailing_account ON mailing (account_id);
CREATE INDEX mailing_age ON mailing (settled_at) WHERE settled_at IS NOT NULL;
COMMENT ON TABLE mailing IS 'A letter to those of a company who shall have it, before and while it becomes single letters.';
COMMENT ON COLUMN mailing.id IS 'no_pii';
COMMENT ON COLUMN mailing.event_id IS 'no_pii';
COMMENT ON COLUMN mailing.letter IS 'no_pii';
COMMENT ON COLUMN mailing.account_id IS 'no_pii';
COMMENT ON COLUMN mailing.user_id IS 'no_pii';
COMMENT ON COLUMN mailing.correlation_id IS 'no_pii';
COMMENT ON COLUMN mailing.clock_id IS 'no_pii';
COMMENT ON COLUMN mailing.erasure_id IS 'no_pii';
COMMENT ON COLUMN mailing.certificate_id IS 'no_pii';
COMMENT ON COLUMN mailing.due_on IS 'no_pii';
COMMENT ON COLUMN mailing.backups_expire_on IS 'no_pii';
COMMENT ON COLUMN mailing.state IS 'no_pii';
COMMENT ON COLUMN mailing.attempts IS 'no_pii';
COMMENT ON COLUMN mailing.due_at IS 'no_pii';
COMMENT ON COLUMN mailing.lane IS 'no_pii';
COMMENT ON COLUMN mailing.claim_id IS 'no_pii';
COMMENT ON COLUMN mailing.lease_until IS 'no_pii';
COMMENT ON COLUMN mailing.requested_at IS 'no_pii';
COMMENT ON COLUMN mailing.expires_at IS 'no_pii';
COMMENT ON COLUMN mailing.settled_at IS 'no_pii';

CREATE TABLE letter (
    id                  uuid PRIMARY KEY,
    event_id            uuid NOT NULL,
    mailing_id          uuid,
    account_id          uuid NOT NULL,
    user_id             uuid NOT NULL,
    letter              text NOT NULL,
    renewal             integer NOT NULL DEFAULT 0,
    correlation_id      uuid,
    ticket_id           uuid,
    clock_id            uuid,
    erasure_id          uuid,
    certificate_id      uuid,
    due_on              date,
    backups_expire_on   date,
    state               text NOT NULL DEFAULT 'pending' CHECK (state IN (
        'pending', 'sending', 'unknown', 'parked', 'superseded', 'abandoned',
        'sent', 'deferred', 'delivered', 'bounced', 'complained'
    )),
    reason              text,
    lane                smallint NOT NULL,
    due_at              timestamptz NOT NULL,
    fair_at             timestamptz NOT NULL,
    attempts            integer NOT NULL DEFAULT 0,
    checks              integer NOT NULL DEFAULT 0,
    claim_id            uuid,
    lease_until         timestamptz,
    begun_at            timestamptz,
    address_index       bytea,
    provider_message_id text,
    provider_code       integer,
    requested_at        timestamptz NOT NULL,
    expires_at          timestamptz NOT NULL,
    sent_at             timestamptz,
    reconcile_at        timestamptz,
    settled_at          timestamptz,
    UNIQUE (event_id, user_id, letter, renewal)
);
CREATE INDEX letter_waiting ON letter (lane, fair_at) WHERE state = 'pending';
CREATE INDEX letter_waiting_of_account ON letter (account_id) WHERE state = 'pending';
CREATE INDEX letter_leased ON letter (lease_until) WHERE state = 'sending';
CREATE INDEX letter_unknown ON letter (due_at) WHERE state = 'unknown';
CREATE INDEX letter_parked ON letter (requested_at) WHERE state = 'parked';
CREATE INDEX letter_unheard_of ON letter (reconcile_at) WHERE reconcile_at IS NOT NULL;
CREATE INDEX letter_account ON letter (account_id, requested_at);
CREATE INDEX letter_user ON letter (user_id, requested_at);
CREATE INDEX letter_mailing ON letter (mailing_id) WHERE mailing_id IS NOT NULL;
CREATE INDEX letter_message ON letter (provider_message_id) WHERE provider_message_id IS NOT NULL;
CREATE INDEX letter_age ON letter (settled_at) WHERE settled_at IS NOT NULL;
COMMENT ON TABLE letter IS 'One letter to one user: a job, and later what became of it. Its words and its address are never here.';
COMMENT ON COLUMN letter.id IS 'no_pii';
COMMENT ON COLUMN letter.event_id IS 'no_pii';
COMMENT ON COLUMN letter.mailing_id IS 'no_pii';
COMMENT ON COLUMN letter.account_id IS 'no_pii';
COMMENT ON COLUMN letter.user_id IS 'no_pii';
COMMENT ON COLUMN letter.letter IS 'no_pii';
COMMENT ON COLUMN letter.renewal IS 'no_pii';
COMMENT ON COLUMN letter.correlation_id IS 'no_pii';
COMMENT ON COLUMN letter.ticket_id IS 'no_pii';
COMMENT ON COLUMN letter.clock_id IS 'no_pii';
COMMENT ON COLUMN letter.erasure_id IS 'no_pii';
COMMENT ON COLUMN letter.certificate_id IS 'no_pii';
COMMENT ON COLUMN letter.due_on IS 'no_pii';
COMMENT ON COLUMN letter.backups_expire_on IS 'no_pii';
COMMENT ON COLUMN letter.state IS 'no_pii';
COMMENT ON COLUMN letter.reason IS 'no_pii';
COMMENT ON COLUMN letter.lane IS 'no_pii';
COMMENT ON COLUMN letter.due_at IS 'no_pii';
COMMENT ON COLUMN letter.fair_at IS 'no_pii';
COMMENT ON COLUMN letter.attempts IS 'no_pii';
COMMENT ON COLUMN letter.checks IS 'no_pii';
COMMENT ON COLUMN letter.claim_id IS 'no_pii';
COMMENT ON COLUMN letter.lease_until IS 'no_pii';
COMMENT ON COLUMN letter.begun_at IS 'no_pii';
COMMENT ON COLUMN letter.address_index IS 'pii:email_index; erased: row deleted';
COMMENT ON COLUMN letter.provider_message_id IS 'no_pii';
COMMENT ON COLUMN letter.provider_code IS 'no_pii';
COMMENT ON COLUMN letter.requested_at IS 'no_pii';
COMMENT ON COLUMN letter.expires_at IS 'no_pii';
COMMENT ON COLUMN letter.sent_at IS 'no_pii';
COMMENT ON COLUMN letter.reconcile_at IS 'no_pii';
COMMENT ON COLUMN letter.settled_at IS 'no_pii';

CREATE TABLE cancelled_clock (
    clock_id     uuid PRIMARY KEY,
    cancelled_at timestamptz NOT NULL
);
CREATE INDEX cancelled_clock_age ON cancelled_clock (cancelled_at);
COMMENT ON TABLE cancelled_clock IS 'Erasures called off: letters that announce them do not leave, whichever event came first. Kept 180 days.';
COMMENT ON COLUMN cancelled_clock.clock_id IS 'no_pii';
COMMENT ON COLUMN cancelled_clock.cancelled_at IS 'no_pii';

CREATE TABLE address_cleanup (
    mailing_id  uuid NOT NULL REFERENCES mailing (id) ON DELETE CASCADE,
    user_id     uuid NOT NULL,
    account_id  uuid NOT NULL,
    state       text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'done', 'given_up')),
    attempts    integer NOT NULL DEFAULT 0,
    due_at      timestamptz NOT NULL,
    claim_id    uuid,
    expires_at  timestamptz NOT NULL,
    PRIMARY KEY (mailing_id, user_id)
);
CREATE INDEX address_cleanup_waiting ON address_cleanup (due_at) WHERE state = 'waiting';
COMMENT ON TABLE address_cleanup IS 'Before an erasure: whose address is still to be deleted from the suppression lists at Mailgun.';
COMMENT ON COLUMN address_cleanup.mailing_id IS 'no_pii';
COMMENT ON COLUMN address_cleanup.user_id IS 'no_pii';
COMMENT ON COLUMN address_cleanup.account_id IS 'no_pii';
COMMENT ON COLUMN address_cleanup.state IS 'no_pii';
COMMENT ON COLUMN address_cleanup.attempts IS 'no_pii';
COMMENT ON COLUMN address_cleanup.due_at IS 'no_pii';
COMMENT ON COLUMN address_cleanup.claim_id IS 'no_pii';
COMMENT ON COLUMN address_cleanup.expires_at IS 'no_pii';

CREATE TABLE farewell (
    letter_id  uuid PRIMARY KEY,
    kept_until timestamptz NOT NULL
);
CREATE INDEX farewell_age ON farewell (kept_until);
COMMENT ON TABLE farewell IS 'Last letters that left: should one bounce after the erasure, Mailgun is told to forget the address once more.';
COMMENT ON COLUMN farewell.letter_id IS 'no_pii';
COMMENT ON COLUMN farewell.kept_until IS 'no_pii';

CREATE TABLE suppression (
    kind          text NOT NULL CHECK (kind IN ('bounce', 'complaint')),
    address_index bytea NOT NULL,
    account_id    uuid NOT NULL,
    user_id       uuid NOT NULL,
    since         timestamptz NOT NULL,
    PRIMARY KEY (kind, address_index)
);
CREATE INDEX suppression_address ON suppression (address_index);
CREATE INDEX suppression_account ON suppression (account_id);
CREATE INDEX suppression_user ON suppression (user_id);
COMMENT ON TABLE suppression IS 'Addresses that get no letters, as keyed digests.';
COMMENT ON COLUMN suppression.kind IS 'no_pii';
COMMENT ON COLUMN suppression.address_index IS 'pii:email_index; erased: row deleted';
COMMENT ON COLUMN suppression.account_id IS 'no_pii';
COMMENT ON COLUMN suppression.user_id IS 'no_pii';
COMMENT ON COLUMN suppression.since IS 'no_pii';

CREATE TABLE opt_out (
    user_id      uuid NOT NULL,
    letter_class text NOT NULL CHECK (letter_class IN ('marketing', 'product_news')),
    account_id   uuid NOT NULL,
    since        timestamptz NOT NULL,
    PRIMARY KEY (user_id, letter_class)
);
CREATE INDEX opt_out_account ON opt_out (account_id);
COMMENT ON TABLE opt_out IS 'Users who declined a class of optional letters (L25, L27). Locked classes cannot be declined.';
COMMENT ON COLUMN opt_out.user_id IS 'no_pii';
COMMENT ON COLUMN opt_out.letter_class IS 'no_pii';
COMMENT ON COLUMN opt_out.account_id IS 'no_pii';
COMMENT ON COLUMN opt_out.since IS 'no_pii';

CREATE TABLE webhook (
    token       text PRIMARY KEY,
    identity    text NOT NULL,
    letter_id   uuid,
    signal      text,
    verdict     text NOT NULL,
    received_at timestamptz NOT NULL
);
CREATE INDEX webhook_identity ON webhook (identity);
CREATE INDEX webhook_letter ON webhook (letter_id) WHERE letter_id IS NOT NULL;
CREATE INDEX webhook_age ON webhook (received_at);
COMMENT ON TABLE webhook IS 'Tokens and digests of webhooks taken, against replay and repetition. No body, no address. Kept 3 days.';
COMMENT ON COLUMN webhook.token IS 'no_pii';
COMMENT ON COLUMN webhook.identity IS 'no_pii';
COMMENT ON COLUMN webhook.letter_id IS 'no_pii';
COMMENT ON COLUMN webhook.signal IS 'no_pii';
COMMENT ON COLUMN webhook.verdict IS 'no_pii';
COMMENT ON COLUMN webhook.received_at IS 'no_pii';

CREATE TABLE provider_budget (
    provider     text PRIMARY KEY,
    tokens       double precision NOT NULL,
    refilled_at  timestamptz NOT NULL,
    paused_until timestamptz
);
INSERT INTO provider_budget (provider, tokens, refilled_at) VALUES ('mailgun', 0, 'epoch');
COMMENT ON TABLE provider_budget IS 'One token bucket for all replicas, and until when a provider asked to be left alone.';
COMMENT ON COLUMN provider_budget.provider IS 'no_pii';
COMMENT ON COLUMN provider_budget.tokens IS 'no_pii';
COMMENT ON COLUMN provider_budget.refilled_at IS 'no_pii';
COMMENT ON COLUMN provider_budget.paused_until IS 'no_pii';

CREATE TABLE alarm (
    id           uuid PRIMARY KEY,
    kind         text NOT NULL,
    status       integer,
    times        integer NOT NULL DEFAULT 1,
    raised_at    timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    closed_at    timestamptz
);
CREATE UNIQUE INDEX alarm_open ON alarm (kind) WHERE closed_at IS NULL;
CREATE INDEX alarm_age ON alarm (closed_at) WHERE closed_at IS NOT NULL;
COMMENT ON TABLE alarm IS 'What a person must look at: Mailgun refuses our key or domain, or an address could not be deleted there.';
COMMENT ON COLUMN alarm.id IS 'no_pii';
COMMENT ON COLUMN alarm.kind IS 'no_pii';
COMMENT ON COLUMN alarm.status IS 'no_pii';
COMMENT ON COLUMN alarm.times IS 'no_pii';
COMMENT ON COLUMN alarm.raised_at IS 'no_pii';
COMMENT ON COLUMN alarm.last_seen_at IS 'no_pii';
COMMENT ON COLUMN alarm.closed_at IS 'no_pii';

GRANT SELECT, INSERT, UPDATE, DELETE ON mailing, letter, address_cleanup, webhook, alarm TO notification;
GRANT SELECT, INSERT, DELETE ON cancelled_clock, farewell, suppression, opt_out TO notification;
GRANT SELECT, UPDATE ON provider_budget TO notification;
