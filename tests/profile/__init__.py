# ruff: noqa: A005 - the folder mirrors src/signon/profile
"""What people see and change of their own account."""
