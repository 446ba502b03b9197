-- The part of the account service in an erasure.

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

-- unknown: which of these companies, and of these users of theirs, there is no row of
SELECT named.account_id, named.user_id
FROM unnest(%(account_ids)s::uuid[], %(user_ids)s::uuid[]) WITH ORDINALITY AS named (account_id, user_id, number)
WHERE CASE
    WHEN named.user_id IS NULL THEN NOT EXISTS (SELECT FROM account WHERE id = named.account_id)
    ELSE NOT EXISTS (SELECT FROM account_user WHERE id = named.user_id AND account_id = named.account_id)
END
ORDER BY named.number;

-- inactive: companies and users made inactive before then; the row of a company may outlive it for others that are held
SELECT account_id, user_id FROM (
    SELECT id, id AS account_id, NULL::uuid AS user_id FROM account
    WHERE state = 'inactive' AND inactivated_at < %(before)s AND name_sealed <> ''
    UNION ALL
    SELECT id, account_id, id FROM account_user WHERE state = 'inactive' AND inactivated_at < %(before)s
) AS inactive
WHERE %(after)s::uuid IS NULL OR id > %(after)s ORDER BY id LIMIT %(limit)s;

-- address_digests: of the users to be erased
SELECT email_index, new_email_index FROM account_user
WHERE account_id = %(account_id)s AND (%(user_id)s::uuid IS NULL OR id = %(user_id)s) LIMIT 10000;

-- erase_sessions: of the account, or of one user
DELETE FROM session WHERE account_id = %(account_id)s AND (%(user_id)s::uuid IS NULL OR user_id = %(user_id)s);

-- erase_form_drafts: what nobody but the browser can read
DELETE FROM form_draft WHERE account_id = %(account_id)s AND (%(user_id)s::uuid IS NULL OR user_id = %(user_id)s);

-- erase_attempts: of the account, or of one user; what is held stays
DELETE FROM login_attempt WHERE account_id = %(account_id)s AND (%(user_id)s::uuid IS NULL OR user_id = %(user_id)s)
    AND NOT is_held(%(held_users)s::uuid[], %(held_categories)s::text[], user_id, %(category)s);

-- erase_tickets: of the account, or of one user
DELETE FROM ticket WHERE account_id = %(account_id)s AND (%(user_id)s::uuid IS NULL OR user_id = %(user_id)s);

-- erase_former_addresses: of the account, or of one user
DELETE FROM former_address WHERE account_id = %(account_id)s AND (%(user_id)s::uuid IS NULL OR user_id = %(user_id)s);

-- erase_letter_requests: wishes for letters to these addresses
DELETE FROM letter_request WHERE email_index = ANY(%(email_indexes)s);

-- erase_brakes: failures counted for these log-in names
DELETE FROM login_brake WHERE key = ANY(%(keys)s);

-- erase_credentials: of the account, or of one user
DELETE FROM credential WHERE user_id IN (
    SELECT id FROM account_user WHERE account_id = %(account_id)s AND (%(user_id)s::uuid IS NULL OR id = %(user_id)s)
);

-- erase_exports: copies with their parts; of one user also those of the company in which this one may be
-- Once this one's row is gone, what was asked for since has nothing of them. What was withdrawn is empty.
DELETE FROM export
WHERE account_id = %(account_id)s
  AND (%(user_id)s::uuid IS NULL OR user_id = %(user_id)s OR asked_by = %(user_id)s
       OR user_id IS NULL AND state <> 'withdrawn' AND EXISTS (SELECT FROM account_user WHERE id = %(user_id)s));

-- erase_transfers: to whom copies were handed over
DELETE FROM export_transfer WHERE account_id = %(account_id)s AND (%(user_id)s::uuid IS NULL OR user_id = %(user_id)s);

-- erase_corrections: the note of what a restore undid goes with the rows
DELETE FROM lost_correction
WHERE account_id = %(account_id)s AND (%(user_id)s::uuid IS NULL OR user_id = %(user_id)s);

-- erase_replayed: what was made true again goes with the rows
DELETE FROM replayed
WHERE account_id = %(account_id)s AND (%(user_id)s::uuid IS NULL OR user_id = %(user_id)s);

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

-- erase_reports: what people of the company reported; what is held stays
DELETE FROM nonconformity_report WHERE account_id = %(account_id)s
    AND NOT is_held(%(held_users)s::uuid[], %(held_categories)s::text[], NULL, %(category)s);

-- unname_reports: one person is forgotten, what was reported for the company stands
UPDATE nonconformity_report SET user_id = NULL WHERE account_id = %(account_id)s AND user_id = %(user_id)s
    AND NOT is_held(%(held_users)s::uuid[], %(held_categories)s::text[], user_id, %(category)s);

-- erase_support_messages: what was written to support and answered, of the account or of one user; what is held stays
DELETE FROM support_message WHERE account_id = %(account_id)s AND (%(user_id)s::uuid IS NULL OR user_id = %(user_id)s)
    AND NOT is_held(%(held_users)s::uuid[], %(held_categories)s::text[], user_id, %(category)s);

