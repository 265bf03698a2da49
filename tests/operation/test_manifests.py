"""The examples for Kubernetes and Prometheus name what there is, and hold what they promise."""

import base64
import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx2
import pytest
import yaml  # type: ignore[import-untyped]  # it brings no types

from signon import config
from signon.config import SECRETS, Settings
from tests.deployment import documents
from tests.infra.command_line import CommandLine
from tests.infra.databases import ON_ONE
from tests.infra.served import Databases
from tests.operation.test_outage import family

KUBERNETES = documents.EXAMPLES / "kubernetes" / "signon.yaml"
UNIT = (documents.EXAMPLES / "deploy" / "signon@.service").read_text()


def objects() -> dict[str, Any]:
    """The manifests by their kind; none comes twice."""
    found = list(yaml.safe_load_all(KUBERNETES.read_text()))
    assert {one["metadata"]["namespace"] for one in found} == {"signon"}
    by_kind = {one["kind"]: one for one in found}
    assert len(by_kind) == len(found)
    return by_kind


def pods() -> Iterator[Mapping[str, Any]]:
    """What runs: the job and the replicas."""
    for kind in ("Job", "Deployment"):
        yield objects()[kind]["spec"]["template"]["spec"]


NAMES = {f"SIGNON_{name.upper()}" for name in Settings.model_fields}
FILES = {f"SIGNON_{name.upper()}_FILE" for name in SECRETS}
"""Only secrets are read from files."""
# a court's own server, whose names are its own
NOT_OURS = documents.EXAMPLES / "court-apache"


def test_every_setting_is_one_of_ours():
    """Wherever an example names one, in a comment too; as `config` would say of a misspelt one."""
    found = 0
    for file in documents.EXAMPLES.rglob("*"):
        if file.is_file() and NOT_OURS not in file.parents:
            names = set(re.findall(r"\bSIGNON_[A-Z0-9_]+\b", file.read_text()))
            assert names <= NAMES | FILES, file
            found += len(names)
    assert found > 20


def _deployed() -> dict[str, str]:
    """What an instance of the systemd unit finds in its environment."""
    lines = (documents.EXAMPLES / "deploy" / "signon.env").read_text().splitlines()
    given = [line for line in lines if line and not line.startswith("#")]
    given += re.findall(r"^Environment=(.+)$", UNIT, re.MULTILINE)
    return {name: value for name, _, value in (line.partition("=") for line in given)}


def _in_kubernetes() -> dict[str, str]:
    found: dict[str, str] = objects()["ConfigMap"]["data"]
    return found


