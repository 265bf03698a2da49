"""Settings: read from the environment once, checked, and then passed on as one frozen value.

Every secret is also read from the file named by ``<SETTING>_FILE``. A ``.env`` file in the
working folder is read too; the environment wins over it.
"""

import base64
import binascii
import difflib
import ipaddress
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

from signon.errors import SettingsError
from signon.words.sentences import _

PREFIX = "SIGNON_"
SITE_NAME = "Federal Courts Sign-on"
"""The service, to people: in the band, in titles, in mails, in authenticator apps."""
SECRETS = ("database_url", "secret_keys", "smtp_url", "metrics_token", "mail_reports_token")
HOW_TO_MEND = {
    "issuer": "set it to the address people reach this server at, such as https://signon.example",
    "database_url": "set it to sqlite:///PATH or postgresql+psycopg://USER@HOST/NAME",
    "secret_keys": "set it to the output of `signon keys new-secret`",
    "smtp_url": "set it to smtp://HOST:PORT, smtps://HOST:PORT or, on loopback, file:FOLDER",
    "security_contact": "set it to an e-mail address, https://… or tel:…",
    "security_policy": "set it to an address that begins with https://",
}

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Settings(BaseSettings):
    """What an operator sets. Names end in their unit; times are seconds."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=".env",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )

    issuer: str
    database_url: SecretStr
    secret_keys: Annotated[tuple[SecretStr, ...], NoDecode]
    smtp_url: SecretStr
    mail_from: str = ""
    security_contact: str = Field("", pattern=r"^([^\s@:]+@[A-Za-z0-9.-]+|(https://|tel:)[!-~]+|)$")
    security_policy: str = Field("", pattern=r"^(https://[!-~]+|)$")
    # marked as sentences, for the pages say them in their reader’s language
    help_name: str = Field(_("PACER Service Center"), max_length=80)
    help_phone: str = Field("+1 800 676 6856", pattern=r"^\+[0-9 ]{7,20}$")
    help_hours: str = Field(_("Monday to Friday, 8 AM to 6 PM Central Time"), max_length=120)
    help_email: str = Field("pacer@psc.uscourts.gov", pattern=r"^([^\s@:]+@[A-Za-z0-9.-]+|)$")
    trusted_proxies: Annotated[tuple[Network, ...], NoDecode] = ()
    outbound_networks: Annotated[tuple[Network, ...], NoDecode] = ()
    log_format: Literal["json", "console"] = "json"
    metrics_token: SecretStr | None = None
    otel: bool = False
    mail_reports_token: SecretStr | None = None

    password_policy: Literal["nist", "pacer"] = "nist"
    filer_second_factor: Literal["required", "offered"] = "required"
    second_factor_skips: int = Field(3, ge=0, le=10)
    factor_reset_delay_seconds: int = Field(3 * 86400, ge=3600, le=30 * 86400)
    # how long the old address may stop a change that no settled second factor stands behind
    email_change_wait_seconds: int = Field(3 * 86400, ge=3600, le=30 * 86400)
    argon2_memory_kib: int = Field(19 * 1024, ge=8, le=1024 * 1024)
    argon2_time: int = Field(2, ge=1, le=20)
    hashing_threads: int = Field(default_factory=lambda: os.cpu_count() or 1, ge=1, le=64)
    hashing_queue_seconds: float = Field(2.0, gt=0, le=30)

    login_failures_per_address: int = Field(20, ge=1)
    login_failures_window_seconds: int = Field(300, ge=1)
    login_soft_wait_after: int = Field(5, ge=1)
    login_soft_wait_seconds: int = Field(30, ge=1)
    login_failures_cap: int = Field(100, ge=1, le=100)
    link_failures: int = Field(5, ge=1)
    link_failures_wait_seconds: int = Field(900, ge=1)
    link_failures_cap: int = Field(20, ge=5, le=100)

    recovery_requests_per_address: int = Field(20, ge=1)
    recovery_requests_window_seconds: int = Field(3600, ge=60)
    # longer than the pause between two mails, or somebody else's requests could lock an owner out
    recovery_link_seconds: int = Field(30 * 60, ge=25 * 60, le=24 * 3600)
    # SP 800-63B section 4.2: by mail at most 24 hours
    invitation_link_seconds: int = Field(24 * 3600, ge=3600, le=24 * 3600)

    # 0: proofs need no nonce of ours
    dpop_nonce_seconds: int = Field(0, ge=0, le=3600)
    require_pushed_requests: bool = False

    api_requests_per_minute: int = Field(600, ge=1)

    registrations_per_network: int = Field(30, ge=1)
    registration_mails_per_address: int = Field(5, ge=1, le=5)
    registration_link_seconds: int = Field(24 * 3600, ge=600, le=24 * 3600)

    # browsers keep a cookie for 400 days at most
    known_device_seconds: int = Field(90 * 24 * 3600, ge=24 * 3600, le=400 * 24 * 3600)
    session_idle_seconds: int = Field(30 * 60, ge=60, le=3600)
    session_absolute_seconds: int = Field(12 * 3600, ge=300, le=24 * 3600)
    cso_api: Literal["off", "search_only", "on"] = "search_only"
    # what whoever names no format is answered in: that of the request, or always one
    cso_default_format: Literal["request", "json", "xml"] = "request"
    # CourtListener keeps a token for 60 minutes
    cso_idle_seconds: int = Field(60 * 60, ge=600, le=24 * 3600)
    cso_absolute_seconds: int = Field(12 * 3600, ge=3600, le=24 * 3600)
    cso_grace_seconds: int = Field(120, ge=0, le=300)
    reauthentication_seconds: int = Field(300, ge=60, le=3600)
    journey_seconds: int = Field(3600, ge=300)
    link_proof_seconds: int = Field(600, ge=60)
    upgrade_seconds: int = Field(30 * 24 * 3600, ge=2 * 24 * 3600)
    code_seconds: int = Field(60, ge=5, le=600)
    access_token_seconds: int = Field(300, ge=30, le=3600)
    id_token_seconds: int = Field(300, ge=30, le=3600)
    # longer than any token lives and any JWKS is cached, with what our own caches add to both
    key_overlap_seconds: int = Field(24 * 3600, ge=2 * 3600)

    # files with the operator's own text, paragraphs between empty lines; else what we say
    privacy_page: Path | None = None
    accessibility_page: Path | None = None

    # the courts' pages say two years and six months (domain facts 1.5); 0: never
    search_inactive_after_days: int = Field(730, ge=0)
    # days before a training certificate runs out; 0: no such mail
    certificate_notice_days: int = Field(30, ge=0, le=365)
    certificate_last_notice_days: int = Field(7, ge=0, le=365)
    registration_draft_days: int = Field(180, ge=1)
    audit_origin_days: int = Field(365, ge=1)
    # where each checkpoint of the record is kept, out of reach of whoever writes to the database
    audit_checkpoint_file: Path | None = None
    client_refusal_days: int = Field(14, ge=1)

    database_pool: int = Field(8, ge=1, le=100)
    # false: for a pooler that does not carry prepared statements
    database_prepared: bool = True
    body_limit_bytes: int = Field(64 * 1024, ge=4096)
    document_limit_bytes: int = Field(20 * 1024 * 1024, ge=1024 * 1024, le=100 * 1024 * 1024)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments first (tests), then secret files, the environment, `.env`."""
        return init_settings, _SecretFiles(settings_cls), env_settings, dotenv_settings

    @field_validator("issuer")
    @classmethod
    def _issuer(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("must be an address such as https://signon.example")
        if parts.path or parts.query or parts.fragment or "@" in parts.netloc:
            raise ValueError("must be scheme, host and port only, without a closing slash")
        if parts.scheme == "http" and not is_loopback(parts.hostname):
            raise ValueError("may be http only on a loopback host (localhost); use https")
        return value

    @field_validator("database_url")
    @classmethod
    def _database_url(cls, value: SecretStr) -> SecretStr:
        url = value.get_secret_value()
        if not url.startswith(("sqlite:///", "postgresql+psycopg://")) or url == "sqlite:///":
            raise ValueError("must start with sqlite:///PATH or postgresql+psycopg://")
        if ":memory:" in url:
            raise ValueError("must name a file: all state lives in the database")
        if not _is_port_sound(url):
            raise ValueError("has no valid port after the host; write special characters as %XX")
        return value

    @field_validator("secret_keys", mode="before")
    @classmethod
    def _split_keys(cls, value: object) -> object:
        return value.split(",") if isinstance(value, str) else value

    @field_validator("secret_keys")
    @classmethod
    def _keys(cls, value: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        if not value or any(len(_decode_key(key.get_secret_value())) != 32 for key in value):
            raise ValueError("must be 32 random bytes each, base64url, separated by commas")
        return value

    @field_validator("smtp_url")
    @classmethod
    def _smtp_url(cls, value: SecretStr) -> SecretStr:
        url = value.get_secret_value()
        parts = urlsplit(url)
        if parts.scheme not in {"smtp", "smtps", "file"}:
            raise ValueError("must start with smtp://, smtps:// or file:")
        if parts.scheme != "file" and not parts.hostname:
            raise ValueError("must name the mail server's host")
        if parts.scheme != "file" and not _is_port_sound(url):
            raise ValueError("has no valid port after the host; write special characters as %XX")
        if parts.scheme == "file" and not url.removeprefix("file:"):
            raise ValueError("must name a folder: file:FOLDER")
        return value

    @field_validator("trusted_proxies", "outbound_networks", mode="before")
    @classmethod
    def _networks(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        return tuple(_network(part.strip()) for part in value.split(","))

    @model_validator(mode="after")
    def _agree(self) -> Self:
        host = urlsplit(self.issuer).hostname or ""
        if self.smtp_url.get_secret_value().startswith("file:") and not is_loopback(host):
            raise ValueError("SIGNON_SMTP_URL may be file: only for a loopback issuer")
        if self.mail_from and "@" not in self.mail_from:
            raise ValueError("SIGNON_MAIL_FROM must be an e-mail address")
        return self

    @property
    def is_https(self) -> bool:
        """Whether cookies carry the `__Host-` prefix and `Secure`: the issuer's scheme decides."""
        return self.issuer.startswith("https:")

    @property
    def sender(self) -> str:
        """The address that mail comes from."""
        return self.mail_from or f"no-reply@{urlsplit(self.issuer).hostname}"

    @property
    def key_bytes(self) -> tuple[bytes, ...]:
        """The key ring's keys, decoded, newest first."""
        return tuple(_decode_key(key.get_secret_value()) for key in self.secret_keys)


class _SecretFiles(PydanticBaseSettingsSource):
    """Reads ``SIGNON_X_FILE`` for every secret setting; a final newline is dropped."""

    def get_field_value(self, field: Any, field_name: str) -> tuple[Any, str, bool]:
        path = os.environ.get(f"{PREFIX}{field_name.upper()}_FILE")
        if field_name not in SECRETS or not path:
            return None, field_name, False
        if os.environ.get(f"{PREFIX}{field_name.upper()}"):
            name = f"{PREFIX}{field_name.upper()}"
            raise SettingsError(f"{name} and {name}_FILE are both set: keep one of them.")
        try:
            return Path(path).read_text().removesuffix("\n"), field_name, False
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is no text"
            raise SettingsError(
                f"{PREFIX}{field_name.upper()}_FILE cannot be read: {reason}."
            ) from None

    def __call__(self) -> dict[str, Any]:
        fields = self.settings_cls.model_fields
        values = {name: self.get_field_value(field, name)[0] for name, field in fields.items()}
        return {name: value for name, value in values.items() if value is not None}


def load(**overrides: Any) -> Settings:
    """Read and check the settings.

    Raises SettingsError with one line that names every setting that is missing or wrong and
    says how to mend it; a secret's value is never part of it.
    """
    _refuse_misspelt(os.environ)
    try:
        return Settings(**overrides)
    except ValidationError as error:
        raise SettingsError("; ".join(_explain(problem) for problem in error.errors())) from None


def is_loopback(host: str) -> bool:
    """Whether a host name or address always means this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _network(text: str) -> Network:
    """IPv4 within IPv6 is IPv4, as the addresses are that are looked for in it."""
    network = ipaddress.ip_network(text)
    mapped = getattr(network.network_address, "ipv4_mapped", None)
    if mapped is None or network.prefixlen < 96:
        return network
    return ipaddress.ip_network((mapped, network.prefixlen - 96))


def _is_port_sound(url: str) -> bool:
    """An unescaped / or # in a password ends the host early; the parser's error would show it."""
    try:
        urlsplit(url).port  # noqa: B018 - looking raises
    except ValueError:
        return False
    return True


def _explain(problem: Mapping[str, Any]) -> str:
    name = str(problem["loc"][0]) if problem["loc"] else ""
    setting = f"{PREFIX}{name.upper()}"
    if problem["type"] == "missing":
        return f"{setting} is missing: {HOW_TO_MEND[name]}"
    if problem["type"] == "string_pattern_mismatch":
        return f"{setting} cannot be used: {HOW_TO_MEND[name]}"
    message = str(problem["msg"]).removeprefix("Value error, ")
    return f"{setting} {message}" if name else message


def _refuse_misspelt(environ: Mapping[str, str]) -> None:
    """A typing error in a setting's name would otherwise silently leave its default in force."""
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    known |= {f"{PREFIX}{name.upper()}_FILE" for name in SECRETS}
    for name in sorted(set(environ) - known):
        if name.startswith(PREFIX) and name.removesuffix("_FILE") in known:
            raise SettingsError(f"{name} is not a setting: only secrets are read from files.")
        close = difflib.get_close_matches(name, known, 1, 0.9) if name.startswith(PREFIX) else []
        if close:
            raise SettingsError(f"{name} is not a setting: did you mean {close[0]}?")


def _decode_key(text: str) -> bytes:
    bare = text.strip().rstrip("=")
    try:
        padded = bare + "=" * (-len(bare) % 4)
        return base64.b64decode(padded, altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return b""
