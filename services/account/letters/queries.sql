-- Who gets letters.

-- recipients: who may get letters about a company, owners first
SELECT id AS user_id, role, email_confirmed_at IS NOT NULL AS confirmed FROM account_user
WHERE account_id = %(account_id)s AND state = 'active'
ORDER BY role <> 'owner', created_at, id LIMIT 10000;
