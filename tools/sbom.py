"""Prints what is in an installed signon: a CycloneDX 1.5 document (`make sbom`).

It names what the runtime's lock pins, as it is installed beside this Python; the same lock prints the
same document.
"""

import json
import re
import sys
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PINNED = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)(\s*;)?", re.MULTILINE)
HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


def document(lock: str) -> dict[str, Any]:
    """The document for the text of a lock. Raises PackageNotFoundError: it is not installed here."""
    own = metadata("signon")
    found = list(PINNED.finditer(lock))
    ends = [each.start() for each in found[1:]] + [len(lock)]
    parts = [
        _component(each[1], each[2], HASH.findall(lock[each.end() : end]))
        for each, end in zip(found, ends, strict=True)
        # of other machines
        if not (each[3] and _is_missing(each[1]))
    ]
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": "signon",
                "name": "signon",
                "version": own["Version"],
            }
        },
        "components": parts,
        "dependencies": [{"ref": "signon", "dependsOn": [part["bom-ref"] for part in parts]}],
    }


def _is_missing(name: str) -> bool:
    try:
        metadata(name)
    except PackageNotFoundError:
        return True
    return False


def _component(name: str, version: str, hashes: list[str]) -> dict[str, Any]:
    known = metadata(name)
    if known["Version"] != version:
        raise PackageNotFoundError(f"{name} {version}, but {known['Version']}")
    purl = f"pkg:pypi/{re.sub(r'[-_.]+', '-', name).lower()}@{version}"
    said = known["License-Expression"] or known["License"] or ""
    return {
        "type": "library",
        "bom-ref": purl,
        "name": name,
        "version": version,
        "purl": purl,
        **({"licenses": [{"license": {"name": said.splitlines()[0]}}]} if said else {}),
        # of each file that the lock allows: which one was taken depends on the machine
        "properties": [{"name": "signon:lock:sha256", "value": one} for one in hashes],
    }


if __name__ == "__main__":
    try:
        made = document((ROOT / "requirements.lock").read_text())
    except PackageNotFoundError as error:
        sys.exit(f"Run `make install` first: not installed here is {error}.")
    sys.stdout.write(json.dumps(made, indent=1) + "\n")
