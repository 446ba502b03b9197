-- What was accepted can be read again: which sentences were shown, in which language, each by its digest.

ALTER TABLE agreement ADD COLUMN sentences jsonb NOT NULL DEFAULT '[]';
COMMENT ON COLUMN agreement.sentences IS 'no_pii';
ALTER TABLE agreement_archive ADD COLUMN language text;
COMMENT ON COLUMN agreement_archive.language IS 'no_pii';
