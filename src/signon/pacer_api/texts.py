"""What `errorDescription` says, character by character: clients match on it (domain facts 4.2)."""

from signon.filing.rights.redaction import NOTICE

SUCCESS = "0"
REDACTION = "1"
REFUSED = "13"
"""The three `loginResult`s of the guide; they are texts, never numbers."""
MALFORMED = "400"
"""Ours, of a request that cannot be read: the guide has none."""
UNAVAILABLE = "503"
"""Ours, of a server that is at its limit."""

CLIENT_CODE = (
    "A required Client Code was not entered. You may continue to log in and perform other "
    "activities (e.g., e-file, request filing privileges), but you will not have PACER search "
    "privileges."
)
"""T1."""
SEARCH_DISABLED = (
    "Although you have a PACER account, your current account has been disabled. If you have any "
    "questions or for further details on how to activate your search privileges contact the PACER "
    "Service Center at (800) 676-6856 between the hours of 8 AM and 6 PM CT Monday through Friday "
    "or by email pacer@psc.uscourts.gov. You may continue to log in and perform other activities "
    "(e.g., e-file, request filing privileges), but you will not have PACER search privileges."
)
"""T2."""
REDACT = NOTICE
"""T3."""
INVALID = "Invalid username, password, or one-time passcode."
"""T4."""
