"""A relying party that pushes its requests, signs who it is, and proves its key with every token."""

import base64
import hashlib
import secrets
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

import httpx2

from tests.oidc.proving import Prover, Signatory
from tests.oidc.relying_party import RelyingParty, Started


class StrictParty(RelyingParty):
    """What FAPI 2.0 asks of a client: PAR, PKCE, `private_key_jwt` and DPoP."""

    token_type = "DPoP"
    signatory: Signatory
    prover: Prover | None
    assertion_claims: dict[str, Any]

    def equip(self, signatory: Signatory, prover: Prover | None) -> "StrictParty":
        """The same with its two keys."""
        self.signatory, self.prover, self.assertion_claims = signatory, prover, {}
        return self

    def at(self, name: str, /, **parameters: str) -> httpx2.Response:
        """Signed, and with a proof."""
        proofs = [self.prover.proof("POST", self.metadata[name])] if self.prover else []
        return self.ask(name, [("dpop", proof) for proof in proofs], **parameters)

    def ask(
        self, name: str, /, headers: Sequence[tuple[str, str]] = (), **parameters: str
    ) -> httpx2.Response:
        """The same with other headers in the place of a proof."""
        form = {**self.signatory.assertion(**self.assertion_claims), **parameters}
        return self.browser.http.post(self.metadata[name], data=form, headers=list(headers))

    def asked(self, **extra: str) -> dict[str, str]:
        """The parameters of a request; an empty value leaves one out."""
        verifier = secrets.token_urlsafe(48)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest())
        parameters = {
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "response_type": "code",
            "scope": self.scope,
            "state": secrets.token_urlsafe(16),
            "nonce": secrets.token_urlsafe(16),
            "code_challenge": challenge.decode().rstrip("="),
            "code_challenge_method": "S256",
            **extra,
        }
        parameters = {name: value for name, value in parameters.items() if value}
        self.started = Started(
            parameters.get("state", ""), parameters.get("nonce", ""), verifier, parameters
        )
        return parameters

    def push(self, **extra: str) -> httpx2.Response:
        """Push a request."""
        return self.at("pushed_authorization_request_endpoint", **self.asked(**extra))

    def pushed(self, **extra: str) -> str:
        """The `request_uri` of a request that is right."""
        answer = self.push(**extra)
        assert answer.status_code == 201, answer.text
        assert answer.headers["cache-control"] == "no-store"
        assert answer.json()["expires_in"] == 60
        return str(answer.json()["request_uri"])

    def visit(self, request_uri: str, **also: str) -> httpx2.Response:
        """Send the browser with it."""
        query = urlencode({"client_id": self.client_id, "request_uri": request_uri, **also})
        return self.browser.get(f"{self.metadata['authorization_endpoint']}?{query}")

    def begin(
        self, *, drop: Sequence[str] = (), also: Sequence[tuple[str, str]] = (), **extra: str
    ) -> httpx2.Response:
        """Push and go."""
        return self.visit(self.pushed(**dict.fromkeys(drop, ""), **dict(also), **extra))

    def userinfo(self, access_token: str, **claims: Any) -> httpx2.Response:
        """Ask UserInfo with a proof, right but for what is given."""
        endpoint = self.metadata["userinfo_endpoint"]
        assert self.prover is not None
        proof = self.prover.proof("GET", endpoint, **{"token": access_token, **claims})
        headers = {"authorization": f"DPoP {access_token}", "dpop": proof}
        return self.browser.http.get(endpoint, headers=headers)
