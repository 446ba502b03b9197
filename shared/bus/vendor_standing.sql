-- keep: how a vendor stands; an outage that several processes meet, or that changes its kind, began when the first met it
INSERT INTO vendor_state AS v (vendor, failure, since, seen_at, times)
VALUES (%(vendor)s, %(failure)s, %(since)s, %(seen_at)s, %(times)s)
ON CONFLICT (vendor) DO UPDATE SET
    failure = excluded.failure, seen_at = greatest(v.seen_at, excluded.seen_at), times = excluded.times,
    since = CASE WHEN (v.failure IS NULL) = (excluded.failure IS NULL)
                 THEN least(v.since, excluded.since) ELSE excluded.since END;

-- standing: how each vendor stands
SELECT vendor, failure, since, seen_at, times FROM vendor_state ORDER BY vendor;

-- failing: how many fail, and since when the one that has failed longest
SELECT count(*) AS count, min(since) AS since FROM vendor_state WHERE failure IS NOT NULL;
