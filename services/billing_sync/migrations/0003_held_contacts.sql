-- Persons whose contact an erasure leaves at Tripletex, because it is held for a dispute or restricted.

ALTER TABLE job ADD COLUMN held_users uuid[] NOT NULL DEFAULT '{}';
COMMENT ON COLUMN job.held_users IS 'no_pii';
