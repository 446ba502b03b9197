-- Bringing a database that was set back up to the facts of the ledger.

-- account_versions: the version of the account, and what was made true again in it
SELECT a.version, r.base_version, r.raised_to, r.state_version, r.notice_version, r.block_version
FROM account a LEFT JOIN replayed r ON r.subject_id = a.id WHERE a.id = %(id)s FOR UPDATE OF a;

-- user_versions: the version of the user, and what was made true again in the row
SELECT u.version, r.base_version, r.raised_to, r.state_version, r.notice_version, r.block_version
FROM account_user u LEFT JOIN replayed r ON r.subject_id = u.id WHERE u.id = %(id)s FOR UPDATE OF u;

-- keep_replayed: which versions the restore took, and which change of each kind is true again
INSERT INTO replayed (subject_id, account_id, user_id, base_version, raised_to, state_version, notice_version,
                      block_version)
VALUES (%(id)s, %(account_id)s, %(user_id)s, %(base_version)s, %(raised_to)s, %(state_version)s, %(notice_version)s,
        %(block_version)s)
ON CONFLICT (subject_id) DO UPDATE SET base_version = EXCLUDED.base_version, raised_to = EXCLUDED.raised_to,
    state_version = EXCLUDED.state_version, notice_version = EXCLUDED.notice_version,
    block_version = EXCLUDED.block_version;

-- replay_account_state: inactive or active, as it was
UPDATE account SET state = %(state)s, inactivated_at = %(inactivated_at)s, inactivated_by = %(by)s,
    inactivation_reason = NULL,
    sign_up_network = CASE WHEN %(state)s = 'active' THEN sign_up_network END,
    register_retry_at = CASE WHEN %(state)s = 'active' AND org_number_sealed IS NOT NULL THEN %(reactivated_at)s::timestamptz END,
    reactivated_at = coalesce(%(reactivated_at)s::timestamptz, reactivated_at)
WHERE id = %(id)s;

-- replay_block: closed by staff since then, or not closed
UPDATE account SET blocked_at = %(blocked_at)s::timestamptz, block_reason = %(reason)s::text WHERE id = %(id)s;

-- replay_user_state: inactive or active, as it was
UPDATE account_user SET state = %(state)s, inactivated_at = %(inactivated_at)s, inactivated_by = %(by)s,
    reactivated_at = coalesce(%(reactivated_at)s::timestamptz, reactivated_at)
WHERE id = %(id)s;

-- end_links: the sessions of the account, or of one user
DELETE FROM session WHERE account_id = %(account_id)s AND (%(user_id)s::uuid IS NULL OR user_id = %(user_id)s);

-- void_links: links in letters that were on their way
DELETE FROM ticket WHERE account_id = %(account_id)s AND (%(user_id)s::uuid IS NULL OR user_id = %(user_id)s);

-- drop_old_password: one that was changed since is not valid any more
DELETE FROM credential WHERE user_id = %(user_id)s AND changed_at < %(since)s;

-- end_old_sessions: a user's sessions from before a change, or everybody's of a company
DELETE FROM session
WHERE account_id = %(account_id)s AND (%(user_id)s::uuid IS NULL OR user_id = %(user_id)s) AND created_at < %(since)s;

-- void_old_links: links in letters from before that
UPDATE ticket SET used_at = %(since)s
WHERE account_id = %(account_id)s AND (%(user_id)s::uuid IS NULL OR user_id = %(user_id)s)
  AND created_at < %(since)s AND used_at IS NULL;

-- note_lost: what was corrected and the backup does not have
INSERT INTO lost_correction (id, account_id, user_id, fields, corrected_at, version)
VALUES (%(id)s, %(account_id)s, %(user_id)s, %(fields)s, %(corrected_at)s, %(version)s)
ON CONFLICT (coalesce(user_id, account_id), version) DO NOTHING;

-- raise_user_version: nobody who read the row before the restore can write over it
UPDATE account_user SET version = %(version)s WHERE id = %(id)s AND version < %(version)s;

-- raise_account_version: nobody who read the row before the restore can write over it
UPDATE account SET version = %(version)s WHERE id = %(id)s AND version < %(version)s;

-- drop_notice: whatever notice the account had before the change
DELETE FROM notice WHERE account_id = %(account_id)s;

-- give_notice_again: notice of termination, as it was given
INSERT INTO notice (account_id, noticed_on, ends_on, channel, registered_at)
VALUES (%(account_id)s, %(noticed_on)s, %(ends_on)s, %(channel)s, %(registered_at)s);

-- noted: whether a correction that was lost is noted
SELECT 1 FROM lost_correction WHERE coalesce(user_id, account_id) = %(id)s AND version = %(version)s;
