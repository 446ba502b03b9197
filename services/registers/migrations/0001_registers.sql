-- Registers: what must be kept in order and reviewed. A record is its revisions, and no revision is ever changed; what
-- it says is codes, digests, days and persons of staff. Whom of a customer it names stands in rows that end with them.

CREATE TABLE register_record (
    id           uuid PRIMARY KEY,
    kind         text NOT NULL,
    kind_version integer NOT NULL CHECK (kind_version >= 1),
    account_id   uuid,
    key          text NOT NULL
);
CREATE INDEX register_record_key ON register_record (kind, key);
CREATE INDEX register_record_account ON register_record (account_id) WHERE account_id IS NOT NULL;
COMMENT ON TABLE register_record IS 'Records of all registers. One about a company ends with it; others as long after their end as their kind says.';
COMMENT ON COLUMN register_record.id IS 'no_pii';
COMMENT ON COLUMN register_record.kind IS 'no_pii';
COMMENT ON COLUMN register_record.kind_version IS 'no_pii';
COMMENT ON COLUMN register_record.account_id IS 'no_pii';
COMMENT ON COLUMN register_record.key IS 'no_pii';

CREATE TABLE register_revision (
    record_id       uuid NOT NULL REFERENCES register_record ON DELETE CASCADE,
    number          integer NOT NULL CHECK (number >= 1),
    state           text NOT NULL CHECK (state IN ('draft', 'submitted', 'in_force', 'ended')),
    valid_from      date NOT NULL,
    valid_to        date CHECK (valid_to >= valid_from),
    review_on       date,
    content         jsonb NOT NULL,
    evidence_sha256 text CHECK (evidence_sha256 ~ '^[0-9a-f]{64}$'),
    evidence_on     date,
    recorded_at     timestamptz NOT NULL,
    recorded_by     text NOT NULL,
    requested_by    text,
    approved_by     text CHECK (approved_by <> requested_by),
    approval_id     uuid,
    reason          text,
    PRIMARY KEY (record_id, number),
    CHECK ((evidence_sha256 IS NULL) = (evidence_on IS NULL)),
    CHECK ((approval_id IS NULL) = (approved_by IS NULL) AND (approval_id IS NULL) = (requested_by IS NULL))
);
COMMENT ON TABLE register_revision IS 'How records stood, from when it was written down. No row is ever changed; the last one counts.';
COMMENT ON COLUMN register_revision.record_id IS 'no_pii';
COMMENT ON COLUMN register_revision.number IS 'no_pii';
COMMENT ON COLUMN register_revision.state IS 'no_pii';
COMMENT ON COLUMN register_revision.valid_from IS 'no_pii';
COMMENT ON COLUMN register_revision.valid_to IS 'no_pii';
COMMENT ON COLUMN register_revision.review_on IS 'no_pii';
COMMENT ON COLUMN register_revision.content IS 'pii:staff; erased: row deleted with its record, as long after its end as the kind says';
COMMENT ON COLUMN register_revision.evidence_sha256 IS 'no_pii';
COMMENT ON COLUMN register_revision.evidence_on IS 'no_pii';
COMMENT ON COLUMN register_revision.recorded_at IS 'no_pii';
COMMENT ON COLUMN register_revision.recorded_by IS 'pii:staff; erased: row deleted with its record, as long after its end as the kind says';
COMMENT ON COLUMN register_revision.requested_by IS 'pii:staff; erased: row deleted with its record, as long after its end as the kind says';
COMMENT ON COLUMN register_revision.approved_by IS 'pii:staff; erased: row deleted with its record, as long after its end as the kind says';
COMMENT ON COLUMN register_revision.approval_id IS 'no_pii';
COMMENT ON COLUMN register_revision.reason IS 'no_pii';

CREATE TABLE register_person (
    record_id  uuid NOT NULL,
    number     integer NOT NULL,
    field      text NOT NULL,
    account_id uuid NOT NULL,
    user_id    uuid NOT NULL,
    PRIMARY KEY (record_id, number, field, user_id),
    FOREIGN KEY (record_id, number) REFERENCES register_revision ON DELETE CASCADE
);
CREATE INDEX register_person_account ON register_person (account_id, user_id);
COMMENT ON TABLE register_person IS 'Whom of a customer a record names: who signed, who is told. A row ends with whom it names.';
COMMENT ON COLUMN register_person.record_id IS 'no_pii';
COMMENT ON COLUMN register_person.number IS 'no_pii';
COMMENT ON COLUMN register_person.field IS 'no_pii';
COMMENT ON COLUMN register_person.account_id IS 'no_pii';
COMMENT ON COLUMN register_person.user_id IS 'no_pii';

CREATE TABLE erasure_step (
    erasure_id   uuid PRIMARY KEY,
    counts       jsonb NOT NULL,
    retained     text[] NOT NULL,
    completed_at timestamptz NOT NULL
);
CREATE INDEX erasure_step_age ON erasure_step (completed_at);
COMMENT ON TABLE erasure_step IS 'What an erasure came to here: a repeated order gets the same answer. Names no account.';
COMMENT ON COLUMN erasure_step.erasure_id IS 'no_pii';
COMMENT ON COLUMN erasure_step.counts IS 'no_pii';
COMMENT ON COLUMN erasure_step.retained IS 'no_pii';
COMMENT ON COLUMN erasure_step.completed_at IS 'no_pii';

-- Nobody has the right to change a revision: it goes with its record.
GRANT SELECT, INSERT, DELETE ON register_record TO registers;
GRANT UPDATE (key) ON register_record TO registers;
GRANT SELECT, INSERT ON register_revision TO registers;
GRANT SELECT, INSERT, DELETE ON register_person TO registers;
GRANT SELECT, INSERT, DELETE ON erasure_step TO registers;
