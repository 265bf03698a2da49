// The example of docs/clients.md as a court's site, and a person's browser, at one provider.
//
// Reads one JSON object from standard input and writes what a test wants to look at.

import * as client from "openid-client";

import { form, open, submit, text } from "./browser.mjs";

const given = JSON.parse(await text(process.stdin));
const { begin, connect, finish } = await import(given.example);

const key = await crypto.subtle.importKey(
  "jwk",
  given.key,
  { name: "ECDSA", namedCurve: "P-256" },
  false,
  ["sign"],
);
const site = await connect(given.issuer, given.client, key, {
  execute: [client.allowInsecureRequests],
});
client.enableNonRepudiationChecks(site.reads);

const { url, checks } = await begin(site, given.redirect_uri);
const { request, cookies } = await signIn(url);
const { tokens, person } = await finish(site, request, checks);

const { DPoP } = site;
const refreshed = await client.refreshTokenGrant(site.reads, tokens.refresh_token, {}, { DPoP });
const introspected = await client.tokenIntrospection(site.reads, refreshed.access_token);
const stolen = await fetch(`${given.issuer}/oauth2/userinfo`, {
  headers: { authorization: `Bearer ${tokens.access_token}` },
});
const reused = await open(url, cookies);
process.stdout.write(
  JSON.stringify({
    url: url.href,
    claims: tokens.claims(),
    type: tokens.token_type,
    person,
    kept: refreshed.refresh_token === tokens.refresh_token,
    introspected,
    stolen: stolen.status,
    reused: reused.status,
  }),
);

async function signIn(address) {
  const cookies = new Map();
  let response = await open(address, cookies);
  for (let steps = 0; steps < 12; steps += 1) {
    if (response.status >= 300 && response.status < 400) {
      response = await open(new URL(response.headers.get("location"), response.url), cookies);
      continue;
    }
    const { address: to, body } = await form(response.clone(), given.person);
    if (to.href === given.redirect_uri) {
      return { request: new Request(to, { method: "POST", body }), cookies };
    }

    response = await submit(response, cookies, given.person);
  }
  throw new Error(`stopped at ${response.url}`);
}
