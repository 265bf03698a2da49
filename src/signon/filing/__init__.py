"""What an account may file at a court: legacy logins, linking, roles."""
