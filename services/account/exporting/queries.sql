-- What the account service hands out for copies. Every query has a name and a sentence.

-- users: one user, or all of the company
SELECT id::text AS place, id, id AS user_id, account_id, category, role, state, language, name_sealed, email_sealed, phone_sealed,
       new_email_sealed, is_login_name, email_confirmed_at, created_at, inactivated_at, inactivated_by, reactivated_at
FROM account_user
WHERE account_id = %(account_id)s AND (id = %(user_id)s::uuid OR %(user_id)s::uuid IS NULL AND NOT is_kept(account_id, id, 'profile'))
  AND (%(after)s::uuid IS NULL OR id > %(after)s)
ORDER BY id LIMIT %(limit)s;

-- company: the company itself
SELECT id::text AS place, id, state, language, name_sealed, email_sealed, phone_sealed, org_number_sealed,
       contact_address_sealed, billing_address_sealed, org_form, register_outcome, register_checked_at, review_reasons,
       block_reason, blocked_at, may_instruct_since, notice_months, created_at, inactivated_at, inactivated_by,
       inactivation_reason, reactivated_at, accuracy_asked_at, accuracy_confirmed_at
FROM account
WHERE id = %(account_id)s AND %(user_id)s::uuid IS NULL AND (%(after)s::uuid IS NULL OR id > %(after)s)
ORDER BY id LIMIT %(limit)s;

-- passwords: when the password was set; the password itself is nowhere
SELECT c.user_id::text AS place, c.changed_at, c.reset_required_at
FROM credential AS c JOIN account_user AS u ON u.id = c.user_id
WHERE u.account_id = %(account_id)s AND c.user_id = %(user_id)s::uuid AND (%(after)s::uuid IS NULL OR c.user_id > %(after)s)
ORDER BY c.user_id LIMIT %(limit)s;

-- sessions: open log-ins of one user
SELECT id::text AS place, created_at, seen_at FROM session
WHERE account_id = %(account_id)s AND user_id = %(user_id)s::uuid AND (%(after)s::uuid IS NULL OR id > %(after)s)
ORDER BY id LIMIT %(limit)s;

-- attempts: attempts of one user to log in
SELECT id::text AS place, id, account_id, user_id, at, outcome, ip_sealed, user_agent_sealed, sealed_for_nobody
FROM login_attempt
WHERE account_id = %(account_id)s AND user_id = %(user_id)s::uuid AND (%(after)s::uuid IS NULL OR id > %(after)s)
ORDER BY id LIMIT %(limit)s;

-- former_addresses: addresses that one user had before
SELECT id::text AS place, id, user_id, account_id, email_sealed, replaced_at FROM former_address
WHERE account_id = %(account_id)s AND user_id = %(user_id)s::uuid AND (%(after)s::uuid IS NULL OR id > %(after)s)
ORDER BY id LIMIT %(limit)s;

-- links: links in letters to one user
SELECT id::text AS place, kind, created_at, used_at FROM ticket
WHERE account_id = %(account_id)s AND user_id = %(user_id)s::uuid AND (%(after)s::uuid IS NULL OR id > %(after)s)
ORDER BY id LIMIT %(limit)s;

-- agreements: what was accepted for the company, by one user or by anybody
SELECT id::text AS place, id, user_id, account_id, document, version, language, text_sha256, authority, attested, domain,
       element, sentences::text AS sentences, accepted_at, stood_by_at, ip_sealed
FROM agreement
WHERE account_id = %(account_id)s AND (%(user_id)s::uuid IS NULL OR user_id = %(user_id)s)
  AND (%(after)s::uuid IS NULL OR id > %(after)s)
ORDER BY id LIMIT %(limit)s;

-- reports: what one user reported, or the whole company
SELECT id::text AS place, id, account_id, about, text_sealed, noticed_at, received_at, expires_on FROM nonconformity_report
WHERE account_id = %(account_id)s
  AND (user_id = %(user_id)s::uuid OR %(user_id)s::uuid IS NULL AND NOT is_kept(account_id, user_id, 'company'))
  AND (%(after)s::uuid IS NULL OR id > %(after)s)
ORDER BY id LIMIT %(limit)s;

-- support_threads: what one user has written about to support
SELECT id::text AS place, id::text AS thread_id, kind, begun_at, written_at, state, answer_due, expires_on FROM support_thread
WHERE account_id = %(account_id)s AND user_id = %(user_id)s::uuid AND (%(after)s::uuid IS NULL OR id > %(after)s)
ORDER BY id LIMIT %(limit)s;

-- support_messages: what one user wrote to support
SELECT id::text AS place, id, user_id, account_id, thread_id::text AS thread_id, number, way, text_sealed, written_at
FROM support_message
WHERE account_id = %(account_id)s AND user_id = %(user_id)s::uuid AND written_by = 'person'
  AND (%(after)s::uuid IS NULL OR id > %(after)s)
ORDER BY id LIMIT %(limit)s;

-- support_answers: what support answered one user; never who of the staff it was
SELECT id::text AS place, id, user_id, account_id, thread_id::text AS thread_id, number, text_sealed, written_at
FROM support_message
WHERE account_id = %(account_id)s AND user_id = %(user_id)s::uuid AND written_by = 'support'
  AND (%(after)s::uuid IS NULL OR id > %(after)s)
ORDER BY id LIMIT %(limit)s;

-- notices: the notice of termination
SELECT account_id::text AS place, noticed_on, ends_on, channel, registered_at FROM notice
WHERE account_id = %(account_id)s AND %(user_id)s::uuid IS NULL AND (%(after)s::uuid IS NULL OR account_id > %(after)s)
ORDER BY account_id LIMIT %(limit)s;

-- contact_attempts: attempts to reach the company
SELECT id::text AS place, channel, outcome, attempted_on, recorded_at FROM contact_attempt
WHERE account_id = %(account_id)s AND %(user_id)s::uuid IS NULL AND (%(after)s::uuid IS NULL OR id > %(after)s)
ORDER BY id LIMIT %(limit)s;

-- transfers: to whom one user had copies handed over
SELECT id::text AS place, id, account_id, user_id, receiver_sealed, made_at, fetched_at, fetches, received_at, ended_at, sha256, receipt
FROM export_transfer
WHERE account_id = %(account_id)s AND user_id = %(user_id)s::uuid AND (%(after)s::uuid IS NULL OR id > %(after)s)
ORDER BY id LIMIT %(limit)s;
