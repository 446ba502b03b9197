-- Who pays for deviations, as persons have decided it: a customer only where two have signed, for a reason, with proof.

CREATE TABLE case_cost (
    id              uuid PRIMARY KEY,
    case_id         uuid NOT NULL REFERENCES case_file ON DELETE CASCADE,
    account_id      uuid,
    customer_erased boolean NOT NULL,
    bearer          text NOT NULL CHECK (bearer IN ('vendor', 'customer')),
    reason          text NOT NULL,
    evidence_sha256 text CHECK (evidence_sha256 ~ '^[0-9a-f]{64}$'),
    decided_by      text NOT NULL,
    decided_at      timestamptz NOT NULL,
    approved_by     text CHECK (approved_by <> decided_by),
    approval_id     uuid,
    CHECK (bearer = 'vendor' OR ((account_id IS NOT NULL OR customer_erased) AND evidence_sha256 IS NOT NULL
                                 AND approved_by IS NOT NULL AND approval_id IS NOT NULL))
);
CREATE INDEX case_cost_of_case ON case_cost (case_id, decided_at);
CREATE INDEX case_cost_account ON case_cost (account_id) WHERE account_id IS NOT NULL;
COMMENT ON TABLE case_cost IS 'Who pays for a deviation. The newest row counts; none is changed, but that it names no customer once that is erased.';
COMMENT ON COLUMN case_cost.id IS 'no_pii';
COMMENT ON COLUMN case_cost.case_id IS 'no_pii';
COMMENT ON COLUMN case_cost.account_id IS 'no_pii';
COMMENT ON COLUMN case_cost.customer_erased IS 'no_pii';
COMMENT ON COLUMN case_cost.bearer IS 'no_pii';
COMMENT ON COLUMN case_cost.reason IS 'no_pii';
COMMENT ON COLUMN case_cost.evidence_sha256 IS 'no_pii';
COMMENT ON COLUMN case_cost.decided_by IS 'pii:staff; erased: row deleted at the end of the file';
COMMENT ON COLUMN case_cost.decided_at IS 'no_pii';
COMMENT ON COLUMN case_cost.approved_by IS 'pii:staff; erased: row deleted at the end of the file';
COMMENT ON COLUMN case_cost.approval_id IS 'no_pii';

GRANT SELECT, INSERT ON case_cost TO cases;
GRANT UPDATE (account_id, customer_erased) ON case_cost TO cases;
