// A court's site under the profile `fapi2`, on npm's openid-client 6: pushed requests, its own key
// instead of a secret, tokens that are worth nothing without a second key, signed answers.
import * as client from "openid-client";

// At the start: `key` is the private part of what `signon clients create --jwks-file` was given.
export async function connect(issuer, clientId, key, options) {
  const metadata = { id_token_signed_response_alg: "ES256", authorization_signed_response_alg: "ES256" };
  const auth = client.PrivateKeyJwt(key);
  const asks = await client.discovery(new URL(issuer), clientId, metadata, auth, options);
  // a configuration that reads signed answers asks for them by query, not by a form: so there are two
  const reads = new client.Configuration(asks.serverMetadata(), clientId, metadata, auth);
  for (const each of [client.useJwtResponseMode, ...(options?.execute ?? [])]) each(reads);
  return { asks, reads, DPoP: client.getDPoPHandle(reads, await client.randomDPoPKeyPair("ES256")) };
}

// Somebody wants to sign in: keep `checks` in their session and redirect them to `url`.
export async function begin({ asks, DPoP }, redirect_uri) {
  const pkceCodeVerifier = client.randomPKCECodeVerifier();
  const checks = { pkceCodeVerifier, expectedState: client.randomState(), expectedNonce: client.randomNonce() };
  const url = await client.buildAuthorizationUrlWithPAR(asks, {
    redirect_uri,
    scope: "openid profile ecf",
    response_mode: "form_post.jwt",
    code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: "S256",
    state: checks.expectedState,
    nonce: checks.expectedNonce,
  }, { DPoP });
  return { url, checks };
}

// They come back by a POST to `redirect_uri`: `request` is that, as the fetch API has it.
export async function finish({ reads, DPoP }, request, checks) {
  const tokens = await client.authorizationCodeGrant(reads, request, { ...checks, idTokenExpected: true }, {}, { DPoP });
  const person = await client.fetchUserInfo(reads, tokens.access_token, tokens.claims().sub, { DPoP });
  return { tokens, person };
}
