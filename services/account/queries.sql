-- Named queries of the account service. Instants that a rule uses are parameters; nothing here reads a clock.

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
SELECT id, state, version, language, name_sealed, email_sealed, phone_sealed, org_number_sealed, org_form,
       register_outcome, review_reasons, created_at, inactivated_at, inactivated_by, inactivation_reason, blocked_at,
       block_reason
FROM account WHERE id = %(id)s;

-- insert_account: a new company
INSERT INTO account (id, state, version, language, name_sealed, email_sealed, email_index, phone_sealed,
                     org_number_sealed, org_number_index, org_form, register_outcome, register_checked_at,
                     register_retry_at, register_attempts, review_reasons, sign_up_network, created_at)
VALUES (%(id)s, 'active', 1, %(language)s, %(name_sealed)s, %(email_sealed)s, %(email_index)s, %(phone_sealed)s,
        %(org_number_sealed)s, %(org_number_index)s, %(org_form)s, %(register_outcome)s, %(register_checked_at)s,
        %(register_retry_at)s, %(register_attempts)s, %(review_reasons)s, %(sign_up_network)s, %(now)s);

-- update_account: change what is given, keep what is not; a new name or number is to be checked again
UPDATE account SET
    version = version + 1,
    language = coalesce(%(language)s, language),
    name_sealed = coalesce(%(name_sealed)s, name_sealed),
    email_sealed = coalesce(%(email_sealed)s, email_sealed),
    email_index = coalesce(%(email_index)s, email_index),
    phone_sealed = coalesce(%(phone_sealed)s, phone_sealed),
    org_number_sealed = CASE WHEN %(set_number)s THEN %(org_number_sealed)s ELSE org_number_sealed END,
    org_number_index = CASE WHEN %(set_number)s THEN %(org_number_index)s ELSE org_number_index END,
    org_form = CASE WHEN %(set_number)s THEN NULL ELSE org_form END,
    register_outcome = coalesce(%(register_outcome)s, register_outcome),
    register_retry_at = CASE WHEN %(register_outcome)s::text IS NULL THEN register_retry_at ELSE %(register_retry_at)s END,
    register_attempts = CASE WHEN %(register_outcome)s::text IS NULL THEN register_attempts ELSE 0 END,
    review_reasons = CASE WHEN %(register_outcome)s::text = 'no_number' THEN '{}' ELSE review_reasons END
WHERE id = %(id)s;

-- deactivate_account: cut the link
UPDATE account SET state = 'inactive', version = version + 1, inactivated_at = %(now)s, inactivated_by = %(by)s,
                   inactivation_reason = %(reason)s, blocked_at = NULL, block_reason = NULL, register_retry_at = NULL,
                   sign_up_network = NULL
WHERE id = %(id)s;

-- block_account: close it at once; nothing of it is erased
UPDATE account SET version = version + 1, blocked_at = %(now)s, block_reason = %(reason)s WHERE id = %(id)s;

-- unblock_account: open it again
UPDATE account SET version = version + 1, blocked_at = NULL, block_reason = NULL WHERE id = %(id)s;

-- let_instruct: a person has looked at who the owners are
UPDATE account SET version = version + 1, may_instruct_since = %(now)s WHERE id = %(id)s;

-- add_contact_attempt: an attempt to reach the customer
INSERT INTO contact_attempt (id, account_id, channel, outcome, attempted_on, actor, recorded_at)
VALUES (%(id)s, %(account_id)s, %(channel)s, %(outcome)s, %(attempted_on)s, %(actor)s, %(now)s);

-- contact_attempts: the attempts to reach a customer, oldest first
SELECT channel, outcome, attempted_on, actor FROM contact_attempt
WHERE account_id = %(account_id)s ORDER BY attempted_on, recorded_at LIMIT 500;

-- erase_contact_attempts: the attempts to reach a customer
DELETE FROM contact_attempt WHERE account_id = %(account_id)s;

-- bankrupt_waiting: how many active companies are bankrupt and wait for a person, and since when the first
SELECT count(*) AS count, min(coalesce(register_checked_at, created_at)) AS since FROM account
WHERE state = 'active' AND register_outcome = 'bankrupt' AND may_instruct_since IS NULL;

