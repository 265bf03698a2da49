"""Who someone is: the account, its number, its password."""
