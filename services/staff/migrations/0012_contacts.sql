-- Where people of the staff are reached when they are on duty and a case needs them.

CREATE TABLE contact (
    person_id uuid PRIMARY KEY REFERENCES person (id) ON DELETE CASCADE,
    email     text NOT NULL CHECK (length(email) <= 254),
    language  text NOT NULL CHECK (language IN ('nb', 'en')),
    set_at    timestamptz NOT NULL,
    set_by    text NOT NULL
);
COMMENT ON TABLE contact IS 'The address at work to which somebody of the staff is called; gone when they leave.';
COMMENT ON COLUMN contact.person_id IS 'no_pii';
COMMENT ON COLUMN contact.email IS 'pii:staff; erased: row deleted when they leave';
COMMENT ON COLUMN contact.language IS 'pii:staff; erased: row deleted when they leave';
COMMENT ON COLUMN contact.set_at IS 'no_pii';
COMMENT ON COLUMN contact.set_by IS 'pii:staff; erased: row deleted when the person of the address leaves';

GRANT SELECT, INSERT, UPDATE, DELETE ON contact TO staff;
