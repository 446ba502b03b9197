"""The kinds of forms for what staff do, a file a subject; `table.py` lists them."""
