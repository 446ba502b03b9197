-- Attacks that were found of late.

-- remember: an attack, new or known; whoever else sees it waits for this transaction
INSERT INTO anomaly (detector, key_index, anomaly_id, seen_at, told_at)
VALUES (%(detector)s, %(key_index)s, %(anomaly_id)s, %(at)s, %(at)s)
ON CONFLICT (detector, key_index) DO UPDATE SET seen_at = anomaly.seen_at
RETURNING anomaly_id, seen_at, told_at;

-- seen: an attack was seen, and perhaps told
UPDATE anomaly SET anomaly_id = %(anomaly_id)s, seen_at = %(seen_at)s, told_at = %(told_at)s
WHERE detector = %(detector)s AND key_index = %(key_index)s;

-- lasts: whether an attack was seen since then
SELECT 1 AS found FROM anomaly
WHERE detector = %(detector)s AND key_index = %(key_index)s AND seen_at > %(since)s;

-- forget_anomalies: attacks that ended, a batch
DELETE FROM anomaly WHERE (detector, key_index) IN (
    SELECT detector, key_index FROM anomaly WHERE seen_at < %(before)s LIMIT %(limit)s
);
