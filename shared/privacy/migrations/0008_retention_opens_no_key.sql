-- Retention fences keys and destroys them; it has no use for what they are.
REVOKE SELECT ON data_key FROM retention;
GRANT SELECT (kind, subject_id, account_id, generation, kek_id, fingerprint, state, created_at, fenced_at, destroyed_at)
    ON data_key TO retention;
