-- Whom breaches concern, what they are told, and when. Ids only: what a letter says stands here in codes, and whom it
-- is about ends with them.

CREATE TABLE affected_list (
    id          uuid PRIMARY KEY,
    case_id     uuid NOT NULL REFERENCES case_file ON DELETE CASCADE,
    scope       text NOT NULL CHECK (scope IN ('all', 'case', 'logins')),
    as_of       timestamptz NOT NULL,
    window_from timestamptz,
    window_to   timestamptz,
    asked_by    text NOT NULL,
    asked_at    timestamptz NOT NULL,
    computed_at timestamptz,
    customers   integer CHECK (customers >= 0),
    persons     integer CHECK (persons >= 0),
    decision_id uuid REFERENCES case_decision,
    CHECK ((computed_at IS NULL) = (customers IS NULL)),
    CHECK ((computed_at IS NULL) = (persons IS NULL))
);
CREATE INDEX affected_list_of_case ON affected_list (case_id, asked_at);
CREATE INDEX affected_list_waiting ON affected_list (asked_at) WHERE computed_at IS NULL;
COMMENT ON TABLE affected_list IS 'Whom a breach concerns, as of an instant. Nothing is added once a decision rests on it; it keeps how many there were.';
COMMENT ON COLUMN affected_list.id IS 'no_pii';
COMMENT ON COLUMN affected_list.case_id IS 'no_pii';
COMMENT ON COLUMN affected_list.scope IS 'no_pii';
COMMENT ON COLUMN affected_list.as_of IS 'no_pii';
COMMENT ON COLUMN affected_list.window_from IS 'no_pii';
COMMENT ON COLUMN affected_list.window_to IS 'no_pii';
COMMENT ON COLUMN affected_list.asked_by IS 'pii:staff; erased: row deleted at the end of the file';
COMMENT ON COLUMN affected_list.asked_at IS 'no_pii';
COMMENT ON COLUMN affected_list.computed_at IS 'no_pii';
COMMENT ON COLUMN affected_list.customers IS 'no_pii';
COMMENT ON COLUMN affected_list.persons IS 'no_pii';
COMMENT ON COLUMN affected_list.decision_id IS 'no_pii';

CREATE TABLE affected_subject (
    list_id    uuid NOT NULL REFERENCES affected_list ON DELETE CASCADE,
    account_id uuid NOT NULL,
    user_id    uuid
);
CREATE UNIQUE INDEX affected_subject_once ON affected_subject
    (list_id, account_id, coalesce(user_id, '00000000-0000-0000-0000-000000000000'));
CREATE INDEX affected_subject_account ON affected_subject (account_id);
COMMENT ON TABLE affected_subject IS 'Customers and users on a list. A row ends with whom it names.';
COMMENT ON COLUMN affected_subject.list_id IS 'no_pii';
COMMENT ON COLUMN affected_subject.account_id IS 'no_pii';
COMMENT ON COLUMN affected_subject.user_id IS 'no_pii';

