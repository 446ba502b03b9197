-- A digest of a password can be guessed at for as long as one likes by whoever has it; staff have no use for it.

REVOKE SELECT ON credential FROM desk;
GRANT SELECT (user_id, changed_at) ON credential TO desk;
