"""Tripletex API 2 as its document (2.74.00) and recordings of it show it: the part that billing needs."""
