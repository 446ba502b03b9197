-- Consents to letters that one may decline, and what the vendor of e-mail may be used for besides what the terms name.

CREATE TABLE consent (
    id             uuid PRIMARY KEY,
    account_id     uuid NOT NULL,
    user_id        uuid NOT NULL,
    letter_class   text NOT NULL CHECK (letter_class IN ('marketing', 'product_news')),
    wording_sha256 text NOT NULL,
    language       text NOT NULL,
    given_at       timestamptz NOT NULL,
    withdrawn_at   timestamptz
);
CREATE UNIQUE INDEX consent_open ON consent (user_id, letter_class) WHERE withdrawn_at IS NULL;
CREATE INDEX consent_of_class ON consent (letter_class, user_id) WHERE withdrawn_at IS NULL;
CREATE INDEX consent_user ON consent (user_id, given_at);
CREATE INDEX consent_account ON consent (account_id);
COMMENT ON TABLE consent IS 'Consents to letters that one may decline, each with the sentence that was agreed to (markedsføringsloven § 15). Those withdrawn stay, as proof.';
COMMENT ON COLUMN consent.id IS 'no_pii';
COMMENT ON COLUMN consent.account_id IS 'no_pii';
COMMENT ON COLUMN consent.user_id IS 'no_pii';
COMMENT ON COLUMN consent.letter_class IS 'no_pii';
COMMENT ON COLUMN consent.wording_sha256 IS 'no_pii';
COMMENT ON COLUMN consent.language IS 'no_pii';
COMMENT ON COLUMN consent.given_at IS 'no_pii';
COMMENT ON COLUMN consent.withdrawn_at IS 'no_pii';
GRANT SELECT, INSERT, DELETE ON consent TO notification;
GRANT UPDATE (withdrawn_at) ON consent TO notification;

CREATE TABLE mail_purpose (
    record_id  uuid PRIMARY KEY,
    processor  text NOT NULL,
    purpose    text NOT NULL,
    valid_from date NOT NULL,
    valid_to   date,
    copied_at  timestamptz NOT NULL
);
COMMENT ON TABLE mail_purpose IS 'What two persons said that the vendor of e-mail is used for, besides what the terms name (L98). A copy of the register.';
COMMENT ON COLUMN mail_purpose.record_id IS 'no_pii';
COMMENT ON COLUMN mail_purpose.processor IS 'no_pii';
COMMENT ON COLUMN mail_purpose.purpose IS 'no_pii';
COMMENT ON COLUMN mail_purpose.valid_from IS 'no_pii';
COMMENT ON COLUMN mail_purpose.valid_to IS 'no_pii';
COMMENT ON COLUMN mail_purpose.copied_at IS 'no_pii';
GRANT SELECT, INSERT, DELETE ON mail_purpose TO notification;
