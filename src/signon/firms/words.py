"""What happened in a firm, in sentences: no field names, no codes of the program."""

from collections.abc import Callable, Mapping
from typing import Any

from signon.firms.activity import Happened
from signon.firms.membership import Told

MEMBERSHIPS = {
    "joined": "Became a member",
    Told.LEFT.value: "Left the firm",
    Told.REMOVED.value: "Was removed from the firm",
    "moved to another firm": "Moved to another firm",
}
BECOMES = {
    "member": "a member",
    "prepared": "a member, without an account so far",
    "administrator": "an administrator",
}
ANSWERS = {
    "sent again": "The invitation was sent again",
    "withdrawn": "The invitation was withdrawn",
    "declined": "Declined the invitation",
}
MAY = {
    "firm:read": "read everything of the firm",
    "firm:members": "invite and remove members",
    "firm:settings": "change cost centers and the rule for client codes",
}
GLYPHS = {
    "member": "person",
    "invitation": "mail",
    "invitations": "mail",
    "administrator": "shield",
    "cost_center": "firm",
    "client_codes": "info",
    "programs": "key",
    "client": "key",
}


def told(one: Happened) -> str:
    """A change as one sentence."""
    return f"{_SENTENCES[one.subject](one.before, one.after)}."


def line(one: Happened) -> tuple[str, str, str]:
    """The same for `ui.timeline`, with an icon and a tone."""
    return GLYPHS[one.subject], "", told(one)


Values = Mapping[str, Any]


def _member(before: Values, after: Values) -> str:
    if "cost_center" not in after:
        return MEMBERSHIPS[after["member"]]
    code, old = after["cost_center"], before.get("cost_center")
    if code is None:
        return f"Left cost center {old}"
    return f"Moved from cost center {old} to {code}" if old else f"Moved to cost center {code}"


def _invitation(_before: Values, after: Values) -> str:
    if "status" in after:
        return ANSWERS[after["status"]]
    name = " ".join(after[part] for part in ("first_name", "last_name") if part in after)
    center = f", in cost center {after['cost_center']}" if "cost_center" in after else ""
    return f"{name} was invited to be {BECOMES[after['kind']]}{center}"


def _invitations(_before: Values, after: Values) -> str:
    if "reminded" in after:
        many = after["reminded"]
        people = "1 person was" if many == 1 else f"{many:,} people were"
        return f"{people} mailed again, having not answered"
    done, refused = after["invited"], after["refused"]
    people = "1 person was invited" if done == 1 else f"{done:,} people were invited"
    lines = "1 line was refused" if refused == 1 else f"{refused:,} lines were refused"
    return f"{people} at once, {lines}" if refused else f"{people} at once"


def _administrator(_before: Values, after: Values) -> str:
    return "Manages the firm now" if after else "Does not manage the firm any longer"


def _cost_center(before: Values, after: Values) -> str:
    if not before:
        return f"Cost center {after['code']} was added: {after['name']}"
    if not after:
        return f"Cost center {before['code']} was removed"
    if before["code"] != after["code"]:
        return f"Cost center {before['code']} is {after['code']} now: {after['name']}"
    return f"Cost center {after['code']} was renamed to {after['name']}"


def _programs(_before: Values, after: Values) -> str:
    may = "may" if after["allowed"] else "may not"
    return f"Programs {may} sign in with the passwords of members"


def _client_codes(_before: Values, after: Values) -> str:
    needed = (
        "Every sign-in needs a client code" if after["required"] else "No client code is needed"
    )
    return f"{needed}; its pattern is {after['pattern']}" if after["pattern"] else needed


def _client(before: Values, after: Values) -> str:
    if "disabled" in after:
        return f"The program {before['name']} was ended"
    if "secret" in after:
        return "A program got a new secret"
    if "keys" in after:
        return "A program got other public keys"
    return f"The program {after['name']} was made. It may {listed(after['scopes'])}"


def listed(scopes: Any) -> str:
    """What a program may do."""
    return "; ".join(MAY[one] for one in scopes)


_SENTENCES: Mapping[str, Callable[[Values, Values], str]] = {
    "member": _member,
    "invitation": _invitation,
    "invitations": _invitations,
    "administrator": _administrator,
    "cost_center": _cost_center,
    "client_codes": _client_codes,
    "programs": _programs,
    "client": _client,
}
