-- What detectors told of an attack stays with the case in counts: the log-ins themselves end with whose they are.

CREATE TABLE case_sighting (
    case_id      uuid NOT NULL REFERENCES case_file ON DELETE CASCADE,
    message_id   uuid NOT NULL,
    anomaly_id   uuid NOT NULL,
    detector     text NOT NULL,
    rule_version integer NOT NULL,
    told_at      timestamptz NOT NULL,
    window_from  timestamptz NOT NULL,
    window_to    timestamptz NOT NULL,
    attempts     integer NOT NULL,
    failures     integer NOT NULL,
    targets      integer NOT NULL,
    networks     integer NOT NULL,
    accounts     integer NOT NULL,
    got_in       integer NOT NULL,
    PRIMARY KEY (case_id, message_id)
);
COMMENT ON TABLE case_sighting IS 'What detectors told of a case, each time, in counts. It names nobody, and stays as long as the file.';
COMMENT ON COLUMN case_sighting.case_id IS 'no_pii';
COMMENT ON COLUMN case_sighting.message_id IS 'no_pii';
COMMENT ON COLUMN case_sighting.anomaly_id IS 'no_pii';
COMMENT ON COLUMN case_sighting.detector IS 'no_pii';
COMMENT ON COLUMN case_sighting.rule_version IS 'no_pii';
COMMENT ON COLUMN case_sighting.told_at IS 'no_pii';
COMMENT ON COLUMN case_sighting.window_from IS 'no_pii';
COMMENT ON COLUMN case_sighting.window_to IS 'no_pii';
COMMENT ON COLUMN case_sighting.attempts IS 'no_pii';
COMMENT ON COLUMN case_sighting.failures IS 'no_pii';
COMMENT ON COLUMN case_sighting.targets IS 'no_pii';
COMMENT ON COLUMN case_sighting.networks IS 'no_pii';
COMMENT ON COLUMN case_sighting.accounts IS 'no_pii';
COMMENT ON COLUMN case_sighting.got_in IS 'no_pii';

-- Nobody has the right to change one.
GRANT SELECT, INSERT ON case_sighting TO cases;
