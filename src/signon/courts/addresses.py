"""Addresses that a court publishes: which are fit for a link, and CM/ECF's own by rule."""

import re
from urllib.parse import urlsplit

from signon.config import is_loopback

LONGEST = 200
_FIT = re.compile(r"[!-~]+")


def problem(address: str) -> str | None:
    """What is wrong with a web address, to be read after its name; None when it is fit.

    https only, so that nobody reads on the way who goes where; http on a loopback host is for
    rehearsals and the demonstration.
    """
    if len(address) > LONGEST or not _FIT.fullmatch(address):
        return f"must be an https address of at most {LONGEST} characters, without spaces"
    try:
        parts = urlsplit(address)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        return "is not a web address"
    if parts.scheme not in {"https", "http"} or not host or "@" in parts.netloc:
        return "must start with https:// and a host"
    if parts.scheme == "http" and not is_loopback(host):
        return "must be https (http only on localhost)"
    return None


def cmecf_url(court_id: str) -> str:
    """The address of a court's CM/ECF by the judiciary's host rule (domain facts 8).

    `casb` is https://ecf.casb.uscourts.gov, its rehearsal `casb-train` is on `ecf-train.casb`,
    and a bankruptcy appellate panel (`bap9`) is on its circuit's host.
    """
    court = court_id.removesuffix("-train")
    host = "ecf" if court == court_id else "ecf-train"
    if panel := re.fullmatch(r"bap([0-9]+)", court):
        court = f"ca{panel[1]}"
    return f"https://{host}.{court}.uscourts.gov"
