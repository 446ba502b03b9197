-- Clocks and returns. Every query has a name and a sentence.

-- to_remind: clocks with a reminder to be sent by today; on the due date it is too late for one, and what is held as
-- a whole will not be erased on the day that it would tell
SELECT * FROM erasure WHERE state = 'scheduled' AND remind_on <= %(today)s AND due_on > %(today)s
    AND NOT is_kept(account_id, user_id, NULL)
ORDER BY remind_on, id LIMIT %(limit)s FOR UPDATE SKIP LOCKED;

-- purge_returns: returns so long ago that no leaving from before them can be heard any more
DELETE FROM came_back WHERE ctid IN (SELECT ctid FROM came_back WHERE at < %(before)s LIMIT %(limit)s);
