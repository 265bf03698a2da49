"""The examples for Kubernetes and Prometheus name what there is, and hold what they promise."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import yaml  # type: ignore[import-untyped]  # it brings no types

from tests.deployment import documents
from tests.infra.command_line import CommandLine
from tests.infra.databases import ON_ONE
from tests.operation.conftest import Serve

KUBERNETES = documents.EXAMPLES / "kubernetes" / "signon.yaml"
OBSERVED = documents.EXAMPLES / "observability"
UNIT = (documents.EXAMPLES / "deploy" / "signon@.service").read_text()
RUN = (documents.ROOT / "docs" / "run.md").read_text()


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


def test_every_setting_is_one_of_ours():
    """As `config` would say of a misspelt one; secrets are files that are mounted."""
    settings = objects()["ConfigMap"]["data"]
    known = set(re.findall(r"^\| `([A-Z_0-9]+)` \|", RUN, re.MULTILINE))
    assert {name.removeprefix("SIGNON_").removesuffix("_FILE") for name in settings} <= known
    files = {value for name, value in settings.items() if name.endswith("_FILE")}
    mounted = {
        mount["mountPath"] for pod in pods() for mount in pod["containers"][0]["volumeMounts"]
    }
    assert {value.rpartition("/")[0] for value in files} < mounted


def test_pods_have_no_rights():
    """No root, nothing to gain, nothing written but figures in memory."""
    for pod in pods():
        assert pod["automountServiceAccountToken"] is False
        assert pod["securityContext"]["runAsNonRoot"] is True
        [container] = pod["containers"]
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert {"secrets", "tmp"} == {volume["name"] for volume in pod["volumes"]}


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


@ON_ONE
def test_the_probes_are_answered(serve: Serve):
    """And a stop has the time that it takes; one replica at least is there at any time."""
    deployment = objects()["Deployment"]["spec"]
    [container] = deployment["template"]["spec"]["containers"]
    with serve() as client:
        for name in ("startupProbe", "livenessProbe", "readinessProbe"):
            answer = client.get(container[name]["httpGet"]["path"])
            # without keys it is not ready, and says so
            assert answer.status_code in {200, 503}, (name, answer.text)
    stop = re.search(r"^TimeoutStopSec=(\d+)$", UNIT, re.MULTILINE)
    assert stop
    assert deployment["template"]["spec"]["terminationGracePeriodSeconds"] >= int(stop[1])
    assert deployment["replicas"] >= 2
    assert deployment["strategy"]["rollingUpdate"]["maxUnavailable"] == 0
    labels = deployment["selector"]["matchLabels"]
    selectors = [
        objects()["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"],
        objects()["Service"]["spec"]["selector"],
        objects()["NetworkPolicy"]["spec"]["podSelector"]["matchLabels"],
    ]
    assert all(one == labels for one in selectors)
