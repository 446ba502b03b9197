-- Copies that go straight to somebody else whom the person named, and the receipt for each (GDPR article 20(2)).

CREATE TABLE export_transfer (
    id              uuid PRIMARY KEY,
    export_id       uuid NOT NULL,
    account_id      uuid NOT NULL,
    user_id         uuid NOT NULL,
    receiver_sealed bytea NOT NULL,
    digest          bytea NOT NULL UNIQUE CHECK (length(digest) = 32),
    sha256          text NOT NULL,
    made_at         timestamptz NOT NULL,
    ends_at         timestamptz NOT NULL,
    ended_at        timestamptz,
    fetches         integer NOT NULL DEFAULT 0 CHECK (fetches >= 0),
    fetched_at      timestamptz,
    received_at     timestamptz,
    receipt         text,
    CHECK ((received_at IS NULL) = (receipt IS NULL)),
    CHECK (received_at IS NULL OR fetched_at IS NOT NULL)
);
CREATE INDEX export_transfer_user ON export_transfer (user_id, made_at);
CREATE INDEX export_transfer_sealed_under ON export_transfer (least(sealed_generation(receiver_sealed)), id);
COMMENT ON TABLE export_transfer IS 'To whom a person had a copy handed over, with the receipt. The copy itself is gone after a week; this stays for as long as the user account.';
COMMENT ON COLUMN export_transfer.id IS 'no_pii';
COMMENT ON COLUMN export_transfer.export_id IS 'no_pii';
COMMENT ON COLUMN export_transfer.account_id IS 'no_pii';
COMMENT ON COLUMN export_transfer.user_id IS 'no_pii';
COMMENT ON COLUMN export_transfer.receiver_sealed IS 'pii:name; erased: row deleted with the person, key of the person destroyed';
COMMENT ON COLUMN export_transfer.digest IS 'no_pii';
COMMENT ON COLUMN export_transfer.sha256 IS 'no_pii';
COMMENT ON COLUMN export_transfer.made_at IS 'no_pii';
COMMENT ON COLUMN export_transfer.ends_at IS 'no_pii';
COMMENT ON COLUMN export_transfer.ended_at IS 'no_pii';
COMMENT ON COLUMN export_transfer.fetches IS 'no_pii';
COMMENT ON COLUMN export_transfer.fetched_at IS 'no_pii';
COMMENT ON COLUMN export_transfer.received_at IS 'no_pii';
COMMENT ON COLUMN export_transfer.receipt IS 'no_pii';
GRANT SELECT, INSERT, UPDATE, DELETE ON export_transfer TO account;
