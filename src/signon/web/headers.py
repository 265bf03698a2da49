"""Security headers (security rules 1.10). One header, one reason."""

from collections.abc import Sequence
from urllib.parse import urlsplit

ALWAYS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
)
HTTPS_ONLY = ((b"strict-transport-security", b"max-age=31536000; includeSubDomains"),)
PAGE = {
    "cache-control": "no-store",
    "vary": "Accept-Language, Cookie",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": (
        "camera=(), microphone=(), geolocation=(), publickey-credentials-get=(self)"
    ),
}


def content_security_policy(
    form_targets: Sequence[str] = (),
    script_nonce: str | None = None,
    *,
    own_scripts: bool = False,
) -> str:
    """The policy of a page whose form may end at one of `form_targets` (exact origins).

    Chrome and Safari apply `form-action` to every redirect after the post, so the origin of
    the request's verified redirect URI must be named. `own_scripts` are our static files.
    """
    form_action = " ".join(["'self'", *form_targets])
    allowed = [f"'nonce-{script_nonce}'"] * bool(script_nonce) + ["'self'"] * own_scripts
    script = f"script-src {' '.join(allowed)}; " if allowed else ""
    if own_scripts:
        script += "connect-src 'self'; "
    return (
        f"default-src 'none'; {script}style-src 'self'; font-src 'self'; img-src 'self' data:; "
        f"base-uri 'none'; object-src 'none'; frame-ancestors 'none'; form-action {form_action}"
    )


def form_target(address: str) -> str:
    """Scheme, host and port of a verified address, as `form-action` wants it; an app's scheme."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else f"{parts.scheme}:"
