"""REST of registrations: the court’s and one’s own."""
