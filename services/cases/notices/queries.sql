-- Notices of breaches. Every query has a name and a sentence.

-- drop_draft: the draft of a case gives way to another one
DELETE FROM breach_notice WHERE case_id = %(case_id)s AND audience = %(audience)s AND decision_id IS NULL;

-- draft: what is to be told
INSERT INTO breach_notice (id, case_id, number, audience, natures, causes, groups, data, whereabouts, records,
                           consequences, measures, advice, unknown, drafted_by, drafted_at, attempts, breaches)
VALUES (%(id)s, %(case_id)s, %(number)s, %(audience)s, %(natures)s, %(causes)s, %(groups)s, %(data)s, %(whereabouts)s,
        %(records)s, %(consequences)s, %(measures)s, %(advice)s, %(unknown)s, %(drafted_by)s, %(drafted_at)s,
        %(attempts)s, %(breaches)s);

-- of_case: the notices of a case, the first one first
SELECT * FROM breach_notice WHERE case_id = %(case_id)s ORDER BY audience, number LIMIT %(limit)s;

-- get: one notice
SELECT * FROM breach_notice WHERE id = %(id)s;

-- is_there: whether all of a list stands
SELECT 1 AS found FROM affected_list WHERE id = %(list_id)s AND computed_at IS NOT NULL;

-- of_decision: the notice that a decision sends
SELECT * FROM breach_notice WHERE decision_id = %(decision_id)s;

-- decide: a decision rests on a draft
UPDATE breach_notice
SET decision_id = %(decision_id)s, decided_at = %(decided_at)s, late_reason = %(late_reason)s, list_id = %(list_id)s,
    recipients = %(recipients)s
WHERE id = %(id)s AND decision_id IS NULL;

-- restored: that a restore had lost something of a notice; the ledger has it
UPDATE breach_notice SET restored_at = %(now)s, is_told = true WHERE id = %(id)s;

-- untold: a notice that was decided and the ledger does not get yet, which has all of its list; held until the end
SELECT n.*, d.decided_by FROM breach_notice AS n
JOIN case_decision AS d ON d.id = n.decision_id
JOIN affected_list AS l ON l.id = n.list_id
WHERE n.decision_id IS NOT NULL AND NOT n.is_told AND l.parts = (SELECT count(*) FROM fact_kept AS k WHERE k.about = l.id)
ORDER BY n.decided_at LIMIT 1 FOR UPDATE OF n SKIP LOCKED;

-- told: that a notice is on its way to the ledger
UPDATE breach_notice SET is_told = true WHERE id = %(id)s;

-- mark: that the telling of a recipient has come so far, where that is new
INSERT INTO recipient_mark (recipient_id, mark)
SELECT id, %(mark)s FROM notice_recipient
WHERE id = %(id)s
  AND CASE %(mark)s::text WHEN 'sent' THEN sent_at IS NULL WHEN 'told' THEN told_at IS NULL ELSE failure_case_id IS NULL END
ON CONFLICT DO NOTHING;

-- marked: a notice whose recipients have come to a mark, of which the ledger is to know; it has the notice
SELECT r.notice_id, m.mark FROM recipient_mark AS m JOIN notice_recipient AS r ON r.id = m.recipient_id
WHERE EXISTS (SELECT FROM fact_kept AS k WHERE k.about = r.notice_id)
  AND (m.mark <> 'failed' OR EXISTS (SELECT FROM fact_kept AS k WHERE k.about = r.failure_case_id))
LIMIT 1;

-- take_marked: the recipients of a notice that have come to a mark, some; it waits no longer
WITH taken AS (
    DELETE FROM recipient_mark WHERE (recipient_id, mark) IN (
        SELECT m.recipient_id, m.mark FROM recipient_mark AS m JOIN notice_recipient AS r ON r.id = m.recipient_id
        WHERE r.notice_id = %(notice_id)s AND m.mark = %(mark)s
          AND (m.mark <> 'failed' OR EXISTS (SELECT FROM fact_kept AS k WHERE k.about = r.failure_case_id))
        ORDER BY m.recipient_id LIMIT %(limit)s
    ) RETURNING recipient_id
)
SELECT r.id, r.account_id, r.user_id, r.sent_at, r.told_at, r.failed_at, r.reason, r.failure_case_id, n.case_id
FROM taken AS t JOIN notice_recipient AS r ON r.id = t.recipient_id JOIN breach_notice AS n ON n.id = r.notice_id
ORDER BY r.id;

-- drop_mark: that the ledger has this mark
DELETE FROM recipient_mark WHERE recipient_id = %(id)s AND mark = %(mark)s;

-- subjects: whom the list of a notice names
SELECT account_id, user_id FROM affected_subject WHERE list_id = %(list_id)s ORDER BY account_id, user_id LIMIT %(limit)s;

