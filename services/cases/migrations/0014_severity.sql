-- How severe persons found breaches, by the method of ENISA: scores in codes, beside the decisions and no part of them.

CREATE TABLE case_severity (
    id              uuid PRIMARY KEY,
    case_id         uuid NOT NULL REFERENCES case_file ON DELETE CASCADE,
    context         text NOT NULL,
    identification  text NOT NULL,
    confidentiality text NOT NULL,
    integrity       text NOT NULL,
    availability    text NOT NULL,
    intent          text NOT NULL,
    flags           text[] NOT NULL,
    assessed_by     text NOT NULL,
    assessed_at     timestamptz NOT NULL
);
CREATE INDEX case_severity_of_case ON case_severity (case_id, assessed_at);
COMMENT ON TABLE case_severity IS 'How severe a breach was found. No row is ever changed; of a case the last one counts.';
COMMENT ON COLUMN case_severity.id IS 'no_pii';
COMMENT ON COLUMN case_severity.case_id IS 'no_pii';
COMMENT ON COLUMN case_severity.context IS 'no_pii';
COMMENT ON COLUMN case_severity.identification IS 'no_pii';
COMMENT ON COLUMN case_severity.confidentiality IS 'no_pii';
COMMENT ON COLUMN case_severity.integrity IS 'no_pii';
COMMENT ON COLUMN case_severity.availability IS 'no_pii';
COMMENT ON COLUMN case_severity.intent IS 'no_pii';
COMMENT ON COLUMN case_severity.flags IS 'no_pii';
COMMENT ON COLUMN case_severity.assessed_by IS 'pii:staff; erased: row deleted at the end of the file';
COMMENT ON COLUMN case_severity.assessed_at IS 'no_pii';

GRANT SELECT, INSERT ON case_severity TO cases;
