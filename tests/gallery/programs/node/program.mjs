// Passport, express-openid-connect, Auth.js or openid-client in Express.
// Arguments: the program, its configuration as `signon` printed it, the port and the issuer.

import { pathToFileURL } from "node:url";

import express from "express";
import session from "express-session";

const [program, configuration, port, issuer] = process.argv.slice(2);
const here = `http://localhost:${port}`;
process.env.COOKIE_SECRET = "of no consequence, but long enough to be one";
process.env.AUTH_SECRET = process.env.COOKIE_SECRET;
process.env.AUTH_TRUST_HOST = "true";
const printed = await import(pathToFileURL(configuration));
const app = express();
app.set("trust proxy", true);
app.get("/goodbye", (_, response) => response.send("goodbye"));

const out = (id) =>
  `${issuer}/oauth2/end_session?${new URLSearchParams({ client_id: id, post_logout_redirect_uri: `${here}/goodbye` })}`;

const programs = {
  async passport() {
    const { default: passport } = await import("passport");
    app.use(session({ secret: process.env.COOKIE_SECRET, resave: false, saveUninitialized: false }));
    app.use(passport.session());
    passport.use("signon", printed.strategy);
    passport.serializeUser((user, done) => done(null, user));
    passport.deserializeUser((user, done) => done(null, user));
    app.get("/callback", passport.authenticate("signon", { successReturnToOrRedirect: "/" }));
    app.get("/", (request, response, next) => {
      if (!request.user) return passport.authenticate("signon")(request, response, next);
      response.json({ name: request.user.displayName, email: request.user.emails[0].value });
    });
    app.get("/sign-out", (request, response, next) =>
      request.logout((error) => (error ? next(error) : response.redirect(out(printed.strategy._oauth2._clientId)))),
    );
  },

  async "express-openid-connect"() {
    const { default: openid } = await import("express-openid-connect");
    app.use(openid.auth({ ...printed.signon, routes: { ...printed.signon.routes, logout: "/sign-out", postLogoutRedirect: `${here}/goodbye` } }));
    app.get("/", (request, response) => {
      const { name, email } = request.oidc.user;
      response.json({ name, email });
    });
    app.get("/refresh", async (request, response) => {
      const { access_token: old } = request.oidc.accessToken;
      const fresh = await request.oidc.accessToken.refresh();
      response.json({ refreshed: fresh.access_token !== old });
    });
  },

  async authjs() {
    const { ExpressAuth, getSession } = await import("@auth/express");
    const config = { providers: [printed.signon], trustHost: true };
    app.use("/auth/*splat", (request, response, next) => {
      // Express 5 names what Express 4 numbered
      request.params[0] = request.originalUrl.split("?")[0].slice("/auth/".length);
      return ExpressAuth(config)(request, response, next);
    });
    app.get("/", async (request, response) => {
      const found = await getSession(request, { ...config, basePath: "/auth" });
      if (!found) return response.redirect("/auth/signin");
      response.json({ name: found.user.name, email: found.user.email });
    });
    app.get("/sign-out", (_, response) => {
      response.clearCookie("authjs.session-token").redirect(out(printed.signon.clientId));
    });
  },

  async "openid-client"() {
    const client = await import("openid-client");
    const config = await printed.signon({ execute: [client.allowInsecureRequests] });
    app.use(session({ secret: process.env.COOKIE_SECRET, resave: false, saveUninitialized: false }));
    app.get("/", async (request, response) => {
      const kept = request.session;
      if (kept.tokens) {
        const told = await client.fetchUserInfo(config, kept.tokens.access_token, kept.sub);
        return response.json({ name: told.name, email: told.email });
      }
      kept.verifier = client.randomPKCECodeVerifier();
      kept.state = client.randomState();
      const asked = {
        redirect_uri: printed.redirectUri,
        scope: printed.scope,
        code_challenge: await client.calculatePKCECodeChallenge(kept.verifier),
        code_challenge_method: "S256",
        state: kept.state,
      };
      response.redirect(client.buildAuthorizationUrl(config, asked).href);
    });
    app.get("/callback", async (request, response) => {
      const kept = request.session;
      const checks = { pkceCodeVerifier: kept.verifier, expectedState: kept.state };
      const tokens = await client.authorizationCodeGrant(config, new URL(request.url, here), checks);
      kept.sub = tokens.claims().sub;
      kept.tokens = { ...tokens };
      response.redirect("/");
    });
    app.get("/refresh", async (request, response) => {
      const old = request.session.tokens;
      const fresh = await client.refreshTokenGrant(config, old.refresh_token);
      request.session.tokens = { ...old, ...fresh };
      response.json({ refreshed: fresh.access_token !== old.access_token });
    });
    app.get("/sign-out", (request, response) => {
      const asked = { id_token_hint: request.session.tokens.id_token, post_logout_redirect_uri: `${here}/goodbye` };
      const address = client.buildEndSessionUrl(config, asked).href;
      request.session.destroy(() => response.redirect(address));
    });
  },
};

await programs[program]();
app.listen(Number(port), "localhost");
