-- What staff noted and decided about an account.

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

-- not_approached: accounts made inactive on suspicion although the customer was not approached so often, in so many ways
SELECT count(*) AS count FROM account a
WHERE a.state = 'inactive' AND a.inactivation_reason = ANY (%(reasons)s) AND (
    SELECT count(*) < %(attempts)s OR count(DISTINCT c.channel) < %(channels)s
    FROM contact_attempt c WHERE c.account_id = a.id
);

-- bankrupt_waiting: how many active companies are bankrupt and wait for a person, and since when the first
SELECT count(*) AS count, min(coalesce(register_checked_at, created_at)) AS since FROM account
WHERE state = 'active' AND register_outcome = 'bankrupt' AND may_instruct_since IS NULL;

-- blocked_waiting: how many accounts are blocked, and since when the first
SELECT count(*) AS count, min(blocked_at) AS since FROM account WHERE blocked_at IS NOT NULL;
