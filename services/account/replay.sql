-- Bringing a database that was set back up to the facts of the ledger.

-- replay_account_state: inactive or active, unless the row has seen this change or a later one
UPDATE account SET state = %(state)s, version = %(version)s, inactivated_at = %(inactivated_at)s,
    inactivated_by = %(by)s, register_retry_at = NULL, reactivated_at = coalesce(%(reactivated_at)s, reactivated_at)
WHERE id = %(id)s AND version < %(version)s;

-- replay_user_state: inactive or active, unless the row has seen this change or a later one
UPDATE account_user SET state = %(state)s, version = %(version)s, inactivated_at = %(inactivated_at)s,
    inactivated_by = %(by)s
WHERE id = %(id)s AND version < %(version)s;

-- end_links: the sessions of the account, or of one user
DELETE FROM session WHERE account_id = %(account_id)s AND (%(user_id)s::uuid IS NULL OR user_id = %(user_id)s);

-- void_links: links in letters that were on their way
DELETE FROM ticket WHERE account_id = %(account_id)s AND (%(user_id)s::uuid IS NULL OR user_id = %(user_id)s);

-- drop_old_password: one that was changed since is not valid any more
DELETE FROM credential WHERE user_id = %(user_id)s AND changed_at < %(since)s;

-- end_old_links: sessions from before the password was changed
DELETE FROM session WHERE user_id = %(user_id)s AND created_at < %(since)s;

-- note_lost_of_user: what a person had corrected and the backup does not have
INSERT INTO lost_correction (id, account_id, user_id, fields, corrected_at)
SELECT %(id)s, account_id, id, %(fields)s, %(corrected_at)s FROM account_user
WHERE id = %(user_id)s AND version < %(version)s;

-- note_lost_of_account: what was corrected of the company and the backup does not have
INSERT INTO lost_correction (id, account_id, fields, corrected_at)
SELECT %(id)s, id, %(fields)s, %(corrected_at)s FROM account
WHERE id = %(account_id)s AND %(user_id)s::uuid IS NULL AND version < %(version)s;

-- raise_user_version: nobody who read the row before the restore can write over it
UPDATE account_user SET version = %(version)s
WHERE id = %(user_id)s AND account_id = %(account_id)s AND version < %(version)s;

-- raise_account_version: nobody who read the row before the restore can write over it
UPDATE account SET version = %(version)s
WHERE id = %(account_id)s AND %(user_id)s::uuid IS NULL AND version < %(version)s;

-- drop_notice: whatever notice the account had before the change
DELETE FROM notice WHERE account_id IN (
    SELECT id FROM account WHERE id = %(account_id)s AND version < %(version)s
);

-- give_notice_again: notice of termination, unless the row has seen this change or a later one
INSERT INTO notice (account_id, noticed_on, ends_on, channel, registered_at)
SELECT id, %(noticed_on)s, %(ends_on)s, %(channel)s, %(registered_at)s
FROM account WHERE id = %(account_id)s AND version < %(version)s;

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
LIMIT 1;

-- older_account: the account as it was before the change
SELECT 1 FROM account
WHERE id = %(account_id)s AND %(user_id)s::uuid IS NULL AND version < %(version)s LIMIT 1;

-- older_user: the user as it was before the change
SELECT 1 FROM account_user WHERE id = %(user_id)s AND account_id = %(account_id)s AND version < %(version)s LIMIT 1;

-- anybody: whether there is one account
SELECT 1 FROM account LIMIT 1;
