"""Events that leave the transaction."""
