-- suppressions_of: why an address gets no letters, and until when
SELECT kind, ends_at, tried_at FROM suppression WHERE address_index = %(address_index)s;

-- note_try: a letter goes to a suppressed address all the same
UPDATE suppression SET tried_at = %(now)s WHERE address_index = %(address_index)s;

-- address_works: a letter arrived: bounces before it say nothing any more
DELETE FROM suppression WHERE kind = 'bounce' AND address_index = %(address_index)s;

-- add_suppression: an address gets no letters for a while; returns how often that has been said
INSERT INTO suppression (kind, address_index, account_id, user_id, since, ends_at)
VALUES (%(kind)s, %(address_index)s, %(account_id)s, %(user_id)s, %(now)s, %(ends_at)s)
ON CONFLICT (kind, address_index) DO UPDATE SET times = suppression.times + 1
RETURNING times;

-- set_suppression_end: until when it gets none
UPDATE suppression SET ends_at = %(ends_at)s WHERE kind = %(kind)s AND address_index = %(address_index)s;

-- forget_address: an address is known no more
DELETE FROM suppression WHERE address_index = %(address_index)s;

-- open_suppressions: a page of addresses that get no letters now, those of one company or all, newest first
SELECT id AS suppression_id, kind, account_id, user_id, times, since, ends_at FROM suppression
WHERE (ends_at IS NULL OR is_leased(ends_at, %(now)s, %(longest)s)) AND (%(account_id)s::uuid IS NULL OR account_id = %(account_id)s)
  AND (%(after_at)s::timestamptz IS NULL OR (since, id) < (%(after_at)s::timestamptz, %(after_id)s::uuid))
ORDER BY since DESC, id DESC LIMIT %(limit)s;

-- suppression_by_id: one of them, held until the transaction ends
SELECT id AS suppression_id, kind, account_id, user_id, times, since, ends_at FROM suppression
WHERE id = %(id)s FOR UPDATE;

-- lift_suppression: a person says that the address works
UPDATE suppression SET ends_at = %(now)s, lifted_by = %(by)s WHERE id = %(id)s;

-- count_suppressed: how many addresses get no letters now
SELECT count(DISTINCT address_index) AS count FROM suppression WHERE ends_at IS NULL OR is_leased(ends_at, %(now)s, %(longest)s);
