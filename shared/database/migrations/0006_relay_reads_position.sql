-- The relay begins with an outbox only when its database has caught up with the ledger, so it may read how far that is.

GRANT SELECT ON ledger_position TO relay;
