"""Settings: every one that is missing or wrong gets one line, and no secret is ever shown."""

import base64
from pathlib import Path

import pytest
from pydantic import ValidationError

from signon import config
from signon.config import Settings
from signon.errors import SettingsError

KEY = base64.urlsafe_b64encode(bytes(range(32))).decode()
GOOD = {
    "SIGNON_ISSUER": "https://signon.example",
    "SIGNON_DATABASE_URL": "postgresql+psycopg://signon:hunter2@db.example/signon",
    "SIGNON_SECRET_KEYS": KEY,
    "SIGNON_SMTP_URL": "smtps://signon:hunter3@mail.example",
}


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """Good settings, in a folder without a `.env`."""
    monkeypatch.chdir(tmp_path)
    for name, value in GOOD.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def refusal() -> str:
    with pytest.raises(SettingsError) as refused:
        config.load()
    assert refused.value.__context__ is None or refused.value.__suppress_context__
    return refused.value.sentence


def test_every_setting_is_explained():
    """Operators find each in docs/run.md, by the name that they write."""
    told = (Path(__file__).parents[1] / "docs" / "run.md").read_text()
    assert [name for name in Settings.model_fields if f"`{name.upper()}`" not in told] == []


def test_four_settings_are_enough():
    """Everything else has a default."""
    settings = config.load()
    assert settings.is_https
    assert settings.sender == "no-reply@signon.example"
    assert settings.key_bytes == (bytes(range(32)),)
    assert settings.password_policy == "nist"
    assert settings.filer_second_factor == "required"
    assert settings.second_factor_skips == 3


@pytest.mark.parametrize("name", GOOD)
@pytest.mark.parametrize("emptied", [False, True])
def test_a_missing_setting_is_named_with_its_mend(
    environment: pytest.MonkeyPatch, name: str, emptied: bool
):
    """Set to nothing counts as missing."""
    environment.setenv(name, "") if emptied else environment.delenv(name)
    assert (
        refusal()
        == f"{name} is missing: {config.HOW_TO_MEND[name.removeprefix('SIGNON_').lower()]}"
    )


def test_all_that_is_wrong_is_said_at_once(environment: pytest.MonkeyPatch):
    """In one line, so that nobody mends them one by one."""
    environment.delenv("SIGNON_ISSUER")
    environment.setenv("SIGNON_SMTP_URL", "ftp://mail.example")
    sentence = refusal()
    assert "SIGNON_ISSUER is missing" in sentence
    assert "SIGNON_SMTP_URL must start with" in sentence
    assert "\n" not in sentence


BAD = [
    ("SIGNON_ISSUER", "signon.example", "must be an address"),
    ("SIGNON_ISSUER", "https://signon.example/", "without a closing slash"),
    ("SIGNON_ISSUER", "https://signon.example/sso", "scheme, host and port only"),
    ("SIGNON_ISSUER", "https://signon.example?x=1", "scheme, host and port only"),
    ("SIGNON_ISSUER", "https://me@signon.example", "scheme, host and port only"),
    ("SIGNON_ISSUER", "http://signon.example", "http only on a loopback host"),
    ("SIGNON_ISSUER", "http://10.0.0.1:8000", "http only on a loopback host"),
    ("SIGNON_ISSUER", "http://localhost.example", "http only on a loopback host"),
    ("SIGNON_DATABASE_URL", "mysql://db/x", "must start with sqlite"),
    ("SIGNON_DATABASE_URL", "sqlite:///", "must start with sqlite:///PATH"),
    ("SIGNON_DATABASE_URL", "sqlite:///:memory:", "must name a file"),
    ("SIGNON_DATABASE_URL", "postgresql+psycopg://a:hunter9/x@db/x", "no valid port"),
    ("SIGNON_SECRET_KEYS", "hunter9", "32 random bytes"),
    ("SIGNON_SECRET_KEYS", f"{KEY},hunter9", "32 random bytes"),
    ("SIGNON_SECRET_KEYS", f"{KEY},", "32 random bytes"),
    ("SIGNON_SECRET_KEYS", "hunter9!" * 6, "32 random bytes"),
    ("SIGNON_SMTP_URL", "mail.example", "must start with smtp://"),
    ("SIGNON_SMTP_URL", "smtp://", "must name the mail server's host"),
    ("SIGNON_SMTP_URL", "smtp://me:hunter9/@mail.example", "no valid port"),
    ("SIGNON_SMTP_URL", "file:", "must name a folder"),
    ("SIGNON_SMTP_URL", "file:mail", "only for a loopback issuer"),
    ("SIGNON_MAIL_FROM", "nobody", "must be an e-mail address"),
    ("SIGNON_TRUSTED_PROXIES", "10.0.0.0/8,everybody", "'everybody' does not appear to be"),
    ("SIGNON_TRUSTED_PROXIES", "10.0.0.1/8", "has host bits set"),
    ("SIGNON_OUTBOUND_NETWORKS", "10.0.0.0/8,court.example", "'court.example' does not appear"),
    ("SIGNON_LOG_FORMAT", "xml", "'json' or 'console'"),
    ("SIGNON_PASSWORD_POLICY", "none", "'nist' or 'pacer'"),
    ("SIGNON_FILER_SECOND_FACTOR", "never", "'required' or 'offered'"),
    ("SIGNON_SECOND_FACTOR_SKIPS", "-1", "greater than or equal to 0"),
    ("SIGNON_ARGON2_MEMORY_KIB", "1", "greater than or equal to 8"),
    ("SIGNON_ARGON2_TIME", "0", "greater than or equal to 1"),
    ("SIGNON_LOGIN_FAILURES_PER_ADDRESS", "many", "valid integer"),
    ("SIGNON_LOGIN_FAILURES_CAP", "101", "less than or equal to 100"),
    ("SIGNON_SESSION_ABSOLUTE_SECONDS", "86401", "less than or equal to 86400"),
    ("SIGNON_CODE_SECONDS", "601", "less than or equal to 600"),
]


