-- Dry runs of an erasure. Every query has a name and a sentence.

-- insert: a dry run that was ordered; nothing where it was before
INSERT INTO dry_run (id, account_id, user_id, actor, ordered_at, held, with_held, participants)
VALUES (%(id)s, %(account_id)s, %(user_id)s, %(actor)s, %(ordered_at)s, %(held)s, %(with_held)s, %(participants)s)
ON CONFLICT DO NOTHING;

-- find: one dry run
SELECT id, account_id, user_id, ordered_at, held, with_held, participants FROM dry_run WHERE id = %(id)s;

-- answers: what was answered to it
SELECT participant, counts, retained FROM dry_run_answer WHERE dry_run_id = %(id)s;

-- keep_answer: what a participant that was asked would erase; its first word counts
INSERT INTO dry_run_answer (dry_run_id, participant, counts, retained)
SELECT id, %(participant)s, %(counts)s, %(retained)s FROM dry_run
WHERE id = %(dry_run_id)s AND %(participant)s = ANY (participants)
ON CONFLICT DO NOTHING;

-- purge: dry runs nobody looks at any more
DELETE FROM dry_run WHERE id IN (SELECT id FROM dry_run WHERE ordered_at < %(before)s LIMIT %(limit)s);

-- silent: dry runs ordered before then to which not every participant has answered
SELECT count(*) AS count, min(ordered_at) AS since FROM dry_run AS run
WHERE ordered_at < %(before)s AND EXISTS (
    SELECT FROM unnest(run.participants) AS asked
    WHERE NOT EXISTS (SELECT FROM dry_run_answer WHERE dry_run_id = run.id AND participant = asked)
);
