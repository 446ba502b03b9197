-- add_webhook: a token is used once; nothing is added where it was seen before
INSERT INTO webhook (token, identity, letter_id, signal, verdict, received_at)
VALUES (%(token)s, %(identity)s, %(letter_id)s, %(signal)s, 'taken', %(now)s)
ON CONFLICT (token) DO NOTHING;

-- webhook_by_token: what a token was used for
SELECT identity FROM webhook WHERE token = %(token)s;

-- identity_seen: whether the same event came with another token
SELECT 1 AS found FROM webhook WHERE identity = %(identity)s AND token <> %(token)s LIMIT 1;

-- judge_webhook: what was done about a webhook
UPDATE webhook SET verdict = %(verdict)s, letter_id = %(letter_id)s WHERE token = %(token)s;

-- keep_unread: what could not be understood of a webhook
UPDATE webhook SET unread = %(unread)s WHERE token = %(token)s;
