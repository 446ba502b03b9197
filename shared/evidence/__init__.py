"""What counts as proof that a promise is kept: tests of exactly these files, and looks at the running system."""
