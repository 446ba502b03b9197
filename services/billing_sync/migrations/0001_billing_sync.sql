-- billing-sync: which customer at Tripletex is ours, and what is to be done there. No personal data.

CREATE SEQUENCE customer_number START 500001;

CREATE TABLE customer_link (
    account_id        uuid PRIMARY KEY,
    customer_number   bigint NOT NULL UNIQUE,
    tripletex_id      bigint,
    content_hash      bytea,
    state             text NOT NULL CHECK (state IN ('linked', 'minimised')),
    synced_at         timestamptz,
    minimised_at      timestamptz,
    bookkeeping_until date
);
CREATE INDEX customer_link_check ON customer_link (synced_at) WHERE state = 'linked';
COMMENT ON TABLE customer_link IS 'Our customer number and the id at Tripletex. After an erasure it stays only while bookkeeping there does.';
COMMENT ON COLUMN customer_link.account_id IS 'no_pii';
COMMENT ON COLUMN customer_link.customer_number IS 'no_pii';
COMMENT ON COLUMN customer_link.tripletex_id IS 'no_pii';
COMMENT ON COLUMN customer_link.content_hash IS 'pii:keyed digest of what was sent; erased: set to null when minimised';
COMMENT ON COLUMN customer_link.state IS 'no_pii';
COMMENT ON COLUMN customer_link.synced_at IS 'no_pii';
COMMENT ON COLUMN customer_link.minimised_at IS 'no_pii';
COMMENT ON COLUMN customer_link.bookkeeping_until IS 'no_pii';

CREATE TABLE contact_link (
    account_id   uuid NOT NULL REFERENCES customer_link ON DELETE CASCADE,
    user_id      uuid NOT NULL,
    tripletex_id bigint NOT NULL,
    PRIMARY KEY (account_id, user_id)
);
COMMENT ON TABLE contact_link IS 'Which contact at Tripletex is which user.';
COMMENT ON COLUMN contact_link.account_id IS 'no_pii';
COMMENT ON COLUMN contact_link.user_id IS 'no_pii';
COMMENT ON COLUMN contact_link.tripletex_id IS 'no_pii';

CREATE TABLE job (
    id          uuid PRIMARY KEY,
    account_id  uuid NOT NULL,
    user_id     uuid,
    kind        text NOT NULL CHECK (kind IN ('sync', 'minimise')),
    erasure_id  uuid,
    state       text NOT NULL CHECK (state IN ('waiting', 'working', 'failed')),
    due_at      timestamptz NOT NULL,
    lease_until timestamptz,
    attempts    integer NOT NULL DEFAULT 0,
    again       boolean NOT NULL DEFAULT false,
    reason      text
);
CREATE UNIQUE INDEX job_one_of_a_kind
    ON job (account_id, kind, coalesce(user_id, '00000000-0000-0000-0000-000000000000'));
CREATE INDEX job_due ON job (due_at) WHERE state <> 'failed';
COMMENT ON TABLE job IS 'Work towards Tripletex: one row a kind and scope; a row that is gone is done.';
COMMENT ON COLUMN job.id IS 'no_pii';
COMMENT ON COLUMN job.account_id IS 'no_pii';
COMMENT ON COLUMN job.user_id IS 'no_pii';
COMMENT ON COLUMN job.kind IS 'no_pii';
COMMENT ON COLUMN job.erasure_id IS 'no_pii';
COMMENT ON COLUMN job.state IS 'no_pii';
COMMENT ON COLUMN job.due_at IS 'no_pii';
COMMENT ON COLUMN job.lease_until IS 'no_pii';
COMMENT ON COLUMN job.attempts IS 'no_pii';
COMMENT ON COLUMN job.again IS 'no_pii';
COMMENT ON COLUMN job.reason IS 'no_pii';

CREATE TABLE erasure_answer (
    erasure_id uuid PRIMARY KEY,
    customers  integer NOT NULL,
    contacts   integer NOT NULL,
    retained   text[] NOT NULL,
    at         timestamptz NOT NULL
);
COMMENT ON TABLE erasure_answer IS 'What was answered to an erasure, so that being asked again gets the same answer.';
COMMENT ON COLUMN erasure_answer.erasure_id IS 'no_pii';
COMMENT ON COLUMN erasure_answer.customers IS 'no_pii';
COMMENT ON COLUMN erasure_answer.contacts IS 'no_pii';
COMMENT ON COLUMN erasure_answer.retained IS 'no_pii';
COMMENT ON COLUMN erasure_answer.at IS 'no_pii';

GRANT USAGE ON SEQUENCE customer_number TO billing_sync;
GRANT SELECT, INSERT, UPDATE, DELETE ON customer_link, contact_link, job TO billing_sync;
GRANT SELECT, INSERT ON erasure_answer TO billing_sync;
