"""REST of filing agents: both sides of one’s own pairs, and a court’s."""