-- blocked_waiting: how many accounts are blocked, and since when the first
SELECT count(*) AS count, min(blocked_at) AS since FROM account WHERE blocked_at IS NOT NULL;

-- reactivate_account: take the link up again; much may have happened to the company, so the register is asked anew
UPDATE account SET state = 'active', version = version + 1, inactivated_at = NULL, inactivated_by = NULL,
                   reactivated_at = %(now)s, inactivation_reason = NULL,
                   register_retry_at = CASE WHEN org_number_sealed IS NOT NULL THEN %(now)s::timestamptz END
WHERE id = %(id)s;

-- number_is_shared: whether another account has the same organisation number
SELECT EXISTS (
    SELECT 1 FROM account WHERE org_number_index = %(org_number_index)s AND id <> %(id)s
) AS shared;

-- claim_register_checks: companies to ask the register about, put off so that no other replica asks meanwhile; of
-- those that may only be stored nothing is asked
UPDATE account SET register_retry_at = %(lease_until)s, register_attempts = register_attempts + 1
WHERE id IN (
    SELECT id FROM account WHERE is_due(register_retry_at, %(now)s, %(due)s) AND state = 'active'
        AND NOT is_kept(id, NULL, 'company')
    ORDER BY register_retry_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED
)
RETURNING id, version, name_sealed, org_number_sealed, org_number_index, register_attempts;

-- put_off_register_check: the register did not answer; ask again then
UPDATE account SET register_retry_at = %(retry_at)s WHERE id = %(id)s AND version = %(version)s AND state = 'active';

-- save_register_check: what the register said, unless the company was changed meanwhile
UPDATE account SET version = version + 1, register_outcome = %(outcome)s, org_form = %(org_form)s,
                   register_checked_at = %(now)s, register_retry_at = %(retry_at)s, register_attempts = 0,
                   review_reasons = %(review_reasons)s,
                   may_instruct_since = CASE WHEN %(outcome)s = 'bankrupt' THEN may_instruct_since END
WHERE id = %(id)s AND version = %(version)s AND state = 'active'
RETURNING version;

-- confirm_register_check: the register says what it said before; true where that is so and the company is unchanged
UPDATE account SET register_checked_at = %(now)s, register_retry_at = %(retry_at)s, register_attempts = 0
WHERE id = %(id)s AND version = %(version)s AND state = 'active' AND register_outcome = %(outcome)s
  AND org_form IS NOT DISTINCT FROM %(org_form)s AND review_reasons = %(review_reasons)s
RETURNING version;

-- search_accounts: by digest, id or the wish for a review; newest first
SELECT a.id AS account_id, a.state, a.version, a.register_outcome,
       a.review_reasons <> '{}' AS review_required, a.created_at, a.inactivated_at
FROM account a
WHERE (%(account_id)s::uuid IS NULL OR a.id = %(account_id)s)
  AND (%(org_number_index)s::bytea IS NULL OR a.org_number_index = %(org_number_index)s)
  AND (%(email_index)s::bytea IS NULL OR a.email_index = %(email_index)s
       OR EXISTS (SELECT 1 FROM account_user u WHERE u.account_id = a.id AND u.email_index = %(email_index)s))
  AND (%(review_required)s::boolean IS NULL OR (a.review_reasons <> '{}') = %(review_required)s)
ORDER BY a.created_at DESC LIMIT %(limit)s;

-- abandoned_sign_ups: active companies whose creator never confirmed the address, unless somebody brought them back
SELECT a.id FROM account a
WHERE a.state = 'active' AND a.created_at < %(before)s AND a.reactivated_at IS NULL
  AND NOT EXISTS (SELECT 1 FROM account_user u WHERE u.account_id = a.id AND u.email_confirmed_at IS NOT NULL)
ORDER BY a.created_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED;

-- waiting_owners: who signed up and has not proved the address
SELECT u.id, u.email_index FROM account_user u
WHERE u.account_id = %(account_id)s AND u.role = 'owner' AND u.state = 'active' AND u.email_confirmed_at IS NULL
  AND EXISTS (SELECT 1 FROM credential c WHERE c.user_id = u.id)
ORDER BY u.created_at, u.id;

-- is_login_name: whether somebody has proved to read at this address
SELECT EXISTS (SELECT 1 FROM account_user WHERE email_index = %(email_index)s AND is_login_name) AS proved;

