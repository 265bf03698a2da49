"""What every route shares: forms, cookies, CSRF, pages, headers, problems."""
