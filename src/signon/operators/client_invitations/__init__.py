"""Operators let clients register themselves."""

from signon.clients.inviters import Inviter
from signon.inviting.acts import Inviting
from signon.operators.acts import Operator


def _inviter(operator: Operator) -> Inviter:
    return Inviter(operator.actor)


INVITING = Inviting(_inviter)
"""For any court, or for none."""
