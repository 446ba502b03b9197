-- Cases: what a person must decide in time. The core says what happened when, who of the staff decided what, and why,
-- in codes and instants; the only rows about customers are those of case_subject, which end with them.

CREATE TABLE case_file (
    id              uuid PRIMARY KEY,
    reference       text NOT NULL UNIQUE,
    kind            text NOT NULL,
    kind_version    integer NOT NULL CHECK (kind_version >= 1),
    state           text NOT NULL,
    state_since     timestamptz NOT NULL,
    owner           text,
    opened_by       text NOT NULL,
    signal          text NOT NULL,
    join_key        text,
    signals         integer NOT NULL CHECK (signals >= 1),
    received_at     timestamptz NOT NULL,
    opened_at       timestamptz NOT NULL,
    ended_at        timestamptz,
    version         integer NOT NULL CHECK (version >= 1),
    subjects_erased integer NOT NULL DEFAULT 0 CHECK (subjects_erased >= 0)
);
CREATE UNIQUE INDEX case_file_joins ON case_file (join_key) WHERE ended_at IS NULL;
CREATE INDEX case_file_open ON case_file (kind, opened_at, id) WHERE ended_at IS NULL;
CREATE INDEX case_file_ended ON case_file (kind, ended_at) WHERE ended_at IS NOT NULL;
COMMENT ON TABLE case_file IS 'Cases. What is ended is kept for as long as its kind says, counted from then.';
COMMENT ON COLUMN case_file.id IS 'no_pii';
COMMENT ON COLUMN case_file.reference IS 'no_pii';
COMMENT ON COLUMN case_file.kind IS 'no_pii';
COMMENT ON COLUMN case_file.kind_version IS 'no_pii';
COMMENT ON COLUMN case_file.state IS 'no_pii';
COMMENT ON COLUMN case_file.state_since IS 'no_pii';
COMMENT ON COLUMN case_file.owner IS 'pii:staff; erased: row deleted at the end of the file';
COMMENT ON COLUMN case_file.opened_by IS 'no_pii';
COMMENT ON COLUMN case_file.signal IS 'no_pii';
COMMENT ON COLUMN case_file.join_key IS 'no_pii';
COMMENT ON COLUMN case_file.signals IS 'no_pii';
COMMENT ON COLUMN case_file.received_at IS 'no_pii';
COMMENT ON COLUMN case_file.opened_at IS 'no_pii';
COMMENT ON COLUMN case_file.ended_at IS 'no_pii';
COMMENT ON COLUMN case_file.version IS 'no_pii';
COMMENT ON COLUMN case_file.subjects_erased IS 'no_pii';

CREATE TABLE case_clock (
    case_id          uuid NOT NULL REFERENCES case_file ON DELETE CASCADE,
    rule             text NOT NULL,
    round            integer NOT NULL CHECK (round >= 1),
    started_at       timestamptz NOT NULL,
    amount           integer NOT NULL CHECK (amount >= 1),
    unit             text NOT NULL CHECK (unit IN ('hours', 'days', 'working days', 'calendar months')),
    calendar_version integer NOT NULL,
    internal_due     timestamptz NOT NULL,
    statutory_due    timestamptz NOT NULL CHECK (statutory_due >= internal_due),
    told             integer NOT NULL CHECK (told >= 0),
    next_at          timestamptz,
    stopped_at       timestamptz,
    PRIMARY KEY (case_id, rule, round)
);
CREATE INDEX case_clock_next ON case_clock (next_at) WHERE stopped_at IS NULL AND next_at IS NOT NULL;
CREATE INDEX case_clock_due ON case_clock (internal_due) WHERE stopped_at IS NULL;
COMMENT ON TABLE case_clock IS 'Clocks of cases. The limit and the version of the calendar stand beside each date, so that it can be computed again.';
COMMENT ON COLUMN case_clock.case_id IS 'no_pii';
COMMENT ON COLUMN case_clock.rule IS 'no_pii';
COMMENT ON COLUMN case_clock.round IS 'no_pii';
COMMENT ON COLUMN case_clock.started_at IS 'no_pii';
COMMENT ON COLUMN case_clock.amount IS 'no_pii';
COMMENT ON COLUMN case_clock.unit IS 'no_pii';
COMMENT ON COLUMN case_clock.calendar_version IS 'no_pii';
COMMENT ON COLUMN case_clock.internal_due IS 'no_pii';
COMMENT ON COLUMN case_clock.statutory_due IS 'no_pii';
COMMENT ON COLUMN case_clock.told IS 'no_pii';
COMMENT ON COLUMN case_clock.next_at IS 'no_pii';
COMMENT ON COLUMN case_clock.stopped_at IS 'no_pii';

CREATE TABLE case_instant (
    number      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    case_id     uuid NOT NULL REFERENCES case_file ON DELETE CASCADE,
    name        text NOT NULL,
    at          timestamptz NOT NULL,
    entered_by  text NOT NULL,
    recorded_at timestamptz NOT NULL
);
CREATE INDEX case_instant_of_case ON case_instant (case_id, number);
COMMENT ON TABLE case_instant IS 'Instants with a meaning in law, as they were entered. No row is ever changed; of a name the last one counts.';
COMMENT ON COLUMN case_instant.number IS 'no_pii';
COMMENT ON COLUMN case_instant.case_id IS 'no_pii';
COMMENT ON COLUMN case_instant.name IS 'no_pii';
COMMENT ON COLUMN case_instant.at IS 'no_pii';
COMMENT ON COLUMN case_instant.entered_by IS 'pii:staff; erased: row deleted at the end of the file';
COMMENT ON COLUMN case_instant.recorded_at IS 'no_pii';

