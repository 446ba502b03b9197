"""Enhetsregisteret's open API over a file of invented organisations."""
