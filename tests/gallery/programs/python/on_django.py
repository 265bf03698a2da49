"""django-allauth or mozilla-django-oidc in the smallest Django there can be.

Arguments: the program, its configuration as `signon` printed it, the port and the issuer.
"""

import runpy
import sys
from pathlib import Path
from urllib.parse import urlencode

import django
from django.conf import settings
from django.core.management import call_command

program, configuration, port, issuer = sys.argv[1:]
printed = {k: v for k, v in runpy.run_path(configuration).items() if k.isupper()}
APPS = {
    "django-allauth": [
        "allauth",
        "allauth.account",
        "allauth.socialaccount",
        "allauth.socialaccount.providers.openid_connect",
    ],
    "mozilla-django-oidc": ["mozilla_django_oidc"],
}
MIDDLEWARE = {
    "django-allauth": "allauth.account.middleware.AccountMiddleware",
    "mozilla-django-oidc": "mozilla_django_oidc.middleware.SessionRefresh",
}
settings.configure(
    SECRET_KEY="of no consequence",
    DEBUG=True,
    ALLOWED_HOSTS=["localhost"],
    ROOT_URLCONF=__name__,
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": str(Path(configuration).with_suffix(".sqlite3")),
        }
    },
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "django.contrib.messages",
        *APPS[program],
    ],
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
        MIDDLEWARE[program],
    ],
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "APP_DIRS": True,
            "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
        }
    ],
    SOCIALACCOUNT_LOGIN_ON_GET=True,
    ACCOUNT_EMAIL_VERIFICATION="none",
    LOGIN_URL={"django-allauth": "/accounts/oidc/signon/login/"}.get(
        program, "/oidc/authenticate/"
    ),
    LOGIN_REDIRECT_URL="/",
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    **(
        {"AUTHENTICATION_BACKENDS": ["allauth.account.auth_backends.AuthenticationBackend"]}
        if program == "django-allauth"
        else {}
    ),
    **printed,
)
django.setup()

from django.contrib.auth import logout  # noqa: E402 - Django wants its settings first
from django.contrib.auth.decorators import login_required  # noqa: E402
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse  # noqa: E402
from django.urls import include, path  # noqa: E402


@login_required
def home(request):
    """Who it is, as the program keeps it."""
    return JsonResponse({"email": request.user.email})


@login_required
def renew(request):
    """The ID token is taken for old, so that the middleware asks anew."""
    request.session["oidc_id_token_expiration"] = 1
    return HttpResponseRedirect("/")


def sign_out(request):
    """Out of the program, and then out of the provider."""
    logout(request)
    client_id = (
        printed.get("OIDC_RP_CLIENT_ID")
        or (printed["SOCIALACCOUNT_PROVIDERS"]["openid_connect"]["APPS"][0]["client_id"])
    )
    asked = {
        "client_id": client_id,
        "post_logout_redirect_uri": f"http://localhost:{port}/goodbye",
    }
    return HttpResponseRedirect(f"{issuer}/oauth2/end_session?{urlencode(asked)}")


urlpatterns = [
    path("", home),
    path("renew", renew),
    path("sign-out", sign_out),
    path("goodbye", lambda _request: HttpResponse("goodbye")),
    path("accounts/", include("allauth.urls"))
    if program == "django-allauth"
    else path("oidc/", include("mozilla_django_oidc.urls")),
]

if __name__ == "__main__":
    sys.modules["__main__"] = sys.modules[__name__]
    call_command("migrate", verbosity=0)
    call_command("runserver", f"localhost:{port}", use_reloader=False)
