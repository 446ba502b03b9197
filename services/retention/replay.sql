-- Bringing a database that was set back up to the facts of the ledger.

-- anything: whether anything was ever to be erased
(SELECT 1 FROM erasure LIMIT 1) UNION ALL (SELECT 1 FROM certificate LIMIT 1) LIMIT 1;
