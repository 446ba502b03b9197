-- Companies and users, as every feature reads them. Instants that a rule uses are parameters; no query reads a clock.

-- account: a company as the rules see it
SELECT id, state, version, inactivated_at, inactivated_by, blocked_at IS NOT NULL AS blocked, register_outcome,
       may_instruct_since IS NOT NULL AS owner_may_instruct
FROM account WHERE id = %(id)s;

-- account_for_share: the same, and it stays as it is until the end of the transaction
SELECT id, state, version, inactivated_at, inactivated_by, blocked_at IS NOT NULL AS blocked, register_outcome,
       may_instruct_since IS NOT NULL AS owner_may_instruct
FROM account WHERE id = %(id)s FOR SHARE;

-- account_for_update: the same, and nobody else changes it or reads it for a decision until then
SELECT id, state, version, inactivated_at, inactivated_by, blocked_at IS NOT NULL AS blocked, register_outcome,
       may_instruct_since IS NOT NULL AS owner_may_instruct
FROM account WHERE id = %(id)s FOR UPDATE;

-- account_sealed: everything about a company
SELECT * FROM account WHERE id = %(id)s;

-- deactivate_account: cut the link
UPDATE account SET state = 'inactive', version = version + 1, inactivated_at = %(now)s, inactivated_by = %(by)s,
                   inactivation_reason = %(reason)s, blocked_at = NULL, block_reason = NULL, register_retry_at = NULL,
                   sign_up_network = NULL
WHERE id = %(id)s;

-- reactivate_account: take the link up again; much may have happened to the company, so the register is asked anew
UPDATE account SET state = 'active', version = version + 1, inactivated_at = NULL, inactivated_by = NULL,
                   reactivated_at = %(now)s, inactivation_reason = NULL,
                   register_retry_at = CASE WHEN org_number_sealed IS NOT NULL THEN %(now)s::timestamptz END
WHERE id = %(id)s;

-- user: a user as the rules see it
SELECT u.id, u.account_id, u.role, u.state, u.version, u.inactivated_at, u.inactivated_by,
       u.email_confirmed_at IS NOT NULL AS confirmed, c.user_id IS NOT NULL AS has_password
FROM account_user u LEFT JOIN credential c ON c.user_id = u.id
WHERE u.id = %(id)s;

-- user_for_update: the same, and nobody else changes it until the end of the transaction
SELECT u.id, u.account_id, u.role, u.state, u.version, u.inactivated_at, u.inactivated_by,
       u.email_confirmed_at IS NOT NULL AS confirmed, c.user_id IS NOT NULL AS has_password
FROM account_user u LEFT JOIN credential c ON c.user_id = u.id
WHERE u.id = %(id)s FOR UPDATE OF u;

-- user_sealed: everything about one user
SELECT u.*, c.user_id IS NOT NULL AS has_password
FROM account_user u LEFT JOIN credential c ON c.user_id = u.id
WHERE u.id = %(id)s;

-- users_sealed: everything about a company's users, oldest first
SELECT u.*, c.user_id IS NOT NULL AS has_password
FROM account_user u LEFT JOIN credential c ON c.user_id = u.id
WHERE u.account_id = %(account_id)s AND (%(only)s::uuid IS NULL OR u.id = %(only)s)
  AND (%(role)s::text IS NULL OR u.role = %(role)s)
ORDER BY u.created_at, u.id LIMIT 10000;

-- count_users: how many users a company has, how many are active, and how many of those are owners
SELECT count(*) AS users, count(*) FILTER (WHERE state = 'active') AS active,
       count(*) FILTER (WHERE state = 'active' AND role = 'owner') AS owners
FROM account_user WHERE account_id = %(account_id)s;

-- insert_user: a new user
INSERT INTO account_user (id, account_id, category, role, state, version, language, name_sealed, email_sealed,
                          email_index, phone_sealed, name_index, phone_index, is_login_name, created_at)
VALUES (%(id)s, %(account_id)s, %(category)s, %(role)s, 'active', 1, %(language)s, %(name_sealed)s, %(email_sealed)s,
        %(email_index)s, %(phone_sealed)s, %(name_index)s, %(phone_index)s, false, %(now)s);

-- update_user: change what is given, keep what is not
UPDATE account_user SET
    version = version + 1,
    language = coalesce(%(language)s, language),
    role = coalesce(%(role)s, role),
    name_sealed = coalesce(%(name_sealed)s, name_sealed),
    phone_sealed = coalesce(%(phone_sealed)s, phone_sealed),
    name_index = coalesce(%(name_index)s, name_index),
    phone_index = coalesce(%(phone_index)s, phone_index),
    email_sealed = coalesce(%(email_sealed)s, email_sealed),
    email_index = coalesce(%(email_index)s, email_index),
    new_email_sealed = coalesce(%(new_email_sealed)s, new_email_sealed),
    new_email_index = coalesce(%(new_email_index)s, new_email_index)
WHERE id = %(id)s
RETURNING version, state;

-- address_is_taken: whether another user of the same company has this address
SELECT EXISTS (
    SELECT 1 FROM account_user
    WHERE account_id = %(account_id)s AND email_index = %(email_index)s
      AND id <> %(but_for)s
) AS taken;

-- lock_address: whoever signs up with this address or proves it waits for others who do
SELECT pg_advisory_xact_lock(hashtextextended(encode(%(email_index)s::bytea, 'hex'), 0));

-- set_user_state: deactivate or reactivate one user
UPDATE account_user SET state = %(state)s, version = version + 1, inactivated_at = %(inactivated_at)s,
                        inactivated_by = %(inactivated_by)s,
                        reactivated_at = coalesce(%(reactivated_at)s::timestamptz, reactivated_at)
WHERE id = %(id)s
RETURNING version, state;

-- confirm_user: the address is read by its holder, and is from now on the log-in name
UPDATE account_user SET version = version + 1, email_confirmed_at = coalesce(email_confirmed_at, %(now)s), is_login_name = true
WHERE id = %(id)s
RETURNING version;

-- recipients: who may get letters about a company, owners first
SELECT id AS user_id, role, email_confirmed_at IS NOT NULL AS confirmed FROM account_user
WHERE account_id = %(account_id)s AND state = 'active'
ORDER BY role <> 'owner', created_at, id LIMIT 10000;