-- add_recipients: whom a notice goes to
INSERT INTO notice_recipient (id, notice_id, account_id, user_id)
SELECT found.id, %(notice_id)s, found.account_id, found.user_id
FROM unnest(%(ids)s::uuid[], %(account_ids)s::uuid[], %(user_ids)s::uuid[]) AS found (id, account_id, user_id)
ON CONFLICT DO NOTHING;

-- nobody_there: customers of a notice to named people who have none of them; a person tells them
UPDATE notice_recipient SET failed_at = %(at)s, reason = %(reason)s
WHERE notice_id = %(notice_id)s AND user_id IS NULL AND failed_at IS NULL;

-- last_of_customer: a person to whom notices to named people go, with those where no other one of the customer is
-- left, and nobody there was told
SELECT r.id, r.notice_id, r.account_id FROM notice_recipient AS r JOIN breach_notice AS n ON n.id = r.notice_id
WHERE r.account_id = %(account_id)s AND r.user_id = %(user_id)s AND n.audience = 'holders' AND r.told_at IS NULL
  AND NOT is_held(%(held_users)s::uuid[], %(held_categories)s::text[], r.user_id, 'cases')
  AND NOT EXISTS (SELECT FROM notice_recipient AS o
                  WHERE o.notice_id = r.notice_id AND o.account_id = r.account_id AND o.id <> r.id)
FOR UPDATE OF r;

-- stand_in: the customer is told in the place of its last person; who sees to that goes on doing so
WITH added AS (
    INSERT INTO notice_recipient (id, notice_id, account_id, failed_at, reason, failure_case_id)
    SELECT %(id)s, r.notice_id, r.account_id, coalesce(r.failed_at, %(at)s),
           CASE WHEN r.failure_case_id IS NULL THEN %(reason)s ELSE r.reason END, r.failure_case_id
    FROM notice_recipient AS r WHERE r.id = %(person)s
    ON CONFLICT DO NOTHING RETURNING id, failure_case_id
)
INSERT INTO recipient_mark (recipient_id, mark) SELECT id, 'failed' FROM added WHERE failure_case_id IS NOT NULL;

-- not_ordered: recipients of a notice whose letter was not ordered yet, a batch; no letter goes to a customer that
-- stands for its people
SELECT r.id, r.account_id, r.user_id FROM notice_recipient AS r JOIN breach_notice AS n ON n.id = r.notice_id
WHERE r.notice_id = %(notice_id)s AND r.ordered_at IS NULL AND (r.user_id IS NOT NULL OR n.audience <> 'holders')
ORDER BY r.id LIMIT %(limit)s FOR UPDATE OF r;

-- order: letters of these recipients are ordered
UPDATE notice_recipient SET ordered_at = %(now)s, order_event_id = %(event_id)s
WHERE id = ANY(%(ids)s) AND ordered_at IS NULL;

-- was_ordered: that the letter of a recipient must have been ordered, for it is known what became of it
UPDATE notice_recipient SET ordered_at = %(at)s, order_event_id = %(event_id)s
WHERE id = %(id)s AND ordered_at IS NULL;

-- unpublished: an event that orders letters of a notice and that the broker has not confirmed
SELECT 1 AS found FROM outbox
WHERE published_at IS NULL
  AND event_id IN (SELECT DISTINCT order_event_id FROM notice_recipient WHERE notice_id = %(notice_id)s)
LIMIT 1;

-- recipient: one recipient of a notice
SELECT * FROM notice_recipient WHERE id = %(id)s;

-- lock_recipient: one recipient, held until the end of the transaction
SELECT r.*, n.case_id FROM notice_recipient AS r JOIN breach_notice AS n ON n.id = r.notice_id
WHERE r.id = %(id)s FOR UPDATE OF r;

-- note: how far the letter of a recipient has come; the first instant of each kind stays, and why a person tells it
UPDATE notice_recipient
SET sent_at = least(coalesce(sent_at, %(sent_at)s), coalesce(%(sent_at)s, sent_at)),
    told_at = least(coalesce(told_at, %(told_at)s), coalesce(%(told_at)s, told_at)),
    failed_at = coalesce(failed_at, %(failed_at)s),
    reason = CASE WHEN failure_case_id IS NULL THEN coalesce(%(reason)s, reason) ELSE reason END,
    failure_case_id = coalesce(failure_case_id, %(failure_case_id)s)
WHERE id = %(id)s;

-- said_gone: recipients of whom it is said that they are gone, a batch; what is held stays until it is released
SELECT id, account_id, user_id FROM notice_recipient
WHERE reason = ANY(%(reasons)s) AND failure_case_id IS NULL AND NOT is_kept(account_id, user_id, 'cases')
ORDER BY failed_at, id LIMIT %(limit)s;

