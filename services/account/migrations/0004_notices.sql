-- The end of a contract: how long its notice period is where that was agreed apart, and notices in force.

ALTER TABLE account ADD COLUMN notice_months smallint CHECK (notice_months BETWEEN 1 AND 12);
COMMENT ON COLUMN account.notice_months IS 'no_pii';

CREATE TABLE notice (
    account_id    uuid PRIMARY KEY REFERENCES account (id),
    noticed_on    date NOT NULL,
    ends_on       date NOT NULL,
    channel       text NOT NULL CHECK (channel IN ('self_service', 'email', 'phone', 'letter', 'in_person')),
    registered_at timestamptz NOT NULL,
    CHECK (ends_on > noticed_on)
);
CREATE INDEX notice_end ON notice (ends_on);
COMMENT ON TABLE notice IS 'Notices of termination in force (L23, L204). Deleted when withdrawn, when the customer comes back after the end, and with the account.';
COMMENT ON COLUMN notice.account_id IS 'no_pii';
COMMENT ON COLUMN notice.noticed_on IS 'no_pii';
COMMENT ON COLUMN notice.ends_on IS 'no_pii';
COMMENT ON COLUMN notice.channel IS 'no_pii';
COMMENT ON COLUMN notice.registered_at IS 'no_pii';

GRANT SELECT, INSERT, DELETE ON notice TO account;
