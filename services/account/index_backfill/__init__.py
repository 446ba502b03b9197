"""Digests by which companies and people are found, for rows that were written without them."""