@pytest.mark.parametrize(("name", "value", "reason"), BAD)
def test_a_bad_setting_is_named_with_its_reason(
    environment: pytest.MonkeyPatch, name: str, value: str, reason: str
):
    """One line with the setting's name; what was in it is not repeated."""
    environment.setenv(name, value)
    sentence = refusal()
    assert name in sentence
    assert reason in sentence
    assert "\n" not in sentence
    assert "hunter" not in sentence


@pytest.mark.parametrize(
    "issuer", ["http://localhost:8000", "http://127.0.0.1", "http://[::1]:8000", "http://127.9.9.9"]
)
def test_http_is_for_loopback(environment: pytest.MonkeyPatch, issuer: str):
    """There the cookies have no `Secure`, and mail may go into a folder."""
    environment.setenv("SIGNON_ISSUER", issuer)
    environment.setenv("SIGNON_SMTP_URL", "file:mail")
    assert not config.load().is_https


def test_several_keys_and_padding(environment: pytest.MonkeyPatch):
    """The first seals; each with or without its padding."""
    other = base64.urlsafe_b64encode(b"\xff" * 32).decode()
    environment.setenv("SIGNON_SECRET_KEYS", f"{other.rstrip('=')}, {KEY}")
    assert config.load().key_bytes == (b"\xff" * 32, bytes(range(32)))


@pytest.mark.parametrize("name", ["trusted_proxies", "outbound_networks"])
def test_networks_are_of_both_families(environment: pytest.MonkeyPatch, name: str):
    """Separated by commas; an address alone is a network of one."""
    environment.setenv(f"SIGNON_{name.upper()}", "10.0.0.0/8, ::1, ::ffff:172.16.0.0/108, ::/0")
    found = [str(net) for net in getattr(config.load(), name)]
    # IPv4 within IPv6 is IPv4
    assert found == ["10.0.0.0/8", "::1/128", "172.16.0.0/12", "::/0"]


# ── Secrets ──────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", config.SECRETS)
def test_every_secret_may_stand_in_a_file(
    environment: pytest.MonkeyPatch, tmp_path: Path, name: str
):
    """One final line break is dropped, nothing else."""
    setting = f"SIGNON_{name.upper()}"
    value = GOOD.get(setting, "a metrics token ")
    environment.delenv(setting, raising=False)
    (tmp_path / "secret").write_text(value + "\n")
    environment.setenv(f"{setting}_FILE", str(tmp_path / "secret"))
    found = getattr(config.load(), name)
    secret = found[0] if isinstance(found, tuple) else found
    assert secret.get_secret_value() == value


def test_a_secret_in_both_places_is_refused(environment: pytest.MonkeyPatch, tmp_path: Path):
    """Nobody could say which one holds."""
    environment.setenv("SIGNON_SMTP_URL_FILE", str(tmp_path / "secret"))
    assert refusal() == ("SIGNON_SMTP_URL and SIGNON_SMTP_URL_FILE are both set: keep one of them.")


