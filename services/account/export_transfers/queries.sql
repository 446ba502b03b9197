-- Copies that go straight to somebody else. Every query has a name and a sentence.

-- add: a person has a copy handed over
INSERT INTO export_transfer (id, export_id, account_id, user_id, receiver_sealed, digest, sha256, made_at, ends_at)
VALUES (%(id)s, %(export_id)s, %(account_id)s, %(user_id)s, %(receiver_sealed)s, %(digest)s, %(sha256)s, %(made_at)s, %(ends_at)s);

-- of_export: of one copy
SELECT id, export_id, account_id, user_id, sha256, made_at, ends_at, ended_at, fetches, fetched_at, received_at, receipt
FROM export_transfer WHERE export_id = %(export_id)s ORDER BY made_at LIMIT %(limit)s;

-- of_user: of one user, the newest first, with the name of the receiver as it lies sealed
SELECT id, export_id, account_id, user_id, sha256, made_at, ends_at, ended_at, fetches, fetched_at, received_at, receipt, receiver_sealed
FROM export_transfer WHERE user_id = %(user_id)s ORDER BY made_at DESC, id DESC LIMIT %(limit)s;

-- by_code: the one with this code, locked, while the password of whoever made it is still the one that was proved
SELECT t.id, t.export_id, t.account_id, t.user_id, t.sha256, t.made_at, t.ends_at, t.ended_at, t.fetches, t.fetched_at,
       t.received_at, t.receipt, t.receiver_sealed
FROM export_transfer AS t
WHERE t.digest = %(digest)s AND (t.received_at IS NOT NULL OR EXISTS (
    SELECT FROM credential AS k
    WHERE k.user_id = t.user_id AND k.reset_required_at IS NULL AND k.changed_at <= t.made_at
)) FOR UPDATE OF t;

-- fetched: whoever has the code fetches the file
UPDATE export_transfer SET fetches = fetches + 1, fetched_at = coalesce(fetched_at, %(now)s) WHERE id = %(id)s;

-- received: the receiver has it, and there is a receipt
UPDATE export_transfer SET received_at = %(now)s, receipt = %(receipt)s WHERE id = %(id)s;

-- end: the code is worth nothing any more, if it was
UPDATE export_transfer SET ended_at = %(now)s
WHERE id = %(id)s AND user_id = %(user_id)s AND ended_at IS NULL AND received_at IS NULL RETURNING export_id;

-- is_of: whether this user has such a transfer
SELECT 1 AS found FROM export_transfer WHERE id = %(id)s AND user_id = %(user_id)s;
