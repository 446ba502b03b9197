-- For which customers the authority was notified of a breach by us, because each gave a mandate. Ids, codes and days.

CREATE TABLE filing (
    id           uuid PRIMARY KEY,
    case_id      uuid NOT NULL REFERENCES case_file ON DELETE CASCADE,
    asked_by     text NOT NULL,
    asked_at     timestamptz NOT NULL,
    looked_up_at timestamptz,
    extent       text CHECK (extent IN ('first', 'full')),
    decision_id  uuid UNIQUE REFERENCES case_decision,
    notified_at  timestamptz,
    CHECK ((decision_id IS NULL) = (extent IS NULL)),
    CHECK ((decision_id IS NULL) = (notified_at IS NULL)),
    CHECK (decision_id IS NULL OR looked_up_at IS NOT NULL)
);
CREATE INDEX filing_of_case ON filing (case_id, asked_at);
CREATE INDEX filing_waiting ON filing (asked_at) WHERE looked_up_at IS NULL;
COMMENT ON TABLE filing IS 'Notices to the authority for customers with a mandate. Nothing is changed once a decision rests on it.';
COMMENT ON COLUMN filing.id IS 'no_pii';
COMMENT ON COLUMN filing.case_id IS 'no_pii';
COMMENT ON COLUMN filing.asked_by IS 'pii:staff; erased: row deleted at the end of the file';
COMMENT ON COLUMN filing.asked_at IS 'no_pii';
COMMENT ON COLUMN filing.looked_up_at IS 'no_pii';
COMMENT ON COLUMN filing.extent IS 'no_pii';
COMMENT ON COLUMN filing.decision_id IS 'no_pii';
COMMENT ON COLUMN filing.notified_at IS 'no_pii';

CREATE TABLE filing_customer (
    filing_id  uuid NOT NULL REFERENCES filing ON DELETE CASCADE,
    account_id uuid NOT NULL,
    mandate_id uuid NOT NULL,
    scope      text NOT NULL CHECK (scope IN ('first', 'full')),
    valid_from date NOT NULL,
    valid_to   date,
    persons    integer NOT NULL CHECK (persons >= 0),
    PRIMARY KEY (filing_id, account_id)
);
CREATE INDEX filing_customer_account ON filing_customer (account_id);
CREATE INDEX filing_customer_mandate ON filing_customer (mandate_id);
COMMENT ON TABLE filing_customer IS 'Customers for whom a notice is given. A row ends with whom it names.';
COMMENT ON COLUMN filing_customer.filing_id IS 'no_pii';
COMMENT ON COLUMN filing_customer.account_id IS 'no_pii';
COMMENT ON COLUMN filing_customer.mandate_id IS 'no_pii';
COMMENT ON COLUMN filing_customer.scope IS 'no_pii';
COMMENT ON COLUMN filing_customer.valid_from IS 'no_pii';
COMMENT ON COLUMN filing_customer.valid_to IS 'no_pii';
COMMENT ON COLUMN filing_customer.persons IS 'no_pii';

GRANT SELECT, INSERT, DELETE ON filing, filing_customer TO cases;
GRANT UPDATE (looked_up_at, extent, decision_id, notified_at) ON filing TO cases;
GRANT UPDATE (valid_to) ON filing_customer TO cases;
