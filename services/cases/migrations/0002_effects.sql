-- What decisions have carried out: begun at once, tried again, and confirmed. Decided before this table was there is
-- only what had been carried out in the decision's own transaction.

CREATE TABLE case_effect (
    case_id      uuid NOT NULL REFERENCES case_file ON DELETE CASCADE,
    decision_id  uuid NOT NULL REFERENCES case_decision ON DELETE CASCADE,
    code         text NOT NULL,
    ordered_at   timestamptz NOT NULL,
    tries        integer NOT NULL CHECK (tries >= 0),
    next_at      timestamptz,
    last_error   text,
    confirmed_at timestamptz,
    PRIMARY KEY (decision_id, code),
    CHECK (confirmed_at IS NULL OR next_at IS NULL)
);
CREATE INDEX case_effect_of_case ON case_effect (case_id);
CREATE INDEX case_effect_next ON case_effect (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX case_effect_waiting ON case_effect (ordered_at) WHERE confirmed_at IS NULL;
COMMENT ON TABLE case_effect IS 'What decisions have carried out. Without a next try it is confirmed, or given up until a person has it tried again.';
COMMENT ON COLUMN case_effect.case_id IS 'no_pii';
COMMENT ON COLUMN case_effect.decision_id IS 'no_pii';
COMMENT ON COLUMN case_effect.code IS 'no_pii';
COMMENT ON COLUMN case_effect.ordered_at IS 'no_pii';
COMMENT ON COLUMN case_effect.tries IS 'no_pii';
COMMENT ON COLUMN case_effect.next_at IS 'no_pii';
COMMENT ON COLUMN case_effect.last_error IS 'no_pii';
COMMENT ON COLUMN case_effect.confirmed_at IS 'no_pii';

GRANT SELECT, INSERT, UPDATE ON case_effect TO cases;
