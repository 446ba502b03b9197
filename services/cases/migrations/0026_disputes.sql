-- Which holds are for a dispute. Retention decides about holds; a row is here for as long as one stands.

CREATE TABLE dispute_hold (
    hold_id   uuid PRIMARY KEY,
    case_id   uuid NOT NULL,
    review_on date NOT NULL,
    as_of     timestamptz NOT NULL
);
CREATE INDEX dispute_hold_case ON dispute_hold (case_id);
COMMENT ON TABLE dispute_hold IS 'What is held for a dispute, and when a person looks at it again. A row ends with its hold; the dispute ends after that.';
COMMENT ON COLUMN dispute_hold.hold_id IS 'no_pii';
COMMENT ON COLUMN dispute_hold.case_id IS 'no_pii';
COMMENT ON COLUMN dispute_hold.review_on IS 'no_pii';
COMMENT ON COLUMN dispute_hold.as_of IS 'no_pii';

GRANT SELECT, INSERT, UPDATE, DELETE ON dispute_hold TO cases;
