"""REST of a court’s policy, staff and activity."""
