"""How long something has waited, in words."""

from datetime import datetime


def age(since: datetime, now: datetime) -> str:
    """In whole days, as people count them."""
    days = (now - since).days
    if days < 1:
        return "less than a day"
    return "1 day" if days == 1 else f"{days} days"
