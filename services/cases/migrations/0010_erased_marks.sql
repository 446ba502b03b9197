-- Cases erases before account does: whom account still knows meanwhile comes on no list of a breach.

CREATE TABLE erased_mark (
    digest    bytea PRIMARY KEY CHECK (length(digest) = 32),
    erased_at timestamptz NOT NULL
);
CREATE INDEX erased_mark_age ON erased_mark (erased_at);
COMMENT ON TABLE erased_mark IS 'Digests of random ids of whom was erased here, until no backup can bring them back. They name nobody.';
COMMENT ON COLUMN erased_mark.digest IS 'no_pii';
COMMENT ON COLUMN erased_mark.erased_at IS 'no_pii';
GRANT SELECT, INSERT, DELETE ON erased_mark TO cases;
