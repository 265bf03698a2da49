"""An account proves a legacy login, and its rights become the account’s."""