@pytest.mark.parametrize("examples", [_deployed, _in_kubernetes])
def test_the_settings_can_be_read(
    examples: Callable[[], dict[str, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """All of them, by the program itself, with secrets in the files that are named."""
    for name in list(os.environ):
        if name.startswith("SIGNON_"):
            monkeypatch.delenv(name)
    for name, value in examples().items():
        path = tmp_path / value.rpartition("/")[2]
        if name.endswith("_FILE"):
            path.write_text(SECRET[path.name])
            monkeypatch.setenv(name, str(path))
        else:
            monkeypatch.setenv(name, value)
    read = config.load(_env_file=None)
    assert read.issuer == "https://signon.example"
    assert read.trusted_proxies


SECRET = {
    "secret_keys": base64.urlsafe_b64encode(bytes(32)).decode(),
    "database_url": "postgresql+psycopg://signon@db/signon",
    "smtp_url": "smtps://mail.example",
}
"""By the name of its file."""


def test_secrets_are_where_they_are_looked_for():
    """The unit loads each; the secret that the first lines say how to make has each, mounted."""
    files = {name: value for name, value in _in_kubernetes().items() if name.endswith("_FILE")}
    for pod in pods():
        [container] = pod["containers"]
        [place] = [one for one in container["volumeMounts"] if one["name"] == "secrets"]
        assert place["readOnly"] is True
        assert {value.rpartition("/")[0] for value in files.values()} == {place["mountPath"]}
        # its user reads it by its group, and nobody else does
        volume = next(one for one in pod["volumes"] if one["name"] == "secrets")["secret"]
        assert volume["defaultMode"] == 0o440
        assert pod["securityContext"]["fsGroup"] == pod["securityContext"]["runAsGroup"]
    made = set(re.findall(r"--from-file=(\w+)", KUBERNETES.read_text()))
    assert made == {value.rpartition("/")[2] for value in files.values()}
    loaded = dict(re.findall(r"^LoadCredential=(\w+):(.+)$", UNIT, re.MULTILINE))
    asked = {
        name: value.removeprefix("%d/")
        for name, value in _deployed().items()
        if name.endswith("_FILE")
    }
    assert set(asked.values()) == set(loaded)
    assert set(asked) == set(files)


def test_pods_have_no_rights():
    """No root, nothing to gain, no call of the kernel that is not usual, nothing written but /tmp."""
    [user] = re.findall(
        r"^USER (\d+):\d+$", (documents.ROOT / "Dockerfile").read_text(), re.MULTILINE
    )
    for pod in pods():
        assert pod["automountServiceAccountToken"] is False
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["runAsUser"] == int(user)
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        [container] = pod["containers"]
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert _writable(pod) == {"/tmp"}


def _writable(pod: Mapping[str, Any]) -> set[str]:
    """Where a container may write: empty folders, and nothing else."""
    empty = {one["name"] for one in pod["volumes"] if "emptyDir" in one}
    [container] = pod["containers"]
    return {one["mountPath"] for one in container["volumeMounts"] if one["name"] in empty}


def test_replicas_wait_for_the_migration():
    """It stands before them in the file, and ends or is tried again by its job; where it has not run
    they refuse to start (`test_serving`), and are tried again.
    """
    kinds = list(objects())
    assert kinds.index("Job") < kinds.index("Deployment")
    assert objects()["Job"]["spec"]["template"]["spec"]["restartPolicy"] == "Never"
    assert objects()["Job"]["spec"]["backoffLimit"] >= 1
    [migrating] = objects()["Job"]["spec"]["template"]["spec"]["containers"]
    [serving] = objects()["Deployment"]["spec"]["template"]["spec"]["containers"]
    assert migrating["args"] == ["db", "upgrade"]
    assert migrating["image"] == serving["image"]
    assert migrating["envFrom"] == serving["envFrom"]


def test_some_replica_is_always_there():
    """In a roll-out, while a node is emptied, and when one is lost."""
    deployment = objects()["Deployment"]["spec"]
    pod, labels = deployment["template"], deployment["selector"]["matchLabels"]
    assert deployment["strategy"]["rollingUpdate"]["maxUnavailable"] == 0
    budget = objects()["PodDisruptionBudget"]["spec"]
    # one may go, or no node could ever be emptied; and one stays
    assert 1 <= budget["maxUnavailable"] < deployment["replicas"]
    [spread] = pod["spec"]["topologySpreadConstraints"]
    assert (spread["maxSkew"], spread["topologyKey"]) == (1, "kubernetes.io/hostname")
    network = objects()["NetworkPolicy"]["spec"]
    for selector in (
        budget["selector"]["matchLabels"],
        spread["labelSelector"]["matchLabels"],
        objects()["Service"]["spec"]["selector"],
        network["podSelector"]["matchLabels"],
        pod["metadata"]["labels"],
    ):
        assert selector == labels
    [service] = objects()["Service"]["spec"]["ports"]
    [port] = pod["spec"]["containers"][0]["ports"]
    assert service["targetPort"] == network["ingress"][0]["ports"][0]["port"] == port["name"]
    assert objects()["Job"]["spec"]["template"]["metadata"]["labels"] != labels


@ON_ONE
def test_the_commands_exist(signon: CommandLine):
    """`signon db upgrade`, `signon serve`, with options that they have."""
    for pod in pods():
        words = pod["containers"][0]["args"]
        options = {word for word in words if word.startswith("--")}
        names = words if not options else words[:1]
        told = signon(*names, "--help")
        assert told.status == 0
        assert all(option in told.out for option in options)


@pytest.mark.slow
def test_what_the_replicas_promise_is_so(served_databases: Databases, tmp_path: Path):
    """The probes say 200, nothing is written outside /tmp, and all of it fits into the memory."""
    pod = objects()["Deployment"]["spec"]["template"]["spec"]
    [container] = pod["containers"]
    words = container["args"]
    told = {words[at]: words[at + 1] for at in range(1, len(words), 2)}
    [port] = container["ports"]
    assert told["--port"] == str(port["containerPort"])
    workers = int(told["--workers"])
    with served_databases.serving("postgresql", tmp_path, workers=workers) as served:
        for name in ("startupProbe", "livenessProbe", "readinessProbe"):
            asked = container[name]["httpGet"]
            assert asked["port"] == port["name"]
            answer = httpx2.get(served.settings.issuer + asked["path"])
            assert answer.status_code == 200, (name, answer.text)
        pids = family(served.pid)
        assert len(pids) >= workers
        written = {file for pid in pids for file in _written(pid)} - {tmp_path / "served.log"}
        mebibytes = sum(_proportional_kib(pid) for pid in pids) / 1024
    # the figures of each worker, and nothing else
    assert {file.parent.name.rpartition("-")[0] for file in written} == {"signon-metrics"}
    assert {str(file.parent.parent) for file in written} <= _writable(pod)
    threads = int(_in_kubernetes()["SIGNON_HASHING_THREADS"])
    hashing = workers * threads * Settings.model_fields["argon2_memory_kib"].default / 1024
    [memory] = [one["emptyDir"] for one in pod["volumes"] if one["name"] == "tmp"]
    most = _mebibytes(container["resources"]["limits"]["memory"])
    assert mebibytes + hashing + _mebibytes(memory["sizeLimit"]) < most


def test_a_stop_has_the_time_that_it_takes():
    """As much as the unit of systemd gives."""
    deployment = objects()["Deployment"]["spec"]
    stop = re.search(r"^TimeoutStopSec=(\d+)$", UNIT, re.MULTILINE)
    assert stop
    assert deployment["template"]["spec"]["terminationGracePeriodSeconds"] >= int(stop[1])


def _written(pid: int) -> Iterator[Path]:
    """The files that a process has open for writing."""
    for link in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(OSError):
            target = link.readlink()
            flags = re.search(r"^flags:\s+(\d+)$", _text(pid, f"fdinfo/{link.name}"), re.MULTILINE)
            if flags and int(flags[1], 8) & os.O_ACCMODE and target.is_file():
                yield target


def _proportional_kib(pid: int) -> int:
    found = re.search(r"^Pss:\s+(\d+) kB$", _text(pid, "smaps_rollup"), re.MULTILINE)
    assert found
    return int(found[1])


def _text(pid: int, name: str) -> str:
    return Path(f"/proc/{pid}/{name}").read_text()


def _mebibytes(quantity: str) -> int:
    assert quantity.endswith("Mi")
    return int(quantity.removesuffix("Mi"))
