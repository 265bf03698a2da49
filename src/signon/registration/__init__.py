"""A new account: what a person enters step by step, the proof of the address, the account."""
