// A relying party on the npm package openid-client, and a person's browser, at one provider.
//
// Reads one JSON object from standard input (issuer, client, service, person) and writes one:
// what a test wants to look at. Whatever the library finds wrong ends it with an error.

import { createHmac } from "node:crypto";

import * as client from "openid-client";

import { open, submit, text } from "./browser.mjs";

const AAL2 = "http://idmanagement.gov/ns/assurance/aal/2";
const given = JSON.parse(await text(process.stdin));
const { issuer, person } = given;
const redirectUri = given.client.redirect_uri;

const config = await discover(given.client);
const browser = new Map();
const found = {};

// ── Code flow with PKCE, state and nonce ─────────────────────────────────────

found.first = await signIn();
const signedInOnce = found.first.tokens;
found.userinfo = await client.fetchUserInfo(
  config,
  signedInOnce.access_token,
  found.first.claims.sub,
);

// ── Refresh: rotated, validated by the same rules ────────────────────────────

const refreshed = await client.refreshTokenGrant(config, signedInOnce.refresh_token);
found.refreshed = { claims: refreshed.claims(), rotated: refreshed.refresh_token !== signedInOnce.refresh_token };
await client.fetchUserInfo(config, refreshed.access_token, found.first.claims.sub);

// ── Single sign-on, then a code used twice ───────────────────────────────────

found.second = await signIn({ silent: true });
found.replay = await refusal(() => redeem(found.second));
found.replayedUserinfo = await refusal(() =>
  client.fetchUserInfo(config, found.second.tokens.access_token, found.first.claims.sub),
);

// ── An error that comes back by redirect ─────────────────────────────────────

const asked = await ask({ prompt: "none" });
found.loginRequired = await refusal(async () =>
  redeem({ ...asked, at: await walk(asked.url, new Map()) }),
);

// ── Two factors: an error for who has none, aal/2 for who has an app ─────────

const wanted = await ask({ acr_values: AAL2, prompt: "none" });
found.unmet = await refusal(async () =>
  redeem({ ...wanted, at: await walk(wanted.url, browser) }),
);
const stepped = await ask({ acr_values: AAL2 });
const enrolled = { username: given.enrolled.username, password: given.enrolled.password };
const at = (await walk(stepped.url, new Map(), enrolled)).href;
found.stepped = (await redeem({ ...stepped, at })).claims();

// ── A client for itself ──────────────────────────────────────────────────────

const service = await discover(given.service);
const own = await client.clientCredentialsGrant(service, { scope: "court" });
found.service = { scope: own.scope, token_type: own.token_type, expires_in: own.expires_in };

// ── Sign-out ─────────────────────────────────────────────────────────────────

const goodbye = client.buildEndSessionUrl(config, {
  id_token_hint: refreshed.id_token,
  post_logout_redirect_uri: given.client.post_logout_redirect_uri,
  state: "bye",
});
found.goodbye = (await walk(goodbye, browser)).href;
found.afterGoodbye = await refusal(() =>
  client.refreshTokenGrant(config, refreshed.refresh_token),
);

delete found.first.tokens;
delete found.second.tokens;
process.stdout.write(JSON.stringify(found));

// ── The relying party ────────────────────────────────────────────────────────

async function discover({ id, secret, method }) {
  const how = { basic: client.ClientSecretBasic, post: client.ClientSecretPost }[method](secret);
  const metadata = { id_token_signed_response_alg: "ES256" };
  const made = await client.discovery(new URL(issuer), id, metadata, how, {
    execute: [client.allowInsecureRequests],
  });
  // over TLS the library trusts the connection; here it has to check every signature
  client.enableNonRepudiationChecks(made);
  return made;
}

async function ask(more = {}) {
  const verifier = client.randomPKCECodeVerifier();
  const state = client.randomState();
  const nonce = client.randomNonce();
  const url = client.buildAuthorizationUrl(config, {
    redirect_uri: redirectUri,
    scope: given.client.scope,
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
    state,
    nonce,
    ...more,
  });
  return { url, verifier, state, nonce };
}

async function redeem({ at, verifier, state, nonce }) {
  return client.authorizationCodeGrant(config, new URL(at), {
    pkceCodeVerifier: verifier,
    expectedState: state,
    expectedNonce: nonce,
    idTokenExpected: true,
  });
}

async function signIn({ silent = false } = {}) {
  const started = await ask(silent ? { prompt: "none" } : {});
  const at = (await walk(started.url, browser, silent ? null : person)).href;
  const tokens = await redeem({ ...started, at });
  return { ...started, at, tokens, claims: tokens.claims() };
}

async function refusal(act) {
  try {
    await act();
  } catch (error) {
    return error.error ?? error.cause?.error ?? error.status ?? String(error);
  }
  return null;
}

// ── The browser: redirects while they stay here, the forms on the way ────────

async function walk(url, cookies, typed = null) {
  let response = await open(url, cookies);
  for (let steps = 0; steps < 12; steps += 1) {
    if (response.status >= 300 && response.status < 400) {
      const next = new URL(response.headers.get("location"), response.url);
      if (next.origin !== issuer) return next;
      response = await open(next, cookies);
    } else if (typed) {
      response = await submit(response, cookies, typed);
      typed = null;
    } else if (new URL(response.url).pathname === "/login/mfa") {
      response = await submit(response, cookies, { otp: code(given.enrolled.secret) });
    } else if (new URL(response.url).pathname === "/login/redaction") {
      // the box's own value is the tick
      response = await submit(response, cookies, {});
    } else {
      break;
    }
  }
  throw new Error(`stopped at ${response.url}: ${response.status} ${await response.text()}`);
}

// An authenticator app (RFC 6238): six digits of the half minute that it is.
function code(secret) {
  const bits = [...secret].map((sign) =>
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(sign).toString(2).padStart(5, "0"),
  );
  const key = Buffer.from(bits.join("").match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
  const mac = createHmac("sha1", key).update(step).digest();
  const number = mac.readUInt32BE(mac.at(-1) & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, "0");
}