CREATE TABLE case_decision (
    id          uuid PRIMARY KEY,
    number      bigint GENERATED ALWAYS AS IDENTITY,
    case_id     uuid NOT NULL REFERENCES case_file ON DELETE CASCADE,
    step        text NOT NULL,
    reason      text NOT NULL,
    from_state  text NOT NULL,
    to_state    text NOT NULL,
    decided_by  text NOT NULL,
    decided_at  timestamptz NOT NULL,
    is_late     boolean NOT NULL,
    late_reason text,
    supersedes  uuid
);
CREATE INDEX case_decision_of_case ON case_decision (case_id, number);
COMMENT ON TABLE case_decision IS 'What persons decided about cases, and why. No row is ever changed: a later one supersedes it.';
COMMENT ON COLUMN case_decision.id IS 'no_pii';
COMMENT ON COLUMN case_decision.number IS 'no_pii';
COMMENT ON COLUMN case_decision.case_id IS 'no_pii';
COMMENT ON COLUMN case_decision.step IS 'no_pii';
COMMENT ON COLUMN case_decision.reason IS 'no_pii';
COMMENT ON COLUMN case_decision.from_state IS 'no_pii';
COMMENT ON COLUMN case_decision.to_state IS 'no_pii';
COMMENT ON COLUMN case_decision.decided_by IS 'pii:staff; erased: row deleted at the end of the file';
COMMENT ON COLUMN case_decision.decided_at IS 'no_pii';
COMMENT ON COLUMN case_decision.is_late IS 'no_pii';
COMMENT ON COLUMN case_decision.late_reason IS 'no_pii';
COMMENT ON COLUMN case_decision.supersedes IS 'no_pii';

CREATE TABLE case_link (
    case_id   uuid NOT NULL REFERENCES case_file ON DELETE CASCADE,
    kind      text NOT NULL CHECK (kind IN ('promoted_to', 'merged_into', 'twin')),
    other_id  uuid NOT NULL REFERENCES case_file ON DELETE CASCADE,
    linked_at timestamptz NOT NULL,
    PRIMARY KEY (case_id, kind, other_id),
    CHECK (case_id <> other_id)
);
CREATE INDEX case_link_other ON case_link (other_id);
COMMENT ON TABLE case_link IS 'Which case belongs to which. A case is kept for as long as one that came from it is open.';
COMMENT ON COLUMN case_link.case_id IS 'no_pii';
COMMENT ON COLUMN case_link.kind IS 'no_pii';
COMMENT ON COLUMN case_link.other_id IS 'no_pii';
COMMENT ON COLUMN case_link.linked_at IS 'no_pii';

CREATE TABLE case_subject (
    case_id    uuid NOT NULL REFERENCES case_file ON DELETE CASCADE,
    account_id uuid NOT NULL,
    user_id    uuid,
    added_at   timestamptz NOT NULL
);
CREATE UNIQUE INDEX case_subject_once ON case_subject
    (case_id, account_id, coalesce(user_id, '00000000-0000-0000-0000-000000000000'));
CREATE INDEX case_subject_account ON case_subject (account_id);
COMMENT ON TABLE case_subject IS 'Whom a case is about. A row ends with whom it names; the case keeps how many there were.';
COMMENT ON COLUMN case_subject.case_id IS 'no_pii';
COMMENT ON COLUMN case_subject.account_id IS 'no_pii';
COMMENT ON COLUMN case_subject.user_id IS 'no_pii';
COMMENT ON COLUMN case_subject.added_at IS 'no_pii';

CREATE TABLE case_intake (
    source      text NOT NULL,
    digest      bytea NOT NULL CHECK (octet_length(digest) = 32),
    case_id     uuid NOT NULL REFERENCES case_file ON DELETE CASCADE,
    received_at timestamptz NOT NULL,
    PRIMARY KEY (source, digest)
);
CREATE INDEX case_intake_of_case ON case_intake (case_id);
COMMENT ON TABLE case_intake IS 'What has come in, by its source and a digest of the number it has there: what comes twice is one.';
COMMENT ON COLUMN case_intake.source IS 'no_pii';
COMMENT ON COLUMN case_intake.digest IS 'no_pii';
COMMENT ON COLUMN case_intake.case_id IS 'no_pii';
COMMENT ON COLUMN case_intake.received_at IS 'no_pii';

CREATE TABLE duty (
    week_on date PRIMARY KEY CHECK (extract(isodow FROM week_on) = 1),
    person  text NOT NULL,
    deputy  text NOT NULL CHECK (deputy <> person),
    set_by  text NOT NULL,
    set_at  timestamptz NOT NULL
);
COMMENT ON TABLE duty IS 'Who is on duty in which week, until the register of duties exists: a row is replaced and ends a year after its week.';
COMMENT ON COLUMN duty.week_on IS 'no_pii';
COMMENT ON COLUMN duty.person IS 'pii:staff; erased: row deleted a year after its week';
COMMENT ON COLUMN duty.deputy IS 'pii:staff; erased: row deleted a year after its week';
COMMENT ON COLUMN duty.set_by IS 'pii:staff; erased: row deleted a year after its week';
COMMENT ON COLUMN duty.set_at IS 'no_pii';

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

-- Instants and decisions are written once and go with their case: nobody has the right to change one.
GRANT SELECT, INSERT, UPDATE, DELETE ON case_file TO cases;
GRANT SELECT, INSERT, UPDATE ON case_clock TO cases;
GRANT SELECT, INSERT ON case_instant, case_decision, case_link, case_intake TO cases;
GRANT SELECT, INSERT, DELETE ON case_subject TO cases;
GRANT SELECT, INSERT, UPDATE, DELETE ON duty TO cases;
GRANT SELECT, INSERT, DELETE ON erasure_step TO cases;
