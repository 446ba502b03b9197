-- Written requests not to wait for the date of an erasure: who checked and approved what. Codes and dates only.

CREATE TABLE early_request (
    id                uuid PRIMARY KEY,
    account_id        uuid NOT NULL,
    requester_role    text NOT NULL,
    evidence          text NOT NULL,
    received_on       date NOT NULL,
    identity_check    text NOT NULL,
    authority_check   text NOT NULL,
    checked_by        text NOT NULL,
    approved_by       text NOT NULL,
    actor             text NOT NULL,
    export_offered_on date NOT NULL,
    registered_at     timestamptz NOT NULL,
    course            text NOT NULL CHECK (course IN ('accepted', 'begun', 'dropped')),
    erasure_id        uuid,
    next_at           timestamptz,
    CHECK (approved_by NOT IN (checked_by, actor)),
    CHECK ((course = 'accepted') = (next_at IS NOT NULL))
);
CREATE UNIQUE INDEX early_request_one_waits ON early_request (account_id) WHERE course = 'accepted';
CREATE INDEX early_request_next ON early_request (next_at) WHERE course = 'accepted';
CREATE INDEX early_request_account ON early_request (account_id, registered_at);
CREATE INDEX early_request_age ON early_request (registered_at) WHERE course <> 'accepted';
COMMENT ON TABLE early_request IS 'Requests for an early erasure (L204), kept three years for claims about them. What the customer wrote lies elsewhere.';
COMMENT ON COLUMN early_request.id IS 'no_pii';
COMMENT ON COLUMN early_request.account_id IS 'no_pii';
COMMENT ON COLUMN early_request.requester_role IS 'no_pii';
COMMENT ON COLUMN early_request.evidence IS 'no_pii';
COMMENT ON COLUMN early_request.received_on IS 'no_pii';
COMMENT ON COLUMN early_request.identity_check IS 'no_pii';
COMMENT ON COLUMN early_request.authority_check IS 'no_pii';
COMMENT ON COLUMN early_request.checked_by IS 'pii:staff; erased: row deleted three years after the request';
COMMENT ON COLUMN early_request.approved_by IS 'pii:staff; erased: row deleted three years after the request';
COMMENT ON COLUMN early_request.actor IS 'pii:staff; erased: row deleted three years after the request';
COMMENT ON COLUMN early_request.export_offered_on IS 'no_pii';
COMMENT ON COLUMN early_request.registered_at IS 'no_pii';
COMMENT ON COLUMN early_request.course IS 'no_pii';
COMMENT ON COLUMN early_request.erasure_id IS 'no_pii';
COMMENT ON COLUMN early_request.next_at IS 'no_pii';

GRANT SELECT, INSERT, UPDATE, DELETE ON early_request TO retention;
