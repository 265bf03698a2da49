"""A small generic relying party for load: signs in by filling HTML forms or by configured requests, then runs code + PKCE flows.

Run as a process of its own by bench.py: reads one JSON job on stdin, prints "READY", waits for "GO", prints one JSON result.
"""
# The harness stands here as it came:
# fmt: off
# ruff: noqa: PERF401

import asyncio
import base64
import hashlib
import html.parser
import json
import secrets
import sys
import time
from urllib.parse import parse_qs, parse_qsl, quote, urlencode, urljoin, urlsplit

import aiohttp
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from signon.clock import utc_now


class Forms(html.parser.HTMLParser):
    """Collects the first form of a page: its action and the inputs with their values."""

    def __init__(self):
        super().__init__()
        self.action, self.method, self.inputs, self.open, self.seen = None, "get", {}, False, False

    def handle_starttag(self, tag, attrs):
        a = dict(attrs)
        if tag == "form" and not self.seen:
            self.open = self.seen = True
            self.action, self.method = a.get("action") or "", (a.get("method") or "get").lower()
        elif self.open and tag in ("input", "button") and a.get("name"):
            if a.get("type") in ("checkbox", "radio") and "checked" not in a:
                return
            self.inputs.setdefault(a["name"], a.get("value") or "")

    def handle_endtag(self, tag):
        if tag == "form":
            self.open = False


class Flow:
    """One signed-in browser plus the client's back channel."""

    def __init__(self, cfg):
        self.cfg, self.base = cfg, cfg["base"]
        self.redirect_uri = cfg["redirect_uri"]
        c = cfg["client"]
        self.basic = "Basic " + base64.b64encode(f"{quote(c['id'], safe='')}:{quote(c['secret'], safe='')}".encode()).decode()
        self.browser = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True), auto_decompress=True)
        self.back = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())
        self.front_requests = 0

    async def close(self):
        await self.browser.close()
        await self.back.close()

    async def sign_in(self):
        login = self.cfg["login"]
        for r in login.get("requests", []):
            kw = {k: r[k] for k in ("json", "data", "headers") if k in r}
            async with self.browser.request(r.get("method", "POST"), self.base + r["path"], allow_redirects=False, **kw) as resp:
                body = await resp.text()
                if resp.status >= 400:
                    raise RuntimeError(f"sign-in request {r['path']} -> {resp.status}: {body[:300]}")
        await self.run(login.get("fields"), first=True)

    async def authorize_url(self, verifier, first):
        q = {"response_type": "code", "client_id": self.cfg["client"]["id"], "redirect_uri": self.redirect_uri,
             "scope": self.cfg.get("scope", "openid profile email"), "state": secrets.token_urlsafe(12), "nonce": secrets.token_urlsafe(12),
             "code_challenge": base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode(),
             "code_challenge_method": "S256", **self.cfg.get("authorize_params", {})}
        if not first:
            q.update(self.cfg.get("authorize_params_signed_in", {}))
        return self.base + self.cfg["authorize"] + "?" + urlencode(q), q["state"]

    def headers(self, path):
        return {"Authorization": self.basic}

    async def code(self, verifier, fields=None, first=False):
        url, state = await self.authorize_url(verifier, first)
        method, data, trail = "GET", None, []
        for _ in range(16):
            self.front_requests += 1
            async with self.browser.request(method, url, data=data, allow_redirects=False, headers=self.cfg.get("browser_headers")) as r:
                body = await r.text()
                trail.append(f"{method} {urlsplit(url).path} {r.status}")
                loc = r.headers.get("Location")
                status = r.status
            if status in (301, 302, 303, 307, 308) and loc:
                target = urljoin(url, loc)
                if target.startswith(self.redirect_uri):
                    q = parse_qs(urlsplit(target).query)
                    if "code" not in q or q.get("state") != [state]:
                        raise RuntimeError(f"no code: {target[:300]} {trail}")
                    return q["code"][0]
                url = target
                if status not in (307, 308):
                    method, data = "GET", None
                continue
            if status == 200 and fields is not None:
                f = Forms()
                f.feed(body)
                if f.seen:
                    data = dict(f.inputs)
                    data.update({k: v for k, v in fields.items() if k in data})
                    url, method = urljoin(url, f.action), f.method.upper()
                    continue
            raise RuntimeError(f"stuck at {trail}: {body[:400]}")
        raise RuntimeError(f"too many steps {trail}")

    async def run(self, fields=None, first=False):
        verifier = secrets.token_urlsafe(32)
        code = await self.code(verifier, fields, first)
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": self.redirect_uri, "code_verifier": verifier}
        async with self.back.post(self.base + self.cfg["token"], data=form, headers=self.headers(self.cfg["token"])) as r:
            body = await r.read()
            if r.status != 200:
                raise RuntimeError(f"token {r.status}: {body[:300]!r}")
        tok = json.loads(body)
        if "access_token" not in tok or "id_token" not in tok:
            raise RuntimeError(f"incomplete token response: {sorted(tok)}")
        return tok


