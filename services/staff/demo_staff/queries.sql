-- The invented people of a demo.

-- take_turn: one process after the other, until the transaction ends
SELECT pg_advisory_xact_lock(hashtext('invented_people'));