-- silent: recipients of notices decided in that time of whom nothing was heard, and who were not asked for lately
SELECT r.id, r.account_id, r.user_id, r.notice_id, n.case_id, n.decided_at, d.decided_by
FROM notice_recipient AS r JOIN breach_notice AS n ON n.id = r.notice_id JOIN case_decision AS d ON d.id = n.decision_id
WHERE n.decided_at >= %(since)s AND NOT is_leased(n.decided_at, %(before)s, %(silent)s)
  AND r.told_at IS NULL AND r.failed_at IS NULL
  AND NOT is_leased(r.asked_at, %(asked_before)s, %(longest)s)
ORDER BY r.asked_at NULLS FIRST, r.id LIMIT %(limit)s;

-- asked: that it was asked what became of these recipients
UPDATE notice_recipient SET asked_at = %(now)s WHERE id = ANY(%(ids)s);

-- drop_recipient: whoever is no more is on no list, and is told nothing; the customer of a person stays on it
WITH gone AS (
    DELETE FROM notice_recipient WHERE id = %(id)s RETURNING account_id, user_id
), off_lists AS (
    DELETE FROM affected_subject AS s USING gone
    WHERE s.account_id = gone.account_id AND (gone.user_id IS NULL OR s.user_id = gone.user_id)
      AND NOT is_kept(s.account_id, s.user_id, 'cases')
    RETURNING s.list_id, s.account_id, s.part, gone.user_id
)
INSERT INTO affected_subject (list_id, account_id, part)
SELECT list_id, account_id, part FROM off_lists WHERE user_id IS NOT NULL ON CONFLICT DO NOTHING;

-- of_failure: the recipient whom a case of a contact failure is about
SELECT id FROM notice_recipient WHERE failure_case_id = %(case_id)s;

-- counts: how many of each notice of a case were told, and when
SELECT n.id AS notice_id, count(r.id) AS standing, count(r.sent_at) AS sent, count(r.told_at) AS told,
       count(r.failed_at) FILTER (WHERE r.told_at IS NULL) AS failed, min(r.told_at) AS first_told_at,
       max(r.told_at) AS last_told_at
FROM breach_notice AS n LEFT JOIN notice_recipient AS r ON r.notice_id = n.id
WHERE n.case_id = %(case_id)s GROUP BY n.id;

-- recipients: the recipients of a case, those first who could not be reached
SELECT r.notice_id, r.account_id, r.sent_at, r.told_at, r.failed_at, r.reason, r.failure_case_id
FROM notice_recipient AS r JOIN breach_notice AS n ON n.id = r.notice_id
WHERE n.case_id = %(case_id)s
ORDER BY r.failed_at IS NULL OR r.told_at IS NOT NULL, n.number DESC, r.told_at NULLS FIRST, r.id LIMIT %(limit)s;

-- persons_told: when the first and the last person of a case was told
SELECT min(r.told_at) AS first, max(r.told_at) AS last
FROM notice_recipient AS r JOIN breach_notice AS n ON n.id = r.notice_id
WHERE n.case_id = %(case_id)s AND n.audience = 'persons';

-- told_to: the notices of a case that left to a customer or that a person told it, and when its mail had them
SELECT r.notice_id, coalesce(r.sent_at, r.told_at) AS sent_at, r.told_at FROM notice_recipient AS r JOIN breach_notice AS n ON n.id = r.notice_id
WHERE n.case_id = %(case_id)s AND r.account_id = %(account_id)s AND n.audience = 'customers'
  AND (r.sent_at IS NOT NULL OR r.told_at IS NOT NULL);

-- not_told: how many recipients their last notice of a case has not reached, where no person has settled that
SELECT count(*) AS count FROM (
    SELECT DISTINCT ON (r.account_id, r.user_id) r.told_at, f.ended_at
    FROM notice_recipient AS r
    JOIN breach_notice AS n ON n.id = r.notice_id
    LEFT JOIN case_file AS f ON f.id = r.failure_case_id
    WHERE n.case_id = %(case_id)s AND n.decision_id IS NOT NULL
    ORDER BY r.account_id, r.user_id, n.number DESC
) AS newest WHERE told_at IS NULL AND ended_at IS NULL;

-- not_reached: at how many customers nobody was told each notice of a case, and no person has settled that
SELECT count(DISTINCT account_id) AS count FROM (
    SELECT r.account_id FROM notice_recipient AS r
    JOIN breach_notice AS n ON n.id = r.notice_id
    LEFT JOIN case_file AS f ON f.id = r.failure_case_id
    WHERE n.case_id = %(case_id)s AND n.decision_id IS NOT NULL
    GROUP BY n.id, r.account_id
    HAVING NOT bool_or(r.told_at IS NOT NULL) AND NOT bool_and(f.ended_at IS NOT NULL)
) AS waiting;
