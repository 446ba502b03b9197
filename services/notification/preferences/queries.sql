-- opt_outs_of: which classes a user declined, and has not agreed to since
SELECT letter_class FROM opt_out AS o
WHERE o.user_id = %(user_id)s AND NOT EXISTS (
    SELECT FROM consent AS c
    WHERE c.user_id = o.user_id AND c.letter_class = o.letter_class AND c.withdrawn_at IS NULL
);

-- is_declined: whether a class is declined since an instant or before it, and nothing older is agreed to
SELECT 1 AS found FROM opt_out AS o
WHERE o.user_id = %(user_id)s AND o.letter_class = %(letter_class)s AND o.since <= %(since)s AND NOT EXISTS (
    SELECT FROM consent AS c
    WHERE c.user_id = o.user_id AND c.letter_class = o.letter_class AND c.withdrawn_at IS NULL
      AND c.given_at <= %(since)s
);

-- agreed_to: which classes a user agrees to now
SELECT letter_class FROM consent WHERE user_id = %(user_id)s AND withdrawn_at IS NULL;

-- consents_of: every consent of a user, the newest first
SELECT letter_class, wording_sha256, language, given_at, withdrawn_at FROM consent
WHERE user_id = %(user_id)s ORDER BY given_at DESC, id DESC LIMIT %(limit)s;

-- add_consent: a user agrees to a class of letters; nothing changes where they do already
INSERT INTO consent (id, account_id, user_id, letter_class, wording_sha256, language, given_at)
VALUES (%(id)s, %(account_id)s, %(user_id)s, %(letter_class)s, %(wording_sha256)s, %(language)s, %(now)s)
ON CONFLICT (user_id, letter_class) WHERE withdrawn_at IS NULL DO NOTHING;

-- withdraw_consent: what a user agreed to before that instant counts no more since then
UPDATE consent SET withdrawn_at = %(since)s
WHERE user_id = %(user_id)s AND letter_class = %(letter_class)s AND withdrawn_at IS NULL AND given_at <= %(since)s;

-- keep_refusals: of persons who are erased, the digests of addresses to which they declined a class of letters
INSERT INTO refused_address (address_index, letter_class, since, kept_until)
SELECT l.address_index, o.letter_class, min(o.since), %(kept_until)s
FROM opt_out AS o JOIN letter AS l ON l.user_id = o.user_id
WHERE o.account_id = %(account_id)s AND (%(user_id)s::uuid IS NULL OR o.user_id = %(user_id)s)
  AND l.address_index IS NOT NULL
  AND NOT is_held(%(held_users)s::uuid[], %(held_categories)s::text[], o.user_id, %(category)s)
  AND NOT EXISTS (
      SELECT FROM consent AS c
      WHERE c.user_id = o.user_id AND c.letter_class = o.letter_class AND c.withdrawn_at IS NULL
  )
GROUP BY l.address_index, o.letter_class
ON CONFLICT (address_index, letter_class) DO UPDATE
SET since = least(refused_address.since, EXCLUDED.since),
    kept_until = greatest(refused_address.kept_until, EXCLUDED.kept_until);

-- refused_before: whether who had this address declined a class, was erased since, and nobody agreed there after it
SELECT 1 AS found FROM refused_address AS r
WHERE r.address_index = %(address_index)s AND r.letter_class = %(letter_class)s AND NOT EXISTS (
    SELECT FROM consent AS c
    WHERE c.user_id = %(user_id)s AND c.letter_class = r.letter_class AND c.withdrawn_at IS NULL
      AND c.given_at > r.since
);

-- prune_refusals: digests of addresses whose time is over
DELETE FROM refused_address WHERE (address_index, letter_class) IN (
    SELECT address_index, letter_class FROM refused_address WHERE kept_until < %(today)s
    ORDER BY kept_until LIMIT %(limit)s
);

-- under_way: whether a letter to a user is being handed over at this moment
SELECT 1 AS found FROM letter
WHERE user_id = %(user_id)s AND state = 'sending' AND begun_at IS NOT NULL
  AND is_leased(lease_until, %(now)s, %(lease)s) LIMIT 1;

-- declining: users of a company who declined a class, and have not agreed to it since
SELECT o.user_id FROM opt_out AS o
WHERE o.account_id = %(account_id)s AND o.letter_class = %(letter_class)s AND NOT EXISTS (
    SELECT FROM consent AS c
    WHERE c.user_id = o.user_id AND c.letter_class = o.letter_class AND c.withdrawn_at IS NULL
) ORDER BY o.user_id;

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

-- one_at_a_time: what one person agrees to and declines waits for each other, and for letters that begin to leave
SELECT pg_advisory_xact_lock(hashtextextended('objection ' || %(user_id)s::text, 0));

-- objected_before: the first objection of a person that was received by an instant, while all it declined is declined
SELECT o.case_id, o.account_id, o.user_id, o.channel, o.received_at FROM objection AS o
WHERE o.user_id = %(user_id)s AND o.account_id = %(account_id)s AND o.received_at <= %(received_at)s
  AND (
      SELECT count(*) FROM opt_out AS d
      WHERE d.user_id = o.user_id AND d.letter_class = ANY(%(classes)s) AND d.since <= o.received_at
  ) = cardinality(%(classes)s::text[])
  AND NOT EXISTS (
      SELECT FROM consent AS c
      WHERE c.user_id = o.user_id AND c.letter_class = ANY(%(classes)s) AND c.withdrawn_at IS NULL
        AND c.given_at <= %(received_at)s
  )
ORDER BY o.received_at, o.case_id LIMIT 1;
