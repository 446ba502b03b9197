-- Reports of customers. Every query has a name and a sentence.

-- add: a report, its text sealed under the company's key
INSERT INTO nonconformity_report (id, account_id, user_id, about, text_sealed, noticed_at, received_at, expires_on)
VALUES (%(id)s, %(account_id)s, %(user_id)s, %(about)s, %(text_sealed)s, %(noticed_at)s, %(now)s, %(expires_on)s);

-- get: what one is about, and when it came
SELECT about, noticed_at, received_at FROM nonconformity_report WHERE id = %(id)s;

-- earlier: when this user reported in that time, as many as count
SELECT received_at FROM nonconformity_report WHERE user_id = %(user_id)s AND received_at BETWEEN %(since)s AND %(until)s
ORDER BY received_at DESC LIMIT %(limit)s;

-- of_account: one report, or those of a company or a user: the newest of each user, then the one before of each
SELECT id, account_id, user_id, about, text_sealed, noticed_at, received_at
FROM (
    SELECT *, row_number() OVER (PARTITION BY user_id ORDER BY received_at DESC, id DESC) AS place
    FROM nonconformity_report
    WHERE account_id = %(account_id)s AND (%(user_id)s::uuid IS NULL OR user_id = %(user_id)s)
      AND (%(report_id)s::uuid IS NULL OR id = %(report_id)s)
) AS placed
ORDER BY place, received_at DESC, id DESC LIMIT %(limit)s;

-- expire: reports whose time is over, a batch, unless they may only be stored
DELETE FROM nonconformity_report WHERE id IN (
    SELECT id FROM nonconformity_report WHERE expires_on <= %(today)s AND NOT is_kept(account_id, user_id, 'company')
    ORDER BY expires_on LIMIT %(limit)s
);