-- waiting_sign_ups: the sign-ups that wait for an address that nobody has proved, newest first
SELECT u.id AS user_id, u.account_id, a.sign_up_network, a.created_at, EXISTS (
    SELECT 1 FROM account_user m WHERE m.account_id = a.id AND m.email_confirmed_at IS NOT NULL
) AS has_members
FROM account_user u JOIN account a ON a.id = u.account_id
WHERE u.email_index = %(email_index)s AND u.role = 'owner' AND u.state = 'active' AND u.email_confirmed_at IS NULL
  AND a.state = 'active' AND EXISTS (SELECT 1 FROM credential c WHERE c.user_id = u.id)
ORDER BY a.created_at DESC, u.id DESC LIMIT 1000;

-- lock_address: whoever signs up with this address or proves it waits for others who do
SELECT pg_advisory_xact_lock(hashtextextended(encode(%(email_index)s::bytea, 'hex'), 0));

-- forget_network: from where somebody signed up is of no use once the address is proved
UPDATE account SET sign_up_network = NULL WHERE id = %(account_id)s;

-- drop_credential: a password that came with an unproved sign-up
DELETE FROM credential WHERE user_id = %(user_id)s;

-- stand_by_agreement: whoever proved the address stands by what the sign-up accepted
UPDATE agreement SET stood_by_at = coalesce(stood_by_at, %(now)s) WHERE account_id = %(account_id)s;

-- known_ids: which of these are the ids of companies or users
SELECT id FROM account WHERE id = ANY(%(ids)s) UNION ALL SELECT id FROM account_user WHERE id = ANY(%(ids)s);

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
SELECT u.id, u.account_id, u.role, u.state, u.version, u.language, u.name_sealed, u.email_sealed, u.phone_sealed,
       u.new_email_sealed, u.new_email_index, u.is_login_name, u.email_confirmed_at, c.user_id IS NOT NULL AS has_password
FROM account_user u LEFT JOIN credential c ON c.user_id = u.id
WHERE u.id = %(id)s;

-- users_sealed: everything about a company's users, oldest first
SELECT u.id, u.account_id, u.role, u.state, u.version, u.language, u.name_sealed, u.email_sealed, u.phone_sealed,
       u.new_email_sealed, u.new_email_index, u.is_login_name, u.email_confirmed_at, c.user_id IS NOT NULL AS has_password
FROM account_user u LEFT JOIN credential c ON c.user_id = u.id
WHERE u.account_id = %(account_id)s AND (%(only)s::uuid IS NULL OR u.id = %(only)s)
  AND (%(role)s::text IS NULL OR u.role = %(role)s)
ORDER BY u.created_at, u.id LIMIT 10000;

-- insert_user: a new user
INSERT INTO account_user (id, account_id, category, role, state, version, language, name_sealed, email_sealed,
                          email_index, phone_sealed, is_login_name, created_at)
VALUES (%(id)s, %(account_id)s, %(category)s, %(role)s, 'active', 1, %(language)s, %(name_sealed)s, %(email_sealed)s,
        %(email_index)s, %(phone_sealed)s, %(is_login_name)s, %(now)s);

-- update_user: change what is given, keep what is not
UPDATE account_user SET
    version = version + 1,
    language = coalesce(%(language)s, language),
    role = coalesce(%(role)s, role),
    name_sealed = coalesce(%(name_sealed)s, name_sealed),
    phone_sealed = coalesce(%(phone_sealed)s, phone_sealed),
    email_sealed = coalesce(%(email_sealed)s, email_sealed),
    email_index = coalesce(%(email_index)s, email_index),
    new_email_sealed = coalesce(%(new_email_sealed)s, new_email_sealed),
    new_email_index = coalesce(%(new_email_index)s, new_email_index)
WHERE id = %(id)s
RETURNING version, state;

-- confirm_user: the address is read by its holder, and is from now on the log-in name
UPDATE account_user SET version = version + 1, email_confirmed_at = coalesce(email_confirmed_at, %(now)s), is_login_name = true
WHERE id = %(id)s
RETURNING version;

-- take_new_address: the confirmed new address replaces the old one
UPDATE account_user SET version = version + 1, email_sealed = %(email_sealed)s, email_index = new_email_index,
                        new_email_sealed = NULL, new_email_index = NULL, email_confirmed_at = %(now)s
