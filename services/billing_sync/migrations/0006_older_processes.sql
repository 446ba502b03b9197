-- While an upgrade goes on the processes from before it still write work, and know nothing of since when it is wanted.

ALTER TABLE job ALTER COLUMN wanted_at SET DEFAULT now();
