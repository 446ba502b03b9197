-- How many letters a second may leave, where somebody has said so while the system runs; else the setting counts.

ALTER TABLE provider_budget ADD COLUMN per_second double precision CHECK (per_second > 0 AND per_second <= 1000);
COMMENT ON COLUMN provider_budget.per_second IS 'no_pii';
