-- While an upgrade goes on the processes from before it still write wishes for letters, and know nothing of their instant.

ALTER TABLE letter_request ALTER COLUMN due_at SET DEFAULT now();
