-- Whoever is about to act as another person would first have that one's letters come to themselves. The address before
-- is told as well, for three months, and no newer one takes its place meanwhile.

ALTER TABLE contact ADD COLUMN former_email text CHECK (length(former_email) <= 254);
ALTER TABLE contact ADD COLUMN replaced_at timestamptz;
ALTER TABLE contact ADD CHECK ((former_email IS NULL) = (replaced_at IS NULL));
COMMENT ON COLUMN contact.former_email IS 'pii:staff; erased: set to null 90 days after it was replaced, and when they leave';
COMMENT ON COLUMN contact.replaced_at IS 'no_pii';
