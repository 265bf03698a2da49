"""Events that leave the transaction: written with the change, delivered after it."""
