-- What an erasure deleted is answered again for as long as it may be ordered again, and forgotten then.

GRANT DELETE ON erasure_step TO audit;
CREATE INDEX erasure_step_age ON erasure_step (completed_at);