-- erase_support_threads: the threads of these messages
DELETE FROM support_thread WHERE account_id = %(account_id)s AND (%(user_id)s::uuid IS NULL OR user_id = %(user_id)s)
    AND NOT is_held(%(held_users)s::uuid[], %(held_categories)s::text[], user_id, %(category)s);

-- erase_users: of the account, or one of them; what is held stays
DELETE FROM account_user WHERE account_id = %(account_id)s AND (%(user_id)s::uuid IS NULL OR id = %(user_id)s)
    AND NOT is_held(%(held_users)s::uuid[], %(held_categories)s::text[], id, %(category)s);

-- erase_contact_attempts: the attempts to reach a customer
DELETE FROM contact_attempt WHERE account_id = %(account_id)s;

-- rests_on_account: a row that is held and refers to the company
SELECT 1 AS found FROM account_user WHERE account_id = %(account_id)s
UNION ALL SELECT 1 FROM agreement WHERE account_id = %(account_id)s
LIMIT 1;

-- empty_account: of the company nothing is left but the row that others refer to
UPDATE account SET name_sealed = '', email_sealed = '', email_index = '', phone_sealed = '', org_number_sealed = NULL,
    contact_address_sealed = NULL, billing_address_sealed = NULL, org_number_index = NULL,
    name_index = NULL, phone_index = NULL, org_form = NULL, register_retry_at = NULL, review_reasons = '{}'
WHERE id = %(account_id)s AND name_sealed <> '';

-- erase_account: the company itself
DELETE FROM account WHERE id = %(account_id)s;

-- left_held: a row of the scope that was left
SELECT 1 AS found FROM login_attempt
WHERE account_id = %(account_id)s AND (%(user_id)s::uuid IS NULL OR user_id = %(user_id)s)
UNION ALL
SELECT 1 FROM account_user WHERE account_id = %(account_id)s AND (%(user_id)s::uuid IS NULL OR id = %(user_id)s)
UNION ALL
SELECT 1 FROM agreement WHERE account_id = %(account_id)s AND (%(user_id)s::uuid IS NULL OR user_id = %(user_id)s)
UNION ALL
SELECT 1 FROM nonconformity_report
WHERE account_id = %(account_id)s AND (%(user_id)s::uuid IS NULL OR user_id = %(user_id)s)
UNION ALL
SELECT 1 FROM support_thread
WHERE account_id = %(account_id)s AND (%(user_id)s::uuid IS NULL OR user_id = %(user_id)s)
UNION ALL
SELECT 1 FROM account WHERE id = %(account_id)s AND %(user_id)s::uuid IS NULL
LIMIT 1;

-- no_login_names: addresses that are only kept because they are held are nobody's log-in names
UPDATE account_user SET is_login_name = false
WHERE account_id = %(account_id)s AND (%(user_id)s::uuid IS NULL OR id = %(user_id)s) AND is_login_name;

-- erase_begun: the mark goes with the rows
DELETE FROM erasure_begun
WHERE account_id = %(account_id)s AND (%(user_id)s::uuid IS NULL OR user_id = %(user_id)s);

-- erase_notice: the notice of termination goes with the account
DELETE FROM notice WHERE account_id = %(account_id)s;

-- left_of: a row of somebody who is erased, and that is not held
SELECT 1 FROM account_user
WHERE account_id = %(account_id)s AND (%(user_id)s::uuid IS NULL OR id = %(user_id)s)
    AND NOT is_kept(account_id, id, 'profile')
UNION ALL
SELECT 1 FROM account WHERE id = %(account_id)s AND %(user_id)s::uuid IS NULL AND name_sealed <> ''
    AND NOT is_kept(id, NULL, 'company')
UNION ALL
SELECT 1 FROM login_attempt
WHERE account_id = %(account_id)s AND (%(user_id)s::uuid IS NULL OR user_id = %(user_id)s)
    AND NOT is_kept(account_id, user_id, 'login_events')
UNION ALL
SELECT 1 FROM nonconformity_report
WHERE account_id = %(account_id)s AND (%(user_id)s::uuid IS NULL OR user_id = %(user_id)s)
    AND NOT is_kept(account_id, NULL, 'company')
UNION ALL
SELECT 1 FROM support_thread
WHERE account_id = %(account_id)s AND (%(user_id)s::uuid IS NULL OR user_id = %(user_id)s)
    AND NOT is_kept(account_id, user_id, 'support')
UNION ALL
-- A company's copy that has an erased user in it is of before that user's row was deleted, in the same transaction.
SELECT 1 FROM export
WHERE account_id = %(account_id)s AND (%(user_id)s::uuid IS NULL OR user_id = %(user_id)s OR asked_by = %(user_id)s)
UNION ALL
SELECT 1 FROM export_transfer
WHERE account_id = %(account_id)s AND (%(user_id)s::uuid IS NULL OR user_id = %(user_id)s)
LIMIT 1;

-- anybody: whether there is one account
SELECT 1 FROM account LIMIT 1;
