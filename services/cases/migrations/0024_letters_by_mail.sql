-- Whether whoever made a request could be written to by e-mail is known after their erasure too.
ALTER TABLE requester_letter ADD COLUMN mailed_at timestamptz;
COMMENT ON COLUMN requester_letter.mailed_at IS 'no_pii';
UPDATE requester_letter SET mailed_at = ordered_at WHERE decision_id IS NULL;
GRANT UPDATE (mailed_at) ON requester_letter TO cases;
