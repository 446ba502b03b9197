-- Answers to a dry run go with the run itself; nobody deletes one by itself.
REVOKE DELETE ON dry_run_answer FROM retention;
