"""A court and whoever acts for it: its desk, policy, staff and what a colleague must confirm."""
