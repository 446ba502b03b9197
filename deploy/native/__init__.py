"""The system without Docker: servers and processes of our own on one machine, below one folder."""
