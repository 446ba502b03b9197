-- Whoever makes a link to enrol by could come by it. Who let whom in outlives the link: it is dropped when it was used,
-- when another one is made, and when the ledger tells of the key.

CREATE TABLE admission (
    person_id uuid NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    purpose   text NOT NULL CHECK (purpose IN ('invitation', 'recovery')),
    issued_by text NOT NULL,
    issued_at timestamptz NOT NULL,
    PRIMARY KEY (person_id, purpose, issued_by)
);
COMMENT ON TABLE admission IS 'Who lately made a link by which a person could enrol: for a week the two are not two persons.';
COMMENT ON COLUMN admission.person_id IS 'no_pii';
COMMENT ON COLUMN admission.purpose IS 'no_pii';
COMMENT ON COLUMN admission.issued_by IS 'pii:staff; erased: row deleted a week and an hour after the link was made';
COMMENT ON COLUMN admission.issued_at IS 'no_pii';

-- Links that were made before this: whoever came by one of them is no more another person by the change.
INSERT INTO admission (person_id, purpose, issued_by, issued_at)
SELECT person_id, purpose, issued_by, max(issued_at) FROM enrolment_link GROUP BY person_id, purpose, issued_by;

GRANT SELECT, INSERT, UPDATE, DELETE ON admission TO staff;