WHERE id = %(id)s
RETURNING version;

-- keep_former_address: the address that was replaced, for the letter that tells it
INSERT INTO former_address (id, user_id, account_id, email_sealed, replaced_at)
VALUES (%(id)s, %(user_id)s, %(account_id)s, %(email_sealed)s, %(now)s);

-- former_address: one of this user; whoever fetches it waits for others who do
SELECT id, user_id, account_id, email_sealed, replaced_at, fetched_at FROM former_address
WHERE id = %(id)s AND user_id = %(user_id)s FOR UPDATE;

-- note_fetch: the letter to it is being written
UPDATE former_address SET fetched_at = %(now)s WHERE id = %(id)s;

-- set_user_state: deactivate or reactivate one user
UPDATE account_user SET state = %(state)s, version = version + 1, inactivated_at = %(inactivated_at)s,
                        inactivated_by = %(inactivated_by)s
WHERE id = %(id)s
RETURNING version, state;

-- count_users: how many users a company has, how many are active, and how many of those are owners
SELECT count(*) AS users, count(*) FILTER (WHERE state = 'active') AS active,
       count(*) FILTER (WHERE state = 'active' AND role = 'owner') AS owners
FROM account_user WHERE account_id = %(account_id)s;

-- recipients: who may get letters about a company, owners first
SELECT id AS user_id, role, email_confirmed_at IS NOT NULL AS confirmed FROM account_user
WHERE account_id = %(account_id)s AND state = 'active'
ORDER BY role <> 'owner', created_at, id LIMIT 10000;

-- uninvited: users of a company who have neither password nor invitation
SELECT u.id, u.version FROM account_user u
WHERE u.account_id = %(account_id)s AND u.state = 'active'
  AND NOT EXISTS (SELECT 1 FROM credential c WHERE c.user_id = u.id)
  AND NOT EXISTS (SELECT 1 FROM ticket t WHERE t.user_id = u.id AND t.kind = 'invitation' AND t.used_at IS NULL)
ORDER BY u.created_at, u.id LIMIT 10000;

-- user_by_address: whose log-in name this is; where nobody has proved the address, the newest sign-up that waits for it
SELECT u.id, u.account_id, u.is_login_name AS proved, c.password_hash
FROM account_user u JOIN account a ON a.id = u.account_id LEFT JOIN credential c ON c.user_id = u.id
WHERE u.email_index = %(email_index)s AND (
    u.is_login_name
    OR (u.email_confirmed_at IS NULL AND u.role = 'owner' AND u.state = 'active' AND a.state = 'active'
        AND c.user_id IS NOT NULL)
)
ORDER BY u.is_login_name DESC, u.created_at DESC, u.id DESC LIMIT 1;

-- user_credential: the digest of a user's address, and of the password to compare with
SELECT u.id, u.account_id, u.email_index, u.is_login_name AS proved, c.password_hash
FROM account_user u LEFT JOIN credential c ON c.user_id = u.id
WHERE u.id = %(id)s;

-- address_is_taken: whether another user of the same company has this address
SELECT EXISTS (
    SELECT 1 FROM account_user
    WHERE account_id = %(account_id)s AND email_index = %(email_index)s
      AND id <> %(but_for)s
) AS taken;

-- save_credential: a new password
INSERT INTO credential (user_id, password_hash, changed_at) VALUES (%(user_id)s, %(password_hash)s, %(now)s)
ON CONFLICT (user_id) DO UPDATE SET password_hash = excluded.password_hash, changed_at = excluded.changed_at;

-- credential: the digest of a user's password
SELECT password_hash FROM credential WHERE user_id = %(user_id)s;

-- rehash_credential: the same password under newer parameters, unless it was changed meanwhile
UPDATE credential SET password_hash = %(new_hash)s WHERE user_id = %(user_id)s AND password_hash = %(old_hash)s;

-- insert_session: a new log-in
INSERT INTO session (id, token_hash, user_id, account_id, created_at, seen_at)
VALUES (%(id)s, %(token_hash)s, %(user_id)s, %(account_id)s, %(now)s, %(now)s);