@pytest.mark.parametrize("kind", ["missing", "folder", "binary"])
def test_a_secret_file_that_cannot_be_read_is_named(
    environment: pytest.MonkeyPatch, tmp_path: Path, kind: str
):
    """In one line, whatever is wrong with it."""
    path = tmp_path / "secret"
    if kind == "folder":
        path.mkdir()
    elif kind == "binary":
        path.write_bytes(b"\xff\xfe\x00")
    environment.delenv("SIGNON_SMTP_URL")
    environment.setenv("SIGNON_SMTP_URL_FILE", str(path))
    assert refusal().startswith("SIGNON_SMTP_URL_FILE cannot be read:")


def test_only_secrets_are_read_from_files(environment: pytest.MonkeyPatch, tmp_path: Path):
    """`SIGNON_ISSUER_FILE` would be a setting that has no effect: it is refused."""
    (tmp_path / "issuer").write_text("https://elsewhere.example")
    environment.setenv("SIGNON_ISSUER_FILE", str(tmp_path / "issuer"))
    assert "SIGNON_ISSUER_FILE is not a setting" in refusal()


def test_settings_show_no_secret(environment: pytest.MonkeyPatch):
    """However they are printed."""
    environment.setenv("SIGNON_METRICS_TOKEN", "hunter4")
    settings = config.load()
    for shown in (
        repr(settings),
        str(settings),
        str(settings.model_dump()),
        settings.model_dump_json(),
    ):
        assert "hunter" not in shown
        assert KEY not in shown


def test_an_error_shows_no_secret_either(environment: pytest.MonkeyPatch):
    """Not even the library's own, which nobody should see."""
    environment.setenv("SIGNON_SMTP_URL", "ftp://me:hunter9@mail.example")
    with pytest.raises(ValidationError) as wrong:
        Settings()
    assert "hunter9" not in str(wrong.value)


def test_settings_cannot_be_changed():
    """They are read once and then passed on."""
    with pytest.raises(ValueError, match="frozen"):
        config.load().issuer = "https://elsewhere.example"  # type: ignore[misc]


# ── Names and places ─────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("SIGNON_TRUSTED_PROXYS", "SIGNON_TRUSTED_PROXIES"),
        ("SIGNON_SESION_IDLE_SECONDS", "SIGNON_SESSION_IDLE_SECONDS"),
        ("SIGNON_SECRET_KEY", "SIGNON_SECRET_KEYS"),
        ("SIGNON_METRICS_TOKEN_FILES", "SIGNON_METRICS_TOKEN_FILE"),
    ],
)
def test_a_misspelt_setting_is_refused(environment: pytest.MonkeyPatch, name: str, meant: str):
    """Else its default would silently stay in force."""
    environment.setenv(name, "10")
    assert refusal() == f"{name} is not a setting: did you mean {meant}?"


def test_dotenv_is_read_and_the_environment_wins(environment: pytest.MonkeyPatch, tmp_path: Path):
    """A developer's file, never stronger than what was set on purpose."""
    (tmp_path / ".env").write_text("SIGNON_CODE_SECONDS=30\nSIGNON_LOG_FORMAT=console\n")
    environment.setenv("SIGNON_LOG_FORMAT", "json")
    settings = config.load()
    assert (settings.code_seconds, settings.log_format) == (30, "json")


def test_every_setting_of_the_contract_is_known():
    """Section 3 names them; each is accepted from the first issue on."""
    named = (
        "ISSUER DATABASE_URL SECRET_KEYS SMTP_URL MAIL_FROM TRUSTED_PROXIES PASSWORD_POLICY "
        "ARGON2_MEMORY_KIB ARGON2_TIME FILER_SECOND_FACTOR SECOND_FACTOR_SKIPS "
        "LOGIN_FAILURES_PER_ADDRESS LOGIN_FAILURES_WINDOW_SECONDS LOGIN_SOFT_WAIT_AFTER "
        "LOG_FORMAT MAIL_REPORTS_TOKEN METRICS_TOKEN"
    )
    assert {name.lower() for name in named.split()} <= set(Settings.model_fields)


@pytest.mark.parametrize(
    ("host", "is_ours"),
    [
        ("localhost", True),
        ("127.0.0.1", True),
        ("127.1.2.3", True),
        ("::1", True),
        ("[::1]", True),
        ("0.0.0.0", False),
        ("localhost.example", False),
        ("10.0.0.1", False),
        ("", False),
    ],
)
def test_loopback_means_this_machine(host: str, is_ours: bool):
    """Names other than `localhost` may point anywhere tomorrow."""
    assert config.is_loopback(host) is is_ours
