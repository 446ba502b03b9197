-- Clocks and returns. Every query has a name and a sentence.

-- to_remind: clocks with a reminder to be sent by today; on the due date it is too late for one, and what is held as
-- a whole will not be erased on the day that it would tell
SELECT * FROM erasure WHERE state = 'scheduled' AND remind_on <= %(today)s AND due_on > %(today)s
    AND NOT is_kept(account_id, user_id, NULL)
ORDER BY remind_on, id LIMIT %(limit)s FOR UPDATE SKIP LOCKED;

-- purge_returns: returns so long ago that no leaving from before them can be heard any more
DELETE FROM came_back WHERE ctid IN (SELECT ctid FROM came_back WHERE at < %(before)s LIMIT %(limit)s);

-- without_clock: those of these companies and users that no erasure is about, of their own or of their account
SELECT one.account_id, one.user_id FROM unnest(%(account_ids)s::uuid[], %(user_ids)s::uuid[]) AS one (account_id, user_id)
WHERE NOT EXISTS (
    SELECT FROM erasure AS e WHERE e.account_id = one.account_id AND e.state <> 'cancelled'
        AND (e.user_id IS NULL OR e.user_id = one.user_id)
);