-- trim_sessions: a user's oldest sessions beyond the limit
DELETE FROM session WHERE id IN (
    SELECT id FROM session WHERE user_id = %(user_id)s ORDER BY created_at DESC, id DESC OFFSET %(keep)s
);

-- session: a session by its token's digest, with what decides whether it is open
SELECT s.id, s.user_id, s.account_id, s.created_at, s.seen_at, u.role, u.language,
       u.state AS user_state, CASE WHEN a.blocked_at IS NULL THEN a.state ELSE 'blocked' END AS account_state
FROM session s JOIN account_user u ON u.id = s.user_id JOIN account a ON a.id = s.account_id
WHERE s.token_hash = %(token_hash)s;

-- touch_session: it was used
UPDATE session SET seen_at = %(now)s WHERE id = %(id)s;

-- delete_session: log-out
DELETE FROM session WHERE token_hash = %(token_hash)s;

-- delete_user_sessions: all of a user's sessions, but for one
DELETE FROM session WHERE user_id = %(user_id)s AND (%(keep)s::uuid IS NULL OR id <> %(keep)s);

-- delete_account_sessions: all sessions of a company
DELETE FROM session WHERE account_id = %(account_id)s;

-- insert_attempt: somebody tried to log in
INSERT INTO login_attempt (id, account_id, user_id, at, outcome, ip_sealed, user_agent_sealed, sealed_for_nobody,
                           address_index, network_index)
VALUES (%(id)s, %(account_id)s, %(user_id)s, %(now)s, %(outcome)s, %(ip_sealed)s, %(user_agent_sealed)s,
        %(sealed_for_nobody)s, %(address_index)s, %(network_index)s);

-- attempts: the attempts asked for that are still kept
SELECT id, account_id, user_id, at, outcome, ip_sealed, user_agent_sealed, sealed_for_nobody, address_index, network_index
FROM login_attempt WHERE id = ANY(%(ids)s);

-- make_brake: a place for the failures of a log-in name or a network address
INSERT INTO login_brake (key, failed_at, touched_at) VALUES (%(key)s, '{}', %(now)s) ON CONFLICT (key) DO NOTHING;

-- brake_for_update: the recent failures; concurrent attempts wait for each other here
SELECT failed_at FROM login_brake WHERE key = %(key)s FOR UPDATE;

-- set_brake: the failures to remember
UPDATE login_brake SET failed_at = %(failed_at)s, touched_at = %(now)s WHERE key = %(key)s;

-- insert_ticket: a letter with a link is to be written
INSERT INTO ticket (id, user_id, account_id, kind, created_at)
VALUES (%(id)s, %(user_id)s, %(account_id)s, %(kind)s, %(now)s);

-- ticket_for_update: one ticket of one user
SELECT id, user_id, account_id, kind, created_at, minted_at, used_at FROM ticket WHERE id = %(id)s AND user_id = %(user_id)s FOR UPDATE;

-- ticket_by_token: whose ticket this token belongs to
SELECT id, user_id, account_id, kind, created_at, minted_at, used_at FROM ticket WHERE token_hash = %(token_hash)s;

-- ticket_by_token_for_update: the same, and nobody else uses it meanwhile
SELECT id, user_id, account_id, kind, created_at, minted_at, used_at FROM ticket WHERE token_hash = %(token_hash)s FOR UPDATE;

-- mint_ticket: the digest of the token that the letter carries
UPDATE ticket SET token_hash = %(token_hash)s, minted_at = %(now)s WHERE id = %(id)s;

-- use_ticket: it does not work again
UPDATE ticket SET used_at = %(now)s WHERE id = %(id)s;

-- void_tickets: the user's other tickets of these kinds do not work any more
UPDATE ticket SET used_at = %(now)s WHERE user_id = %(user_id)s AND kind = ANY(%(kinds)s) AND used_at IS NULL;

-- void_account_tickets: no link of a company's letters works any more; they still count as letters
UPDATE ticket SET used_at = %(now)s WHERE account_id = %(account_id)s AND kind = ANY(%(kinds)s) AND used_at IS NULL;

-- earlier_tickets: when the user was last sent letters of this kind
SELECT created_at FROM ticket WHERE user_id = %(user_id)s AND kind = %(kind)s AND created_at > %(since)s
ORDER BY created_at DESC LIMIT 100;

