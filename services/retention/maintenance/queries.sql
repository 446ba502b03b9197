-- Forgetting erasures that are over. Every query has a name and a sentence.

-- expired: erasures whose keys were destroyed before then and that wait for nothing, a batch, held
SELECT id, account_id, user_id FROM erasure
WHERE state = 'certified' AND destroyed_at < %(before)s AND (NOT kept_back OR followed_up)
ORDER BY destroyed_at, id LIMIT %(limit)s FOR UPDATE SKIP LOCKED;

-- erased_scopes: whose keys were destroyed as a whole
SELECT account_id, user_id FROM erasure WHERE destroyed_at IS NOT NULL AND NOT kept_back
ORDER BY destroyed_at DESC LIMIT %(limit)s;

-- purge_answers: what was answered to erasures that are forgotten
DELETE FROM answer WHERE erasure_id = ANY (%(ids)s::uuid[]);

-- purge_erasures: erasures that are over, and those called off before of what they erased
DELETE FROM erasure AS e USING unnest(%(ids)s::uuid[], %(account_ids)s::uuid[], %(user_ids)s::uuid[])
    AS over (id, account_id, user_id)
WHERE e.id = over.id
   OR (e.state = 'cancelled' AND e.account_id = over.account_id
       AND (over.user_id IS NULL OR e.user_id = over.user_id));

-- purge_returns: when somebody came back who was erased later
DELETE FROM came_back AS c USING unnest(%(account_ids)s::uuid[], %(user_ids)s::uuid[]) AS over (account_id, user_id)
WHERE c.account_id = over.account_id AND (over.user_id IS NULL OR c.user_id = over.user_id);
