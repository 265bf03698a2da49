"""A court's desk: its staff, registrations, policy, for people and for programs."""
