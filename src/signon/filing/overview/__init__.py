"""The console’s first page: what waits at a court, and the court in figures."""
