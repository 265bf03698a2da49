"""The locks pin everything by hash and say nothing of where it comes from."""

import json
import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
LOCKS = ("requirements-build.lock", "requirements.lock", "requirements-test.lock")
PINNED = re.compile(
    r"^([A-Za-z0-9._-]+)==(\S+)( ; [^\\]+)? \\\n(    --hash=\S+( \\)?\n)+", re.MULTILINE
)


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_holds_versions_and_hashes_only(name: str):
    written = (ROOT / name).read_text()
    rest = PINNED.sub("", written)
    assert [line for line in rest.splitlines() if not line.startswith("#")] == []
    assert "://" not in written


def test_the_locks_agree():
    """What runs in production is what the tests ran with."""
    test, runtime = _versions("requirements-test.lock"), _versions("requirements.lock")
    assert runtime.items() <= test.items()


def test_the_locks_keep_the_projects_floors():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = [line for lines in project["optional-dependencies"].values() for line in lines]
    for name, wanted in (
        ("requirements.lock", project["dependencies"]),
        ("requirements-test.lock", extras),
    ):
        locked = _versions(name)
        for requirement in map(Requirement, wanted):
            assert requirement.specifier.contains(locked[_normal(requirement.name)]), requirement


@pytest.mark.parametrize("folder", ["oidc/openid_client", "bench/peers/oidc-provider"])
def test_a_node_lock_pins_by_hash_and_names_no_address(folder: str):
    lock = json.loads((ROOT / "tests" / folder / "package-lock.json").read_text())
    packages = {name: package for name, package in lock["packages"].items() if name}
    assert packages
    for name, package in packages.items():
        assert package["integrity"].startswith("sha512-"), name
        assert "resolved" not in package, name


def _versions(name: str) -> dict[str, str]:
    return {_normal(pin[1]): pin[2] for pin in PINNED.finditer((ROOT / name).read_text())}


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
