"""`make bench`: CPU milliseconds for each request, of the server and of its database.

`bench.py`, `oidcflow.py` and `lua/` are a load harness for any provider, kept as it came.
"""
