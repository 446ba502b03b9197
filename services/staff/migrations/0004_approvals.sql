-- What takes two persons: requests, frozen as they are signed, and what became of them.

CREATE TABLE approval (
    id                 uuid PRIMARY KEY,
    act                text NOT NULL,
    document           bytea NOT NULL,
    version            integer NOT NULL CHECK (version >= 1),
    requested_by       text NOT NULL,
    requested_at       timestamptz NOT NULL,
    edited_at          timestamptz NOT NULL,
    expires_at         timestamptz NOT NULL,
    approved_by        text,
    approved_at        timestamptz,
    passkey_id         uuid,
    public_key         text,
    client_data        text,
    authenticator_data text,
    signature          text,
    enrolment          bytea,
    ended_at           timestamptz,
    ended_by           text,
    ended_because      text CHECK (ended_because IN ('carried_out', 'refused', 'withdrawn', 'expired', 'restored')),
    CHECK (approved_by <> requested_by),
    CHECK (num_nulls(approved_by, approved_at, passkey_id, public_key, client_data, authenticator_data, signature,
                     enrolment) IN (0, 8)),
    CHECK (num_nulls(ended_at, ended_by, ended_because) IN (0, 3))
);
CREATE INDEX approval_open ON approval (expires_at) WHERE ended_at IS NULL;
CREATE INDEX approval_ended ON approval (ended_at) WHERE ended_at IS NOT NULL;
COMMENT ON TABLE approval IS 'What takes two persons: asked for, approved with a passkey, carried out once. Kept three years after its end.';
COMMENT ON COLUMN approval.id IS 'no_pii';
COMMENT ON COLUMN approval.act IS 'no_pii';
COMMENT ON COLUMN approval.document IS 'pii:staff; erased: row deleted three years after it ended';
COMMENT ON COLUMN approval.version IS 'no_pii';
COMMENT ON COLUMN approval.requested_by IS 'pii:staff; erased: row deleted three years after it ended';
COMMENT ON COLUMN approval.requested_at IS 'no_pii';
COMMENT ON COLUMN approval.edited_at IS 'no_pii';
COMMENT ON COLUMN approval.expires_at IS 'no_pii';
COMMENT ON COLUMN approval.approved_by IS 'pii:staff; erased: row deleted three years after it ended';
COMMENT ON COLUMN approval.approved_at IS 'no_pii';
COMMENT ON COLUMN approval.passkey_id IS 'no_pii';
COMMENT ON COLUMN approval.public_key IS 'pii:staff; erased: row deleted three years after it ended';
COMMENT ON COLUMN approval.client_data IS 'no_pii';
COMMENT ON COLUMN approval.authenticator_data IS 'no_pii';
COMMENT ON COLUMN approval.signature IS 'no_pii';
COMMENT ON COLUMN approval.enrolment IS 'pii:staff; erased: row deleted three years after it ended';
COMMENT ON COLUMN approval.ended_at IS 'no_pii';
COMMENT ON COLUMN approval.ended_by IS 'pii:staff; erased: row deleted three years after it ended';
COMMENT ON COLUMN approval.ended_because IS 'no_pii';

-- The ledger forgets its lines after some weeks; an approval is verified by this one for as long as it is kept.
CREATE TABLE passkey_enrolment (
    passkey_id uuid PRIMARY KEY,
    line       bytea NOT NULL,
    kept_at    timestamptz NOT NULL
);
COMMENT ON TABLE passkey_enrolment IS 'The line of the ledger that says whose a passkey is, as it was signed there.';
COMMENT ON COLUMN passkey_enrolment.passkey_id IS 'no_pii';
COMMENT ON COLUMN passkey_enrolment.line IS 'pii:staff; erased: row deleted a day after its passkey''s';
COMMENT ON COLUMN passkey_enrolment.kept_at IS 'no_pii';

GRANT SELECT, INSERT, UPDATE, DELETE ON approval TO staff;
GRANT SELECT, INSERT, DELETE ON passkey_enrolment TO staff;