-- earlier_letters: when letters of this kind last went to an address, whosever it is
SELECT t.created_at FROM ticket t JOIN account_user u ON u.id = t.user_id
WHERE u.email_index = %(email_index)s AND t.kind = %(kind)s AND t.created_at > %(since)s
ORDER BY t.created_at DESC LIMIT 100;

-- oldest_counted: when the letter was asked for that has so many newer ones of these kinds in the account
SELECT created_at FROM ticket WHERE account_id = %(account_id)s AND kind = ANY(%(kinds)s)
ORDER BY created_at DESC OFFSET %(but)s LIMIT 1;

-- request_letter: somebody asked for a letter
INSERT INTO letter_request (id, kind, email_index, requested_at, due_at)
VALUES (%(id)s, %(kind)s, %(email_index)s, %(now)s, %(now)s);

-- postpone_letter: the wish waits until a letter may go; one that waits already is enough
INSERT INTO letter_request (id, kind, email_index, requested_at, due_at)
SELECT %(id)s, %(kind)s, %(email_index)s, %(now)s, %(due_at)s
WHERE NOT EXISTS (
    SELECT 1 FROM letter_request WHERE email_index = %(email_index)s AND kind = %(kind)s AND is_leased(due_at, %(now)s, %(due)s)
);

-- take_letter_requests: the oldest wishes for letters, gone when this transaction is committed
DELETE FROM letter_request WHERE id IN (
    SELECT id FROM letter_request WHERE is_due(due_at, %(now)s, %(due)s) ORDER BY due_at, id LIMIT %(limit)s FOR UPDATE SKIP LOCKED
)
RETURNING id, kind, email_index;

-- insert_agreement: somebody accepted a document for a company
INSERT INTO agreement (id, account_id, user_id, document, version, text_sha256, language, authority, attested, domain,
                       element, sentences, accepted_at, ip_sealed)
VALUES (%(id)s, %(account_id)s, %(user_id)s, %(document)s, %(version)s, %(text_sha256)s, %(language)s, %(authority)s,
        %(attested)s, %(domain)s, %(element)s, %(sentences)s, %(now)s, %(ip_sealed)s);

-- latest_agreement: what a company agreed to last
SELECT document, version, language, text_sha256, sentences, accepted_at, user_id FROM agreement
WHERE account_id = %(account_id)s ORDER BY accepted_at DESC, id DESC LIMIT 1;

-- remember_call: a call that must have its effects once; the bus forgets it after a day
INSERT INTO command_reply (method, key, reply, created_at) VALUES (%(method)s, %(key)s, '{}', %(now)s)
ON CONFLICT DO NOTHING;

-- expire_attempts: log-in attempts older than promised, unless they may only be stored
DELETE FROM login_attempt WHERE id IN (
    SELECT id FROM login_attempt WHERE at < %(before)s AND NOT is_kept(account_id, user_id, 'login_events')
    LIMIT %(limit)s
);

-- expire_brakes: failures nobody counts any more
DELETE FROM login_brake WHERE key IN (SELECT key FROM login_brake WHERE touched_at < %(before)s LIMIT %(limit)s);

-- expire_sessions: sessions that ended
DELETE FROM session WHERE id IN (
    SELECT id FROM session WHERE created_at < %(created_before)s OR seen_at < %(seen_before)s LIMIT %(limit)s
);

-- expire_tickets: tickets that cannot be of use any more
DELETE FROM ticket WHERE id IN (SELECT id FROM ticket WHERE created_at < %(before)s LIMIT %(limit)s);

-- expire_former_addresses: replaced addresses whose letter was written, or could not be
DELETE FROM former_address WHERE id IN (
    SELECT id FROM former_address WHERE replaced_at <= %(replaced_before)s OR fetched_at <= %(fetched_before)s LIMIT %(limit)s
);

-- expire_agreement_ips: from where somebody accepted, after it served its purpose
UPDATE agreement SET ip_sealed = NULL WHERE id IN (
    SELECT id FROM agreement WHERE accepted_at < %(before)s AND ip_sealed IS NOT NULL
        AND NOT is_kept(account_id, user_id, 'agreements')
    LIMIT %(limit)s
);

