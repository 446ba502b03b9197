-- What customers have reported. Every query has a name and a sentence.

-- recipients: whom a case is about, each company with the person of it that was named first, if any: who reported it
SELECT account_id, (array_agg(user_id ORDER BY added_at, user_id) FILTER (WHERE user_id IS NOT NULL))[1] AS user_id
FROM case_subject WHERE case_id = %(case_id)s
GROUP BY account_id ORDER BY account_id LIMIT %(limit)s;

-- unpublished: one of these events that the broker has not confirmed
SELECT 1 AS found FROM outbox WHERE published_at IS NULL AND event_id = ANY(%(event_ids)s) LIMIT 1;

-- of_customer: cases of something not as agreed, or of a disagreement, that name this company, or this person of it; the newest first
SELECT f.id, f.reference, f.signal, f.state, f.received_at, f.ended_at, d.reason
FROM case_file AS f
LEFT JOIN LATERAL (
    SELECT reason FROM case_decision WHERE case_id = f.id AND to_state = f.state ORDER BY number DESC LIMIT 1
) AS d ON true
WHERE f.kind IN ('nonconformity', 'dispute') AND EXISTS (
    SELECT FROM case_subject AS s WHERE s.case_id = f.id AND s.account_id = %(account_id)s
      AND (%(user_id)s::uuid IS NULL OR s.user_id = %(user_id)s)
)
ORDER BY f.received_at DESC, f.id DESC LIMIT %(limit)s;
