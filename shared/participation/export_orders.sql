-- Copies that were ordered, in each service's own database. Every query has a name and a sentence.

-- keep: a copy was ordered
INSERT INTO export_order (export_id, account_id, user_id, kind, with_company, ordered_at)
VALUES (%(export_id)s, %(account_id)s, %(user_id)s, %(kind)s, %(with_company)s, %(ordered_at)s) ON CONFLICT (export_id) DO NOTHING;

-- find: of whom a copy was ordered, unless that is too long ago
SELECT account_id, user_id, kind, with_company FROM export_order WHERE export_id = %(export_id)s AND ordered_at > %(since)s;

-- erase: whoever is erased is given to nobody any more, nor with a copy of the company that was ordered before
DELETE FROM export_order
WHERE account_id = %(account_id)s AND (%(user_id)s::uuid IS NULL OR user_id = %(user_id)s
                                       OR user_id IS NULL AND ordered_at < %(before)s);

-- left_of: such an order
SELECT 1 AS found FROM export_order
WHERE account_id = %(account_id)s AND (%(user_id)s::uuid IS NULL OR user_id = %(user_id)s
                                       OR user_id IS NULL AND ordered_at < %(before)s)
LIMIT 1;

-- forget: what was ordered so long ago that nothing is fetched for it any more
DELETE FROM export_order WHERE export_id IN (
    SELECT export_id FROM export_order WHERE ordered_at < %(before)s ORDER BY ordered_at LIMIT %(limit)s
);
