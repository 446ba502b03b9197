-- A contact is written down before it is made at Tripletex, so that one whose answer was lost is found and removed
-- also when its person has left, or has another address, by the time somebody looks.

ALTER TABLE contact_link ALTER COLUMN tripletex_id DROP NOT NULL;
ALTER TABLE contact_link ADD COLUMN expected bytea;
ALTER TABLE contact_link ADD CHECK ((tripletex_id IS NULL) = (expected IS NOT NULL));
COMMENT ON COLUMN contact_link.expected IS 'pii:keyed digest of the address; erased: set to null once the contact is known, else row deleted';
