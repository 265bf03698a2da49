"""What an operator runs, and what machines ask."""
