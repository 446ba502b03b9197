-- What the ledger has, and what of it cannot be made true yet. Every query has a name and a sentence.

-- keep: that the ledger has a fact which others follow
INSERT INTO fact_kept (about, part, case_id, kept_at) VALUES (%(about)s, %(part)s, %(case_id)s, %(at)s)
ON CONFLICT DO NOTHING;

-- kept: how many parts of something the ledger has
SELECT count(*) AS count FROM fact_kept WHERE about = %(about)s;

-- is_kept: whether the ledger has this part
SELECT 1 AS found FROM fact_kept WHERE about = %(about)s AND part = %(part)s;

-- touched: that a case was made true again, at which a person is to look
UPDATE case_file SET restored_at = %(now)s WHERE id = %(case_id)s;

-- put_off: a line that is made true in its turn
INSERT INTO fact_put_off (position, turn, line) VALUES (%(position)s, %(turn)s, %(line)s) ON CONFLICT DO NOTHING;

-- is_put_off: whether a line waits for its turn
SELECT 1 AS found FROM fact_put_off WHERE position = %(position)s;

-- take: the lines whose turn it is, some: none before those of its subject with a lower sequence, whatever clocks said
WITH placed AS (
    SELECT position,
        CASE WHEN split_part(turn, ' ', 2) = %(unnumbered)s THEN turn ELSE
            max(split_part(turn, ' ', 1) COLLATE "C") OVER (
                PARTITION BY convert_from(line, 'UTF8')::json ->> 'subject' ORDER BY split_part(turn, ' ', 2) COLLATE "C"
            ) || substr(turn, strpos(turn, ' '))
        END COLLATE "C" AS turn
    FROM fact_put_off
), first AS (
    SELECT position, turn FROM placed ORDER BY turn, position LIMIT %(limit)s
)
DELETE FROM fact_put_off AS f USING first WHERE f.position = first.position RETURNING f.position, first.turn, f.line;