CREATE TABLE breach_notice (
    id           uuid PRIMARY KEY,
    case_id      uuid NOT NULL REFERENCES case_file ON DELETE CASCADE,
    number       integer NOT NULL CHECK (number >= 1),
    audience     text NOT NULL CHECK (audience IN ('customers', 'persons')),
    natures      text[] NOT NULL,
    groups       text[] NOT NULL,
    data         text[] NOT NULL,
    records      integer CHECK (records >= 0),
    consequences text[] NOT NULL,
    measures     text[] NOT NULL,
    advice       text[] NOT NULL,
    unknown      text[] NOT NULL,
    drafted_by   text NOT NULL,
    drafted_at   timestamptz NOT NULL,
    list_id      uuid REFERENCES affected_list,
    decision_id  uuid UNIQUE REFERENCES case_decision,
    decided_at   timestamptz,
    late_reason  text,
    recipients   integer CHECK (recipients >= 0),
    UNIQUE (case_id, audience, number),
    CHECK ((decision_id IS NULL) = (decided_at IS NULL)),
    CHECK ((decision_id IS NULL) = (list_id IS NULL)),
    CHECK ((decision_id IS NULL) = (recipients IS NULL))
);
COMMENT ON TABLE breach_notice IS 'What customers, or persons, are told of a breach, in codes. A draft until a decision rests on it.';
COMMENT ON COLUMN breach_notice.id IS 'no_pii';
COMMENT ON COLUMN breach_notice.case_id IS 'no_pii';
COMMENT ON COLUMN breach_notice.number IS 'no_pii';
COMMENT ON COLUMN breach_notice.audience IS 'no_pii';
COMMENT ON COLUMN breach_notice.natures IS 'no_pii';
COMMENT ON COLUMN breach_notice.groups IS 'no_pii';
COMMENT ON COLUMN breach_notice.data IS 'no_pii';
COMMENT ON COLUMN breach_notice.records IS 'no_pii';
COMMENT ON COLUMN breach_notice.consequences IS 'no_pii';
COMMENT ON COLUMN breach_notice.measures IS 'no_pii';
COMMENT ON COLUMN breach_notice.advice IS 'no_pii';
COMMENT ON COLUMN breach_notice.unknown IS 'no_pii';
COMMENT ON COLUMN breach_notice.drafted_by IS 'pii:staff; erased: row deleted at the end of the file';
COMMENT ON COLUMN breach_notice.drafted_at IS 'no_pii';
COMMENT ON COLUMN breach_notice.list_id IS 'no_pii';
COMMENT ON COLUMN breach_notice.decision_id IS 'no_pii';
COMMENT ON COLUMN breach_notice.decided_at IS 'no_pii';
COMMENT ON COLUMN breach_notice.late_reason IS 'no_pii';
COMMENT ON COLUMN breach_notice.recipients IS 'no_pii';

CREATE TABLE notice_recipient (
    id              uuid PRIMARY KEY,
    notice_id       uuid NOT NULL REFERENCES breach_notice ON DELETE CASCADE,
    account_id      uuid NOT NULL,
    user_id         uuid,
    ordered_at      timestamptz,
    order_event_id  uuid,
    sent_at         timestamptz,
    told_at         timestamptz,
    failed_at       timestamptz,
    reason          text,
    failure_case_id uuid REFERENCES case_file ON DELETE SET NULL,
    CHECK ((ordered_at IS NULL) = (order_event_id IS NULL)),
    CHECK ((failed_at IS NULL) = (reason IS NULL))
);
CREATE INDEX notice_recipient_of_notice ON notice_recipient (notice_id, ordered_at);
CREATE INDEX notice_recipient_account ON notice_recipient (account_id);
CREATE INDEX notice_recipient_failure ON notice_recipient (failure_case_id) WHERE failure_case_id IS NOT NULL;
COMMENT ON TABLE notice_recipient IS 'Who gets a notice, and when they were told. A row ends with whom it names.';
COMMENT ON COLUMN notice_recipient.id IS 'no_pii';
COMMENT ON COLUMN notice_recipient.notice_id IS 'no_pii';
COMMENT ON COLUMN notice_recipient.account_id IS 'no_pii';
COMMENT ON COLUMN notice_recipient.user_id IS 'no_pii';
COMMENT ON COLUMN notice_recipient.ordered_at IS 'no_pii';
COMMENT ON COLUMN notice_recipient.order_event_id IS 'no_pii';
COMMENT ON COLUMN notice_recipient.sent_at IS 'no_pii';
COMMENT ON COLUMN notice_recipient.told_at IS 'no_pii';
COMMENT ON COLUMN notice_recipient.failed_at IS 'no_pii';
COMMENT ON COLUMN notice_recipient.reason IS 'no_pii';
COMMENT ON COLUMN notice_recipient.failure_case_id IS 'no_pii';

-- What a decision rests on is changed by nobody: of a notice only that it is decided, of a recipient what became of it.
GRANT SELECT, INSERT, DELETE ON affected_list, breach_notice TO cases;
GRANT UPDATE (computed_at, customers, persons, decision_id) ON affected_list TO cases;
GRANT UPDATE (decision_id, decided_at, late_reason, list_id, recipients) ON breach_notice TO cases;
GRANT SELECT, INSERT, DELETE ON affected_subject, notice_recipient TO cases;
GRANT UPDATE (ordered_at, order_event_id, sent_at, told_at, failed_at, reason, failure_case_id)
    ON notice_recipient TO cases;
