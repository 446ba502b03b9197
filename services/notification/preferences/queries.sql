-- opt_outs_of: which classes a user declined
SELECT letter_class FROM opt_out WHERE user_id = %(user_id)s;

-- declining: users of a company who declined a class
SELECT user_id FROM opt_out WHERE account_id = %(account_id)s AND letter_class = %(letter_class)s ORDER BY user_id;

-- add_opt_out: a user declines a class of letters; an earlier receipt counts. Nothing changes where it was known
INSERT INTO opt_out (user_id, letter_class, account_id, since)
VALUES (%(user_id)s, %(letter_class)s, %(account_id)s, %(now)s)
ON CONFLICT (user_id, letter_class) DO UPDATE SET since = EXCLUDED.since WHERE opt_out.since > EXCLUDED.since;

-- add_objection: an objection to marketing, once
INSERT INTO objection (case_id, account_id, user_id, channel, received_at, noted_at)
VALUES (%(case_id)s, %(account_id)s, %(user_id)s, %(channel)s, %(received_at)s, %(now)s)
ON CONFLICT (case_id) DO NOTHING;

-- objection: an objection by its id
SELECT case_id, account_id, user_id, channel, received_at FROM objection WHERE case_id = %(case_id)s;

-- not_in_force: objections of which a class was not declined, or only since later
SELECT count(*) AS count FROM objection AS o
WHERE EXISTS (
    SELECT 1 FROM unnest(%(classes)s::text[]) AS c (letter_class)
    WHERE NOT EXISTS (
        SELECT 1 FROM opt_out AS d
        WHERE d.user_id = o.user_id AND d.letter_class = c.letter_class AND d.since <= o.received_at
    )
);

-- one_at_a_time: objections of one person wait for each other, until the end of the transaction
SELECT pg_advisory_xact_lock(hashtextextended('objection ' || %(user_id)s::text, 0));

-- objected_before: the first objection of a person that was received by an instant, while all it declined is declined
SELECT o.case_id, o.account_id, o.user_id, o.channel, o.received_at FROM objection AS o
WHERE o.user_id = %(user_id)s AND o.account_id = %(account_id)s AND o.received_at <= %(received_at)s
  AND (
      SELECT count(*) FROM opt_out AS d
      WHERE d.user_id = o.user_id AND d.letter_class = ANY(%(classes)s) AND d.since <= o.received_at
  ) = cardinality(%(classes)s::text[])
ORDER BY o.received_at, o.case_id LIMIT 1;
