"""The customers' own pages, one file a subject; `table` lists them."""
