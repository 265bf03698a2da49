"""Legacy logins, filing rights and linking."""
