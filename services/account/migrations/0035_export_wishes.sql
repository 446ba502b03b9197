-- A copy that was ordered anew is still the wish that somebody made first, and so is the case that a person has of it.

ALTER TABLE export ADD COLUMN wish_id uuid;
UPDATE export SET wish_id = id;
ALTER TABLE export ALTER COLUMN wish_id SET NOT NULL;
COMMENT ON COLUMN export.wish_id IS 'no_pii';
