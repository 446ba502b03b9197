-- Sign-ups, and those that wait for their address.

-- insert_account: a new company
INSERT INTO account (id, state, version, language, name_sealed, email_sealed, email_index, phone_sealed, name_index,
                     phone_index,
                     org_number_sealed, org_number_index, contact_address_sealed, billing_address_sealed,
                     org_form, register_outcome, register_checked_at,
                     register_retry_at, register_attempts, review_reasons, sign_up_network, created_at)
VALUES (%(id)s, 'active', 1, %(language)s, %(name_sealed)s, %(email_sealed)s, %(email_index)s, %(phone_sealed)s,
        %(name_index)s, %(phone_index)s,
        %(org_number_sealed)s, %(org_number_index)s, %(contact_address_sealed)s, %(billing_address_sealed)s,
        %(org_form)s, %(register_outcome)s, %(register_checked_at)s,
        %(register_retry_at)s, %(register_attempts)s, %(review_reasons)s, %(sign_up_network)s, %(now)s);

-- remember_call: a call that must have its effects once; the bus forgets it after a day
INSERT INTO command_reply (method, key, reply, created_at) VALUES (%(method)s, %(key)s, '{}', %(now)s)
ON CONFLICT DO NOTHING;

-- waiting_sign_ups: the sign-ups that wait for an address that nobody has proved, newest first
SELECT u.id AS user_id, u.account_id, a.sign_up_network, a.created_at, EXISTS (
    SELECT 1 FROM account_user m WHERE m.account_id = a.id AND m.email_confirmed_at IS NOT NULL
) AS has_members
FROM account_user u JOIN account a ON a.id = u.account_id
WHERE u.email_index = %(email_index)s AND u.role = 'owner' AND u.state = 'active' AND u.email_confirmed_at IS NULL
  AND a.state = 'active' AND EXISTS (SELECT 1 FROM credential c WHERE c.user_id = u.id)
ORDER BY a.created_at DESC, u.id DESC LIMIT 1000;

-- waiting_owners: who signed up and has not proved the address
SELECT u.id, u.email_index FROM account_user u
WHERE u.account_id = %(account_id)s AND u.role = 'owner' AND u.state = 'active' AND u.email_confirmed_at IS NULL
  AND EXISTS (SELECT 1 FROM credential c WHERE c.user_id = u.id)
ORDER BY u.created_at, u.id;

-- is_login_name: whether somebody has proved to read at this address
SELECT EXISTS (SELECT 1 FROM account_user WHERE email_index = %(email_index)s AND is_login_name) AS proved;

-- drop_credential: a password that came with an unproved sign-up
DELETE FROM credential WHERE user_id = %(user_id)s;

-- forget_network: from where somebody signed up is of no use once the address is proved
UPDATE account SET sign_up_network = NULL WHERE id = %(account_id)s;

-- abandoned_sign_ups: active companies whose creator never confirmed the address, unless somebody brought them back
SELECT a.id FROM account a
WHERE a.state = 'active' AND a.created_at < %(before)s AND a.reactivated_at IS NULL
  AND NOT EXISTS (SELECT 1 FROM account_user u WHERE u.account_id = a.id AND u.email_confirmed_at IS NOT NULL)
ORDER BY a.created_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED;
