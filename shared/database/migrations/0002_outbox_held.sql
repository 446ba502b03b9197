-- Rows that wait for another attempt hold back the later rows of their subject: the relay asks for them at each turn.

CREATE INDEX outbox_held ON outbox (retry_at) WHERE published_at IS NULL AND retry_at IS NOT NULL;
