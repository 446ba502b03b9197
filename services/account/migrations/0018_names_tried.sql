-- That two attempts were on one and the same name that nobody has is seen by a digest of its own.
ALTER TABLE login_attempt ADD COLUMN name_index bytea CHECK (user_id IS NULL OR name_index IS NULL);
COMMENT ON COLUMN login_attempt.name_index IS 'pii:email_index; erased: row deleted after 48 hours';
