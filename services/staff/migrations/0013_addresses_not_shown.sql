-- The desk shows who can be called, and nobody at which address: so its role reads none.

REVOKE SELECT ON contact FROM desk;
GRANT SELECT (person_id, language, set_at, set_by) ON contact TO desk;
