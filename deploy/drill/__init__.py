"""The restore drill: a system of its own, a backup, much that happens since, the backup back, who came with it."""
