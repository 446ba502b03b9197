-- What stood in the rota before the register of duty was there: that register is empty after an upgrade, and a copy of
-- nothing would leave nobody on duty. Each week counts until it is over, or the register has that week.

ALTER TABLE duty ADD COLUMN of_before boolean NOT NULL DEFAULT false;
UPDATE duty SET of_before = true;
COMMENT ON COLUMN duty.of_before IS 'no_pii';
