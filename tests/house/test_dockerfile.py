"""The container image can be built and run.

No container engine runs here, so the Dockerfile's own steps run in a plain folder instead: the
image's absolute paths become paths below that folder. What this cannot show is the base image.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
NOBODY: dict[str, Any] = {"user": "nobody", "group": "nogroup", "extra_groups": []}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(600),
    # One build serves all; the tests must meet in one worker.
    pytest.mark.xdist_group("dockerfile"),
]


@dataclass(frozen=True)
class Step:
    """One instruction of the Dockerfile."""

    stage: int
    instruction: str
    rest: str


def _steps() -> list[Step]:
    lines = (ROOT / "Dockerfile").read_text().replace("\\\n", " ").splitlines()
    written = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    steps: list[Step] = []
    stage = -1
    for line in written:
        instruction, _, rest = line.partition(" ")
        stage += instruction == "FROM"
        steps.append(Step(stage, instruction, rest.strip()))
    return steps


STEPS = _steps()
LAST = STEPS[-1].stage


@pytest.fixture(scope="module")
def image() -> Iterator[Path]:
    """A folder that stands for the image's root, after the steps of every stage."""
    root = Path(tempfile.mkdtemp(prefix="signon-image-"))
    root.chmod(0o755)
    try:
        for step in STEPS:
            if step.instruction == "RUN" and not step.rest.startswith("useradd "):
                _run(step.rest, root)
            elif step.instruction == "COPY" and "--from=" not in step.rest:
                _copy(step.rest, root)
        yield root
    finally:
        subprocess.run(["chmod", "-R", "u+w", str(root)], check=True)
        shutil.rmtree(root)


def test_the_program_runs_read_only_for_another_user(image: Path):
    """No step at run time writes beside the code, and no right of root's is needed."""
    subprocess.run(["chmod", "-R", "a-w", str(image / "opt")], check=True)
    before = _files(image)

    done = _as_user(image, ["signon", "--help"])

    assert done.returncode == 0, done.stderr
    assert "Usage: signon" in done.stdout
    assert _files(image) == before


def test_the_image_holds_the_migrations(image: Path):
    program = "from signon import schema; print(schema.head(), schema.__file__)"
    done = _as_user(image, ["python", "-c", program])
    assert done.returncode == 0, done.stderr
    assert str(image) in done.stdout


def test_the_image_holds_no_build_tools(image: Path):
    installed = {path.name for path in (image / "opt/signon/bin").iterdir()}
    assert "signon" in installed
    assert not {"hatchling", "pip", "pip3", "pytest"} & installed


def test_the_last_stage_only_takes_what_was_built():
    copies = [s.rest for s in STEPS if s.stage == LAST and s.instruction == "COPY"]
    runs = [s.rest for s in STEPS if s.stage == LAST and s.instruction == "RUN"]
    assert copies == ["--from=build /opt/signon /opt/signon"]
    assert all(run.startswith("useradd ") for run in runs)


def test_the_server_is_not_root():
    (user,) = (step.rest for step in STEPS if step.instruction == "USER")
    (useradd,) = (step.rest for step in STEPS if step.rest.startswith("useradd "))
    uid, _, gid = user.partition(":")
    assert int(uid) > 0
    assert int(gid) > 0
    assert f"--uid {uid}" in useradd


def test_the_image_says_what_it_is():
    """The labels of the OCI image specification: the project's own, and what the build is told."""
    last = [step for step in STEPS if step.stage == LAST]
    arguments = dict(step.rest.split("=", 1) for step in last if step.instruction == "ARG")
    [label] = [step.rest for step in last if step.instruction == "LABEL"]
    labels = dict(re.findall(r'org\.opencontainers\.image\.([\w.]+)="([^"]+)"', label))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert labels["title"] == project["name"]
    assert labels["licenses"] == project["license"]
    assert arguments["VERSION"] == project["version"]
    given = {name: value for name, value in labels.items() if value.startswith("$")}
    assert given == {name.lower(): f"${name}" for name in arguments}
    assert set(given) == {"version", "revision", "source", "created"}
    # what the last stage begins with
    base = [step.rest for step in STEPS if step.instruction == "FROM"][-1]
    assert labels["base.name"] == f"docker.io/library/{base}"
    recipe = (ROOT / "Makefile").read_text()
    assert set(re.findall(r"--build-arg (\w+)=", recipe)) == set(arguments)


def test_health_is_asked_of_livez():
    (check,) = (step.rest for step in STEPS if step.instruction == "HEALTHCHECK")
    port = next(step.rest for step in STEPS if step.instruction == "EXPOSE")
    assert f"http://127.0.0.1:{port}/livez" in check


def _run(command: str, root: Path) -> None:
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("SIGNON_", "PYTHON", "VIRTUAL_ENV"))
    }
    # bytecode saves later starts what it costs now, and there will be three;
    # pip reads 0 as "yes, none"
    environment["PIP_NO_COMPILE"] = "0"
    # The image's Python is the one that this environment was made from.
    base = Path(getattr(sys, "_base_executable", sys.executable))
    command = re.sub(r"(?<!\S)(?=/opt/|/build)", str(root), command)
    command = command.replace("python3 ", f"{base} ")
    done = subprocess.run(
        command,
        shell=True,
        check=False,
        cwd=_workdir(root),
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"


def _workdir(root: Path) -> Path:
    workdir = root / "build"
    workdir.mkdir(exist_ok=True)
    return workdir


def _copy(arguments: str, root: Path) -> None:
    *sources, target = shlex.split(arguments)
    for name in sources:
        assert _in_context(name), f"{name} is shut out by .dockerignore"
        source = ROOT / name
        destination = _workdir(root) / target
        if source.is_dir():
            ignore = shutil.ignore_patterns("__pycache__")
            shutil.copytree(source, destination, ignore=ignore, dirs_exist_ok=True)
        else:
            shutil.copy(source, destination)


def _in_context(name: str) -> bool:
    allowed = False
    for line in (ROOT / ".dockerignore").read_text().splitlines():
        pattern = line.strip()
        if pattern and not pattern.startswith("#") and fnmatch(name, pattern.lstrip("!")):
            allowed = pattern.startswith("!")
    return allowed


def _as_user(image: Path, command: list[str]) -> subprocess.CompletedProcess[str]:
    """Run a program of the image from its own folder, as nobody where we may become that."""
    folder = image / "opt/signon"
    program = [str(folder / "bin" / command[0]), *command[1:]]
    return subprocess.run(
        program,
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
        **(NOBODY if _nobody_can_run(folder / "bin" / "python") else {}),
    )


def _nobody_can_run(python: Path) -> bool:
    """Not if we are not root, nor if the machine's Python lies where only root may look."""
    if os.geteuid() != 0:
        return False
    try:
        subprocess.run([python, "-V"], check=True, capture_output=True, **NOBODY)
    except (OSError, subprocess.CalledProcessError):
        return False
    return True


def _files(root: Path) -> set[Path]:
    return set(root.rglob("*"))
