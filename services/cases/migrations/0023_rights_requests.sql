-- Letters of cases about a person's request: which were ordered, and since when each has left.

CREATE TABLE requester_letter (
    id          uuid PRIMARY KEY,
    case_id     uuid NOT NULL REFERENCES case_file ON DELETE CASCADE,
    decision_id uuid,
    letter      text NOT NULL,
    ordered_at  timestamptz NOT NULL,
    sent_at     timestamptz,
    posted_by   text
);
CREATE INDEX requester_letter_case ON requester_letter (case_id);
COMMENT ON TABLE requester_letter IS 'Letters to whoever made a request. A row has the id of what orders the letter; it says to nobody who that is.';
COMMENT ON COLUMN requester_letter.id IS 'no_pii';
COMMENT ON COLUMN requester_letter.case_id IS 'no_pii';
COMMENT ON COLUMN requester_letter.decision_id IS 'no_pii';
COMMENT ON COLUMN requester_letter.letter IS 'no_pii';
COMMENT ON COLUMN requester_letter.ordered_at IS 'no_pii';
COMMENT ON COLUMN requester_letter.sent_at IS 'no_pii';
COMMENT ON COLUMN requester_letter.posted_by IS 'pii:staff; erased: row deleted at the end of the file';

GRANT SELECT, INSERT ON requester_letter TO cases;
GRANT UPDATE (sent_at, posted_by) ON requester_letter TO cases;