class Fapi(Flow):
    """The same by a pushed request (RFC 9126), with tokens that are bound to a key (RFC 9449)."""

    def __init__(self, cfg):
        super().__init__(cfg)
        self.key = ec.generate_private_key(ec.SECP256R1())
        numbers = self.key.public_key().public_numbers()
        self.jwk = {"kty": "EC", "crv": "P-256", **{n: b64(getattr(numbers, n).to_bytes(32, "big")) for n in "xy"}}

    def proof(self, path):
        head = {"typ": "dpop+jwt", "alg": "ES256", "jwk": self.jwk}
        claims = {"jti": secrets.token_urlsafe(16), "htm": "POST", "htu": self.base + path, "iat": int(utc_now().timestamp())}
        text = ".".join(b64(json.dumps(part).encode()) for part in (head, claims))
        r, s = decode_dss_signature(self.key.sign(text.encode(), ec.ECDSA(hashes.SHA256())))
        return f"{text}.{b64(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"

    def headers(self, path):
        return {**super().headers(path), "DPoP": self.proof(path)}

    async def authorize_url(self, verifier, first):
        url, state = await super().authorize_url(verifier, first)
        async with self.back.post(self.base + self.cfg["par"], data=dict(parse_qsl(urlsplit(url).query)), headers=self.headers(self.cfg["par"])) as r:
            body = await r.read()
            if r.status != 201:
                raise RuntimeError(f"par {r.status}: {body[:300]!r}")
        q = {"client_id": self.cfg["client"]["id"], "request_uri": json.loads(body)["request_uri"]}
        return self.base + self.cfg["authorize"] + "?" + urlencode(q), state


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def pct(xs, p):
    return xs[min(len(xs) - 1, int(len(xs) * p))] if xs else None


async def main():
    job = json.loads(sys.stdin.readline())
    flows = [(Fapi if job.get("fapi") else Flow)(job["config"]) for _ in range(job["concurrency"])]
    for f in flows:
        await f.sign_in()
    if job["mode"] == "tokens":
        out = []
        for i in range(job["count"]):
            out.append(await flows[i % len(flows)].run())
        print(json.dumps(out), flush=True)
    else:
        for f in flows:
            await f.run()
            f.front_requests = 0
        print("READY", flush=True)
        assert sys.stdin.readline().strip() == "GO"
        lat, errors, t_end = [], [], time.perf_counter() + job["seconds"]

        async def loop(f):
            while (t0 := time.perf_counter()) < t_end:
                try:
                    await f.run()
                    lat.append(time.perf_counter() - t0)
                except Exception as e:  # noqa: BLE001 - counted and reported
                    errors.append(repr(e)[:300])
                    if len(errors) > 20:
                        return

        t0 = time.perf_counter()
        await asyncio.gather(*(loop(f) for f in flows))
        dur = time.perf_counter() - t0
        lat.sort()
        print(json.dumps({"requests": len(lat), "duration_s": dur, "errors": len(errors), "error_sample": errors[:2],
                          "p50_ms": pct(lat, .5) and pct(lat, .5) * 1e3, "p99_ms": pct(lat, .99) and pct(lat, .99) * 1e3,
                          "front_requests_per_flow": sum(f.front_requests for f in flows) / max(1, len(lat))}), flush=True)
    for f in flows:
        await f.close()


if __name__ == "__main__":
    try:
        import uvloop
        uvloop.run(main())
    except ImportError:
        asyncio.run(main())
