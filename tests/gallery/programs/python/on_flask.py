"""flask-oidc, idpyoidc or requests-oauthlib in Flask.

Arguments: the program, its configuration as `signon` printed it, the port and the issuer.
"""

import os
import runpy
import sys
import tempfile
from urllib.parse import urlencode

from flask import Flask, redirect, request, session

program, configuration, port, issuer = sys.argv[1:]
os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"  # on this machine alone, and without TLS
os.environ["OAUTHLIB_RELAX_TOKEN_SCOPE"] = "0"
printed = runpy.run_path(configuration)
HERE = f"http://localhost:{port}"
app = Flask(__name__)
app.config.update(SECRET_KEY="of no consequence")


@app.get("/goodbye")
def goodbye():
    """Where sign-out ends."""
    return "goodbye"


def _out(client_id):
    asked = {"client_id": client_id, "post_logout_redirect_uri": f"{HERE}/goodbye"}
    return redirect(f"{issuer}/oauth2/end_session?{urlencode(asked)}")


def flask_oidc():
    """The extension's own routes, and its own renewal before every request."""
    from flask_oidc import OpenIDConnect
    from flask_session import Session

    app.config.update(
        {name: value for name, value in printed.items() if name.isupper()},
        SESSION_TYPE="filesystem",
        SESSION_FILE_DIR=tempfile.mkdtemp(),
    )
    Session(app)
    oidc = OpenIDConnect(app)

    @app.get("/")
    @oidc.require_login
    def home():
        return {"name": session["oidc_auth_profile"]["name"], "email": oidc.user_getfield("email")}

    @app.get("/age")
    def age():
        session["oidc_auth_token"] = {**session["oidc_auth_token"], "expires_at": 1}
        session["old"] = session["oidc_auth_token"]["access_token"]
        return redirect("/refresh")

    @app.get("/refresh")
    def refresh():
        if "old" not in session:
            return redirect("/age")
        return {"refreshed": session["oidc_auth_token"]["access_token"] != session.pop("old")}

    @app.get("/sign-out")
    def sign_out():
        session.clear()
        return _out(app.config["OIDC_CLIENT_ID"])


def requests_oauthlib():
    """As its documentation does it."""
    signon = printed["signon"]

    @app.get("/")
    def home():
        if "token" not in session:
            asked = signon()
            address, session["state"] = asked.authorization_url(printed["AUTHORIZATION_URL"])
            session["verifier"] = asked._code_verifier
            return redirect(address)
        told = signon(token=session["token"]).get(printed["USERINFO_URL"]).json()
        return {"name": told["name"], "email": told["email"]}

    @app.get("/callback")
    def callback():
        asked = signon(state=session["state"])
        asked._code_verifier = session["verifier"]
        session["token"] = asked.fetch_token(
            printed["TOKEN_URL"],
            client_secret=printed["CLIENT_SECRET"],
            authorization_response=request.url,
        )
        return redirect("/")

    @app.get("/refresh")
    def refresh():
        asked = signon(token=session["token"])
        old = session["token"]["access_token"]
        session["token"] = asked.refresh_token(
            printed["TOKEN_URL"], auth=(asked.client_id, printed["CLIENT_SECRET"])
        )
        return {"refreshed": session["token"]["access_token"] != old}

    @app.get("/sign-out")
    def sign_out():
        session.clear()
        return _out(signon().client_id)


def idpyoidc():
    """Its relying party handler, with the client that was printed."""
    from idpyoidc.client.rp_handler import RPHandler

    rp = RPHandler(
        base_url=HERE,
        client_configs={"signon": printed["SIGNON"]},
        httpc_params={"verify": False},
    )

    @app.get("/")
    def home():
        if "state" not in session:
            return redirect(rp.begin("signon"))
        told = rp.get_user_info(session["state"])
        return {"name": told["name"], "email": told["email"]}

    @app.get("/callback")
    def callback():
        came_back = request.args.to_dict()
        began = rp.get_session_information(came_back["state"])
        done = rp.finalize(began["iss"], came_back)
        if "error" in done:
            return done, 500
        session["state"] = done["state"]
        return redirect("/")

    @app.get("/refresh")
    def refresh():
        old = rp.get_valid_access_token(session["state"])[0]
        rp.refresh_access_token(session["state"])
        return {"refreshed": rp.get_valid_access_token(session["state"])[0] != old}

    @app.get("/sign-out")
    def sign_out():
        session.clear()
        return _out(printed["SIGNON"]["client_id"])


{"flask-oidc": flask_oidc, "requests-oauthlib": requests_oauthlib, "idpyoidc": idpyoidc}[program]()
app.run("localhost", int(port))
