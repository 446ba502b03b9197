-- What customers report, in their own words: sealed under the company's key, read by whoever handles the case.

CREATE TABLE nonconformity_report (
    id          uuid PRIMARY KEY,
    account_id  uuid NOT NULL,
    user_id     uuid,
    about       text NOT NULL,
    text_sealed bytea NOT NULL,
    noticed_at  timestamptz,
    received_at timestamptz NOT NULL,
    expires_on  date NOT NULL
);
CREATE INDEX nonconformity_report_account ON nonconformity_report (account_id, received_at);
CREATE INDEX nonconformity_report_user ON nonconformity_report (user_id, received_at) WHERE user_id IS NOT NULL;
CREATE INDEX nonconformity_report_age ON nonconformity_report (expires_on);
COMMENT ON TABLE nonconformity_report IS 'Reports of customers that something is not as agreed. A row has the id of its case.';
COMMENT ON COLUMN nonconformity_report.id IS 'no_pii';
COMMENT ON COLUMN nonconformity_report.account_id IS 'no_pii';
COMMENT ON COLUMN nonconformity_report.user_id IS 'no_pii';
COMMENT ON COLUMN nonconformity_report.about IS 'no_pii';
COMMENT ON COLUMN nonconformity_report.text_sealed IS 'pii:text; erased: row deleted on expires_on or with the account, key destroyed';
COMMENT ON COLUMN nonconformity_report.noticed_at IS 'no_pii';
COMMENT ON COLUMN nonconformity_report.received_at IS 'no_pii';
COMMENT ON COLUMN nonconformity_report.expires_on IS 'no_pii';

-- What was written is never changed; of one person who is erased the name goes, and the company's report stays.
GRANT SELECT, INSERT, DELETE ON nonconformity_report TO account;
GRANT UPDATE (user_id, text_sealed) ON nonconformity_report TO account;
