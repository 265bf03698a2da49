"""The operator's commands: one module a group, each command calls one feature function."""
