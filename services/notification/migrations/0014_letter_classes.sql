-- What class a letter is of, as two persons said of its text: a copy of the register.

CREATE TABLE letter_class (
    record_id    uuid PRIMARY KEY,
    letter       text NOT NULL,
    letter_class text NOT NULL,
    purpose      text NOT NULL,
    text_sha256  text NOT NULL,
    valid_from   date NOT NULL,
    valid_to     date,
    copied_at    timestamptz NOT NULL
);
CREATE INDEX letter_class_letter ON letter_class (letter);
COMMENT ON TABLE letter_class IS 'Which class two persons said that a letter is of, while it has this text (L29). A copy of the register.';
COMMENT ON COLUMN letter_class.record_id IS 'no_pii';
COMMENT ON COLUMN letter_class.letter IS 'no_pii';
COMMENT ON COLUMN letter_class.letter_class IS 'no_pii';
COMMENT ON COLUMN letter_class.purpose IS 'no_pii';
COMMENT ON COLUMN letter_class.text_sha256 IS 'no_pii';
COMMENT ON COLUMN letter_class.valid_from IS 'no_pii';
COMMENT ON COLUMN letter_class.valid_to IS 'no_pii';
COMMENT ON COLUMN letter_class.copied_at IS 'no_pii';

CREATE TABLE letter_class_change (
    record_id uuid PRIMARY KEY,
    heard_at  timestamptz NOT NULL
);
COMMENT ON TABLE letter_class_change IS 'Records of the register that have changed and are to be copied.';
COMMENT ON COLUMN letter_class_change.record_id IS 'no_pii';
COMMENT ON COLUMN letter_class_change.heard_at IS 'no_pii';

GRANT SELECT, INSERT, DELETE ON letter_class TO notification;
GRANT SELECT, INSERT, UPDATE, DELETE ON letter_class_change TO notification;
