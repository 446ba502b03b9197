-- add: a campaign as a draft
INSERT INTO campaign (id, letter_class, language, subject_nb, text_nb, subject_en, text_en, drafted_by, drafted_at)
VALUES (%(id)s, %(letter_class)s, %(language)s, %(subject_nb)s, %(text_nb)s, %(subject_en)s, %(text_en)s,
        %(drafted_by)s, %(drafted_at)s);

-- by_id: one campaign
SELECT * FROM campaign WHERE id = %(id)s;

-- lock: one campaign, held until the transaction ends
SELECT * FROM campaign WHERE id = %(id)s FOR UPDATE;

-- listed: a page of campaigns, the newest first
SELECT * FROM campaign
WHERE %(after_at)s::timestamptz IS NULL OR (drafted_at, id) < (%(after_at)s::timestamptz, %(after_id)s::uuid)
ORDER BY drafted_at DESC, id DESC LIMIT %(limit)s;

-- start: two persons send a campaign
UPDATE campaign SET state = 'running', started_at = %(now)s, requested_by = %(requested_by)s,
    approved_by = %(approved_by)s
WHERE id = %(id)s;

-- end_campaign: a campaign is over
UPDATE campaign SET state = %(state)s, ended_at = %(now)s WHERE id = %(id)s;

-- claim: a campaign of which not everybody is chosen, the one that was looked at longest ago, for one process
SELECT * FROM campaign WHERE state = 'running' AND all_chosen_at IS NULL
ORDER BY chosen, started_at LIMIT 1 FOR UPDATE SKIP LOCKED;

-- next_of: who agrees to a class of letters, in the order of their ids
SELECT user_id, account_id FROM consent
WHERE letter_class = %(letter_class)s AND withdrawn_at IS NULL AND (%(after)s::uuid IS NULL OR user_id > %(after)s)
ORDER BY user_id LIMIT %(limit)s;

-- note_chosen: so many have a letter by now, up to this id; with an instant that is everybody
UPDATE campaign SET chosen = chosen + %(count)s, chosen_to = coalesce(%(to)s, chosen_to), all_chosen_at = %(at)s
WHERE id = %(id)s;

-- finished: campaigns of which no letter waits any more, for one process
SELECT * FROM campaign AS c
WHERE c.state = 'running' AND c.all_chosen_at IS NOT NULL AND NOT EXISTS (
    SELECT FROM letter AS l
    WHERE l.campaign_id = c.id AND l.state IN ('pending', 'sending', 'unknown', 'parked')
) ORDER BY c.started_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED;

-- agreed: how many people agree to a class now
SELECT count(*) AS count FROM consent WHERE letter_class = %(letter_class)s AND withdrawn_at IS NULL;

-- counted: how many letters of a campaign wait, have left, and did not, and why those did not
SELECT count(*) FILTER (WHERE state IN ('pending', 'sending', 'unknown', 'parked')) AS waiting,
       count(*) FILTER (WHERE sent_at IS NOT NULL) AS "left",
       count(*) FILTER (WHERE state = 'abandoned') AS not_sent,
       coalesce(array_agg(DISTINCT reason) FILTER (WHERE state = 'abandoned' AND reason IS NOT NULL), '{}') AS reasons
FROM letter WHERE campaign_id = %(id)s;

-- prune: campaigns whose time is over, with none of their letters left
DELETE FROM campaign WHERE id IN (
    SELECT id FROM campaign AS c WHERE c.drafted_at < %(before)s AND c.state <> 'running'
      AND NOT EXISTS (SELECT FROM letter AS l WHERE l.campaign_id = c.id)
    ORDER BY c.drafted_at LIMIT %(limit)s
);

-- left_unwanted: letters handed over since then to who did not agree to their class at that moment
SELECT count(*) AS count FROM letter AS l JOIN campaign AS c ON c.id = l.campaign_id
WHERE l.sent_at >= %(since)s AND NOT EXISTS (
    SELECT FROM consent AS a
    WHERE a.user_id = l.user_id AND a.letter_class = c.letter_class AND a.given_at <= l.begun_at
      AND (a.withdrawn_at IS NULL OR a.withdrawn_at > l.begun_at)
);
