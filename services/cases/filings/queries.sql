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

-- mandates: whom a filing names
SELECT account_id, mandate_id, scope, valid_from, valid_to, persons FROM filing_customer
WHERE filing_id = %(filing_id)s ORDER BY account_id LIMIT %(limit)s;

-- ended: until when a mandate counts, where no decision rests on it
UPDATE filing_customer AS c SET valid_to = %(valid_to)s
FROM filing AS f WHERE f.id = c.filing_id AND f.decision_id IS NULL AND c.mandate_id = %(mandate_id)s;

-- leave_out: customers that a notice does not name
DELETE FROM filing_customer WHERE filing_id = %(filing_id)s AND NOT account_id = ANY(%(account_ids)s);

-- decide: that the notice was given, and for whom
UPDATE filing SET extent = %(extent)s, decision_id = %(decision_id)s, notified_at = %(notified_at)s
WHERE id = %(id)s AND decision_id IS NULL;

-- filed_for: the notices that were given for a customer, the first one first
SELECT f.extent, f.notified_at FROM filing AS f JOIN filing_customer AS c ON c.filing_id = f.id
WHERE f.case_id = %(case_id)s AND c.account_id = %(account_id)s AND f.decision_id IS NOT NULL
ORDER BY f.notified_at, f.id;
