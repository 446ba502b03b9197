"""Backups: databases and keyring as two sets, encrypted, each with a key and a window of its own (ADR 0011)."""
