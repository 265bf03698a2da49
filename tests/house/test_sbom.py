"""What is in it: the document of `make sbom`."""

import importlib.util
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


@pytest.fixture(scope="module")
def sbom() -> ModuleType:
    """The program, as a module."""
    spec = importlib.util.spec_from_file_location("sbom", ROOT / "tools" / "sbom.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_it_names_what_the_lock_pins():
    """Every dependency of ours is there, with its version, and whom it is of."""
    command = [sys.executable, str(ROOT / "tools" / "sbom.py")]
    told = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    assert (told["bomFormat"], told["specVersion"]) == ("CycloneDX", "1.5")
    names = {part["name"].lower() for part in told["components"]}
    own = {re.split(r"[\[<>=~ ;]", one)[0].lower() for one in PROJECT["dependencies"]}
    assert own <= names
    assert all(part["purl"].endswith(f"@{part['version']}") for part in told["components"])
    [whole] = told["dependencies"]
    assert whole["dependsOn"] == [part["bom-ref"] for part in told["components"]]


def test_what_is_not_installed_is_told(sbom: ModuleType):
    """Another version than the lock's would make the document untrue."""
    with pytest.raises(sbom.PackageNotFoundError, match=r"fastapi 0\.0\.1, but"):
        sbom.document("fastapi==0.0.1 \\\n    --hash=sha256:" + "0" * 64)
    with pytest.raises(sbom.PackageNotFoundError):
        sbom.document("no-such-package==1.0 \\\n    --hash=sha256:" + "0" * 64)
