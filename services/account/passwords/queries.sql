-- The proof of an address by a letter.

-- confirm_user: the address is read by its holder, and is from now on the log-in name
UPDATE account_user SET version = version + 1, email_confirmed_at = coalesce(email_confirmed_at, %(now)s), is_login_name = true
WHERE id = %(id)s
RETURNING version;
