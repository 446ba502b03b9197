"""Mailgun, Tripletex and Enhetsregisteret on this machine, over real HTTP, with their habits and their faults.

It is for demos and tests. Whatever it is sent it keeps and shows; it never passes anything on to anybody.
"""
