-- Wrapped keys are read by those who open something with them; everybody else sees what became of a key, not the key.

REVOKE SELECT ON data_key FROM retention;
GRANT SELECT (kind, subject_id, account_id, kek_id, fingerprint, state, created_at, fenced_at, destroyed_at)
    ON data_key TO retention, desk;
GRANT SELECT ON fence, migration TO desk;
