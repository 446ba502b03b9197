-- What notification hands out for copies. Every query has a name and a sentence.

-- letters: letters to one user
SELECT id::text AS place, letter, cause, happened_at, state, reason, requested_at, sent_at, settled_at, due_on, case_id,
       provider_message_id, provider_code
FROM letter
WHERE account_id = %(account_id)s AND user_id = %(user_id)s::uuid AND (%(after)s::uuid IS NULL OR id > %(after)s)
ORDER BY id LIMIT %(limit)s;

-- mailings: what was to be told to the company, or to one user
SELECT id::text AS place, letter, cause, happened_at, state, requested_at, settled_at, due_on, case_id FROM mailing
WHERE account_id = %(account_id)s AND (CASE WHEN %(user_id)s::uuid IS NULL THEN user_id IS NULL ELSE user_id = %(user_id)s END)
  AND (%(after)s::uuid IS NULL OR id > %(after)s)
ORDER BY id LIMIT %(limit)s;

-- opt_outs: classes of letters that one user declined
SELECT letter_class AS place, letter_class, since FROM opt_out
WHERE account_id = %(account_id)s AND user_id = %(user_id)s::uuid
  AND (%(after)s::text IS NULL OR letter_class > %(after)s::text)
ORDER BY letter_class LIMIT %(limit)s;

-- objections: objections to marketing of one user
SELECT case_id::text AS place, channel, received_at, case_id FROM objection
WHERE account_id = %(account_id)s AND user_id = %(user_id)s::uuid AND (%(after)s::uuid IS NULL OR case_id > %(after)s)
ORDER BY case_id LIMIT %(limit)s;

-- consents: what one user agreed to, and what of it counts no more
SELECT id::text AS place, letter_class, language, wording_sha256, given_at, withdrawn_at FROM consent
WHERE account_id = %(account_id)s AND user_id = %(user_id)s::uuid AND (%(after)s::uuid IS NULL OR id > %(after)s)
ORDER BY id LIMIT %(limit)s;

-- suppressions: why no e-mail goes to an address of one user
SELECT id::text AS place, kind, since, times, ends_at FROM suppression
WHERE account_id = %(account_id)s AND user_id = %(user_id)s::uuid AND (%(after)s::uuid IS NULL OR id > %(after)s)
ORDER BY id LIMIT %(limit)s;

-- tasks: what staff were to do about one user, or the company
SELECT id::text AS place, kind, letter, reason, due_on, raised_at, done_at, outcome FROM person_task
WHERE account_id = %(account_id)s AND (CASE WHEN %(user_id)s::uuid IS NULL THEN user_id IS NULL ELSE user_id = %(user_id)s END)
  AND (%(after)s::uuid IS NULL OR id > %(after)s)
ORDER BY id LIMIT %(limit)s;
