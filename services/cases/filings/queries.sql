-- Notices to the authority for customers with a mandate. Every query has a name and a sentence.

-- drop_undecided: what was looked up and no decision rests on
DELETE FROM filing WHERE case_id = %(case_id)s AND decision_id IS NULL;

-- ask: that mandates are to be looked up
INSERT INTO filing (id, case_id, asked_by, asked_at) VALUES (%(id)s, %(case_id)s, %(asked_by)s, %(asked_at)s);

-- waiting: what nobody has looked up, the oldest first
SELECT * FROM filing WHERE looked_up_at IS NULL ORDER BY asked_at, id LIMIT %(limit)s;

-- lock: one filing, held until the end of the transaction
SELECT * FROM filing WHERE id = %(id)s FOR UPDATE;

-- of_case: the filings of a case, the newest first
SELECT * FROM filing WHERE case_id = %(case_id)s ORDER BY asked_at DESC, id DESC LIMIT %(limit)s;

-- listed: the customers on the frozen list of a case, with how many of their persons are concerned
SELECT s.account_id, count(s.user_id) AS persons FROM affected_subject AS s
WHERE s.list_id = (
    SELECT id FROM affected_list WHERE case_id = %(case_id)s AND decision_id IS NOT NULL
    ORDER BY asked_at DESC, id DESC LIMIT 1
)
GROUP BY s.account_id ORDER BY s.account_id LIMIT %(limit)s;

-- add: the mandate of a customer
INSERT INTO filing_customer (filing_id, account_id, mandate_id, scope, valid_from, valid_to, persons)
VALUES (%(filing_id)s, %(account_id)s, %(mandate_id)s, %(scope)s, %(valid_from)s, %(valid_to)s, %(persons)s)
ON CONFLICT DO NOTHING;

-- looked_up: that all mandates are there
UPDATE filing SET looked_up_at = %(now)s WHERE id = %(id)s AND looked_up_at IS NULL;

-- mandates: whom a filing names, those after one customer
SELECT account_id, mandate_id, scope, valid_from, valid_to, persons FROM filing_customer
WHERE filing_id = %(filing_id)s AND (%(after)s::uuid IS NULL OR account_id > %(after)s)
ORDER BY account_id LIMIT %(limit)s;

-- counts: how many customers each filing of a case names, with how many persons, and whose mandate does not count that day
SELECT f.id AS filing_id, count(c.account_id) AS named, coalesce(sum(c.persons), 0)::bigint AS persons,
       count(c.account_id) FILTER (WHERE c.valid_from > %(day)s OR c.valid_to <= %(day)s) AS over
FROM filing AS f LEFT JOIN filing_customer AS c ON c.filing_id = f.id
WHERE f.case_id = %(case_id)s GROUP BY f.id;

-- others: how many customers on the frozen list of a case each of its filings does not name
SELECT f.id AS filing_id, count(DISTINCT s.account_id) AS others
FROM filing AS f JOIN affected_subject AS s ON s.list_id = (
    SELECT id FROM affected_list WHERE case_id = %(case_id)s AND decision_id IS NOT NULL
    ORDER BY asked_at DESC, id DESC LIMIT 1
)
WHERE f.case_id = %(case_id)s
  AND NOT EXISTS (SELECT FROM filing_customer AS c WHERE c.filing_id = f.id AND c.account_id = s.account_id)
GROUP BY f.id;

-- ended: until when a mandate counts, where no decision rests on it
UPDATE filing_customer AS c SET valid_to = %(valid_to)s
FROM filing AS f WHERE f.id = c.filing_id AND f.decision_id IS NULL AND c.mandate_id = %(mandate_id)s;

-- first_told: open cases in which a customer with a mandate that counts that day was told earlier than is known
SELECT f.case_id, min(r.told_at) AS told_at
FROM filing AS f JOIN filing_customer AS m ON m.filing_id = f.id JOIN case_file AS c ON c.id = f.case_id
JOIN breach_notice AS n ON n.case_id = f.case_id
JOIN notice_recipient AS r ON r.notice_id = n.id AND r.account_id = m.account_id
WHERE c.ended_at IS NULL AND r.told_at IS NOT NULL AND (m.valid_to IS NULL OR m.valid_to > %(day)s)
GROUP BY f.case_id
HAVING min(r.told_at) < coalesce(
    (SELECT min(i.at) FROM case_instant AS i WHERE i.case_id = f.case_id AND i.name = %(name)s), 'infinity'
)
ORDER BY 2 LIMIT %(limit)s;

-- leave_out: customers that a notice does not name
DELETE FROM filing_customer WHERE filing_id = %(filing_id)s AND NOT account_id = ANY(%(account_ids)s);

-- decide: that the notice was given, and for whom
UPDATE filing SET extent = %(extent)s, decision_id = %(decision_id)s, notified_at = %(notified_at)s
WHERE id = %(id)s AND decision_id IS NULL;

-- filed_for: the notices that were given for a customer, the first one first
SELECT f.extent, f.notified_at FROM filing AS f JOIN filing_customer AS c ON c.filing_id = f.id
WHERE f.case_id = %(case_id)s AND c.account_id = %(account_id)s AND f.decision_id IS NOT NULL
ORDER BY f.notified_at, f.id;
