"""What people are searched by: the beginnings of their names' words, of usernames, of addresses.

A feature writes entries beside its rows and reads ranges of them; PostgreSQL and SQLite both walk an
index for that, and never a table (docs/decisions/0043-searching-by-beginnings.md).
"""
