"""Pages of linking: proving a login, by password or by mail, and taking a link back."""
