-- claim_letter: the next letter, by lane and by fair turn, leased to one worker; nothing while the provider is paused
UPDATE letter
SET state = 'sending', claim_id = %(claim_id)s, lease_until = %(lease_until)s, attempts = attempts + 1,
    begun_at = NULL
WHERE id = (
    SELECT id FROM letter
    WHERE state = 'pending' AND is_due(due_at, %(now)s, %(due)s)
      AND NOT EXISTS (
          SELECT 1 FROM provider_budget
          WHERE provider = %(provider)s AND is_leased(paused_until, %(now)s, %(pause)s)
      )
    ORDER BY lane, fair_at
    LIMIT 1
    FOR UPDATE SKIP LOCKED
)
RETURNING *;

-- take_token: one call to the provider, if its bucket has one; a rate that was set while the system runs counts first
UPDATE provider_budget
SET tokens = least(coalesce(per_second * 2, %(burst)s::double precision),
                   tokens + CASE WHEN is_due(refilled_at, %(now)s, %(ahead)s)
                       THEN abs(extract(epoch FROM %(now)s - refilled_at)) ELSE 0 END
                       * coalesce(per_second, %(rate)s)) - 1,
    refilled_at = CASE WHEN is_due(refilled_at, %(now)s, %(ahead)s) THEN %(now)s ELSE refilled_at END
WHERE provider = %(provider)s
  AND least(coalesce(per_second * 2, %(burst)s::double precision),
            tokens + CASE WHEN is_due(refilled_at, %(now)s, %(ahead)s)
                THEN abs(extract(epoch FROM %(now)s - refilled_at)) ELSE 0 END
                * coalesce(per_second, %(rate)s)) >= 1;

-- begin_letter: the call is about to be made; nothing comes back where the lease was lost or the erasure called off
UPDATE letter
SET begun_at = %(now)s, lease_until = %(lease_until)s, address_index = %(address_index)s
WHERE id = %(id)s AND claim_id = %(claim_id)s AND state = 'sending' AND is_leased(lease_until, %(now)s, %(lease)s)
  AND NOT EXISTS (SELECT 1 FROM cancelled_clock AS c WHERE c.clock_id = letter.clock_id)
RETURNING id;

-- pause_provider: leave the provider alone until an instant; a longer pause stays
UPDATE provider_budget
SET paused_until = CASE
    WHEN is_leased(paused_until, %(now)s, %(pause)s) THEN greatest(paused_until, %(until)s) ELSE %(until)s
END
WHERE provider = %(provider)s;

-- set_rate: from the next letter on so many leave a second; without a figure the setting counts again
UPDATE provider_budget SET per_second = %(per_second)s WHERE provider = %(provider)s;

-- capacity: what bounds the sending of letters now
SELECT b.per_second, CASE WHEN is_leased(b.paused_until, %(now)s, %(pause)s) THEN b.paused_until END AS paused_until,
    b.tokens + greatest(0, extract(epoch FROM %(now)s - b.refilled_at)) * coalesce(b.per_second, %(rate)s) AS tokens,
    (SELECT count(*) FROM letter WHERE state = 'pending' AND is_due(due_at, %(now)s, %(due)s)) AS due,
    (SELECT count(*) FROM letter WHERE state = 'pending') AS pending,
    (SELECT count(*) FROM letter WHERE state = 'sending') AS sending,
    (SELECT count(*) FROM letter WHERE state = 'unknown') AS unclear,
    (SELECT count(*) FROM letter WHERE state = 'parked') AS parked,
    (SELECT min(requested_at) FROM letter WHERE state IN ('pending', 'sending', 'unknown', 'parked')) AS oldest
FROM provider_budget AS b WHERE b.provider = %(provider)s;

-- letters_by_state: how many letters have not left, were given up, or bounced, by state
SELECT state, count(*) AS count FROM letter
WHERE state IN ('pending', 'sending', 'unknown', 'parked', 'abandoned', 'bounced') GROUP BY state;

-- stopped_for: letters that these reasons stopped, of these kinds
SELECT count(*) AS count FROM letter WHERE reason = ANY(%(reasons)s) AND letter = ANY(%(letters)s);

-- sent_beside: letters sent since then that are of none of these kinds
SELECT count(*) AS count FROM letter WHERE sent_at >= %(since)s AND letter <> ALL(%(letters)s);

-- letters_late: how many letters were asked for before then and have not left, and since when the oldest
SELECT count(*) AS count, min(requested_at) AS since FROM letter
WHERE state IN ('pending', 'sending', 'unknown') AND requested_at < %(before)s;