-- expire_archive: accepted agreements whose time of keeping has ended
DELETE FROM agreement_archive WHERE id IN (SELECT id FROM agreement_archive WHERE keep_until < %(today)s LIMIT %(limit)s);

-- erasure_step: what an earlier order of this erasure did
SELECT counts, retained FROM erasure_step WHERE erasure_id = %(erasure_id)s;

-- forget_erasure_steps: counts of erasures that nobody asks again to carry out
DELETE FROM erasure_step WHERE erasure_id IN (
    SELECT erasure_id FROM erasure_step WHERE completed_at < %(before)s LIMIT %(limit)s
);

-- save_erasure_step: what this order did
INSERT INTO erasure_step (erasure_id, counts, retained, completed_at)
VALUES (%(erasure_id)s, %(counts)s, %(retained)s, %(now)s);

-- erase_sessions: of the account, or of one user
DELETE FROM session WHERE account_id = %(account_id)s AND (%(user_id)s::uuid IS NULL OR user_id = %(user_id)s);

-- erase_attempts: of the account, or of one user; what is held stays
DELETE FROM login_attempt WHERE account_id = %(account_id)s AND (%(user_id)s::uuid IS NULL OR user_id = %(user_id)s)
    AND NOT is_held(%(held_users)s::uuid[], %(held_categories)s::text[], user_id, %(category)s);

-- erase_tickets: of the account, or of one user
DELETE FROM ticket WHERE account_id = %(account_id)s AND (%(user_id)s::uuid IS NULL OR user_id = %(user_id)s);

-- erase_former_addresses: of the account, or of one user
DELETE FROM former_address WHERE account_id = %(account_id)s AND (%(user_id)s::uuid IS NULL OR user_id = %(user_id)s);

-- erase_credentials: of the account, or of one user
DELETE FROM credential WHERE user_id IN (
    SELECT id FROM account_user WHERE account_id = %(account_id)s AND (%(user_id)s::uuid IS NULL OR id = %(user_id)s)
);

-- address_digests: of the users to be erased
SELECT email_index, new_email_index FROM account_user
WHERE account_id = %(account_id)s AND (%(user_id)s::uuid IS NULL OR id = %(user_id)s) LIMIT 10000;

-- erase_letter_requests: wishes for letters to these addresses
DELETE FROM letter_request WHERE email_index = ANY(%(email_indexes)s);

-- erase_brakes: failures counted for these log-in names
DELETE FROM login_brake WHERE key = ANY(%(keys)s);

-- erase_users: of the account, or one of them; what is held stays
DELETE FROM account_user WHERE account_id = %(account_id)s AND (%(user_id)s::uuid IS NULL OR id = %(user_id)s)
    AND NOT is_held(%(held_users)s::uuid[], %(held_categories)s::text[], id, %(category)s);

-- archive_agreements: the minimum of a concluded agreement, by which somebody proved stood, that bookkeeping law lets outlive the account
INSERT INTO agreement_archive (id, document, version, language, text_sha256, authority, accepted_at, keep_until)
SELECT gen_random_uuid(), document, version, language, text_sha256, authority, accepted_at, %(keep_until)s
FROM agreement WHERE account_id = %(account_id)s AND stood_by_at IS NOT NULL
    AND NOT is_held(%(held_users)s::uuid[], %(held_categories)s::text[], user_id, %(category)s);

-- erase_agreements: the rows that name account and person; what is held stays
DELETE FROM agreement WHERE account_id = %(account_id)s
    AND NOT is_held(%(held_users)s::uuid[], %(held_categories)s::text[], user_id, %(category)s);

-- unname_agreements: one person is forgotten, the company's agreement stands
UPDATE agreement SET user_id = NULL, ip_sealed = NULL WHERE account_id = %(account_id)s AND user_id = %(user_id)s
    AND NOT is_held(%(held_users)s::uuid[], %(held_categories)s::text[], user_id, %(category)s);

-- rests_on_account: a row that is held and refers to the company
SELECT 1 AS found FROM account_user WHERE account_id = %(account_id)s
UNION ALL SELECT 1 FROM agreement WHERE account_id = %(account_id)s
LIMIT 1;

-- empty_account: of the company nothing is left but the row that others refer to
UPDATE account SET name_sealed = '', email_sealed = '', email_index = '', phone_sealed = '', org_number_sealed = NULL,
    org_number_index = NULL, org_form = NULL, register_retry_at = NULL, review_reasons = '{}'
