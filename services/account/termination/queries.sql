-- Contracts and notices of termination.

-- contract: what was agreed about the end of the contract, and when the customer agreed last
SELECT a.notice_months, a.created_at, coalesce(max(g.accepted_at), a.created_at) AS agreed_at
FROM account a LEFT JOIN agreement g ON g.account_id = a.id
WHERE a.id = %(account_id)s GROUP BY a.id;

-- set_notice_months: a notice period agreed apart
UPDATE account SET notice_months = %(months)s, version = version + 1 WHERE id = %(account_id)s;

-- notice: the notice of termination in force
SELECT noticed_on, ends_on FROM notice WHERE account_id = %(account_id)s;

-- reactivated_at: when the customer came back last
SELECT reactivated_at FROM account WHERE id = %(account_id)s;

-- user_reactivated_at: when one of its users came back last
SELECT reactivated_at FROM account_user WHERE id = %(user_id)s;

-- insert_notice: notice of termination
INSERT INTO notice (account_id, noticed_on, ends_on, channel, registered_at)
VALUES (%(account_id)s, %(noticed_on)s, %(ends_on)s, %(channel)s, %(now)s);

-- next_version: something about the company changed
UPDATE account SET version = version + 1 WHERE id = %(account_id)s;

-- delete_notice: withdrawn, or gone with the account
DELETE FROM notice WHERE account_id = %(account_id)s;

-- drop_spent_notice: its last day has passed, and the customer came back
DELETE FROM notice WHERE account_id = %(account_id)s AND ends_on < %(today)s;

-- still_active: companies whose notice period had passed by that day and that are active all the same
SELECT count(*) AS count FROM notice n JOIN account a ON a.id = n.account_id
WHERE n.ends_on < %(today)s AND a.state = 'active';

-- ended_contracts: active companies whose notice period has passed; nobody else ends them meanwhile
SELECT a.id FROM notice n JOIN account a ON a.id = n.account_id
WHERE n.ends_on < %(today)s AND a.state = 'active'
ORDER BY n.ends_on, a.id LIMIT %(limit)s FOR UPDATE OF a SKIP LOCKED;
