"""The hash-chained record of what happened: who did what, when, and why it was refused."""