WHERE id = %(account_id)s AND name_sealed <> '';

-- left_held: a row of the scope that was left
SELECT 1 AS found FROM login_attempt
WHERE account_id = %(account_id)s AND (%(user_id)s::uuid IS NULL OR user_id = %(user_id)s)
UNION ALL
SELECT 1 FROM account_user WHERE account_id = %(account_id)s AND (%(user_id)s::uuid IS NULL OR id = %(user_id)s)
UNION ALL
SELECT 1 FROM agreement WHERE account_id = %(account_id)s AND (%(user_id)s::uuid IS NULL OR user_id = %(user_id)s)
UNION ALL
SELECT 1 FROM account WHERE id = %(account_id)s AND %(user_id)s::uuid IS NULL
LIMIT 1;

-- no_login_names: addresses that are only kept because they are held are nobody's log-in names
UPDATE account_user SET is_login_name = false
WHERE account_id = %(account_id)s AND (%(user_id)s::uuid IS NULL OR id = %(user_id)s) AND is_login_name;

-- erase_corrections: the note of what a restore undid goes with the rows
DELETE FROM lost_correction
WHERE account_id = %(account_id)s AND (%(user_id)s::uuid IS NULL OR user_id = %(user_id)s);

-- erase_replayed: what was made true again goes with the rows
DELETE FROM replayed
WHERE account_id = %(account_id)s AND (%(user_id)s::uuid IS NULL OR user_id = %(user_id)s);

-- erase_account: the company itself
DELETE FROM account WHERE id = %(account_id)s;

-- begin_erasure: from this commit on a reactivation is refused
INSERT INTO erasure_begun (erasure_id, account_id, user_id, begun_at)
VALUES (%(erasure_id)s, %(account_id)s, %(user_id)s, %(now)s) ON CONFLICT (erasure_id) DO NOTHING;

-- withdraw_erasure: it is held, and a reactivation is possible again
DELETE FROM erasure_begun WHERE erasure_id = %(erasure_id)s;

-- erasure_has_begun: of the whole account, or of this user of it
SELECT EXISTS (
    SELECT 1 FROM erasure_begun
    WHERE account_id = %(account_id)s AND (user_id IS NULL OR user_id = %(user_id)s)
) AS begun;

-- erase_begun: the mark goes with the rows
DELETE FROM erasure_begun
WHERE account_id = %(account_id)s AND (%(user_id)s::uuid IS NULL OR user_id = %(user_id)s);

-- contract: what was agreed about the end of the contract, and when the customer agreed last
SELECT a.notice_months, a.created_at, coalesce(max(g.accepted_at), a.created_at) AS agreed_at
FROM account a LEFT JOIN agreement g ON g.account_id = a.id
WHERE a.id = %(account_id)s GROUP BY a.id;

-- set_notice_months: a notice period agreed apart
UPDATE account SET notice_months = %(months)s, version = version + 1 WHERE id = %(account_id)s;

-- notice: the notice of termination in force
SELECT noticed_on, ends_on FROM notice WHERE account_id = %(account_id)s;

-- inactivated_by: what made the account inactive
SELECT inactivated_by FROM account WHERE id = %(account_id)s;

-- insert_notice: notice of termination
INSERT INTO notice (account_id, noticed_on, ends_on, channel, registered_at)
VALUES (%(account_id)s, %(noticed_on)s, %(ends_on)s, %(channel)s, %(now)s);

-- next_version: something about the company changed
UPDATE account SET version = version + 1 WHERE id = %(account_id)s;

-- delete_notice: withdrawn, or gone with the account
DELETE FROM notice WHERE account_id = %(account_id)s;

-- drop_spent_notice: its last day has passed, and the customer came back
DELETE FROM notice WHERE account_id = %(account_id)s AND ends_on < %(today)s;

-- ended_contracts: active companies whose notice period has passed; nobody else ends them meanwhile
SELECT a.id FROM notice n JOIN account a ON a.id = n.account_id
WHERE n.ends_on < %(today)s AND a.state = 'active'
ORDER BY n.ends_on, a.id LIMIT %(limit)s FOR UPDATE OF a SKIP LOCKED;
