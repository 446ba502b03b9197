"""A pager, which an operator may name as the second way to whoever is on duty."""
