"""The desk's pages, a file a subject; `table.py` lists them."""
