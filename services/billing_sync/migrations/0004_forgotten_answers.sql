-- What was answered to an erasure is answered again for as long as it may be ordered again, and forgotten then.

GRANT DELETE ON erasure_answer TO billing_sync;
CREATE INDEX erasure_answer_age ON erasure_answer (at);
