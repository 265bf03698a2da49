"""What the runs say: the best one of each measure, as a table or as one JSON document."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

Run = Mapping[str, Any]

TITLES = {
    "cc": "client credentials",
    "flow": "code flow",
    "refresh": "refresh",
    "userinfo": "UserInfo",
    "discovery": "discovery",
    "jwks": "JWKS",
}
"""The measures in the order of the table."""
FAULTS = ("status_errors", "socket_errors", "timeouts", "errors", "broken")
BUSY_CORES = 0.2
"""With more of the machine used by others, rates and latencies say nothing, only CPU does."""
NOTES = (
    "CPU is that of the whole process tree: server, and PostgreSQL with all its backends.",
    "Each line is the best run (least CPU). One code flow is two requests: authorize and token.",
    "other: cores used meanwhile by what is not ours; above 0.2 trust only the CPU columns.",
    "calib: CPU ms of a fixed Python loop around the run; compare only runs where it is alike.",
)


def cpu_ms(run: Run) -> float:
    """Server and database together, milliseconds a request."""
    return float(run["server_cpu_ms"] + run["db_cpu_ms"])


def faults(runs: Iterable[Run]) -> int:
    """How many requests went wrong."""
    return sum(int(run.get(name) or 0) for run in runs for name in FAULTS)


def best(runs: Iterable[Run]) -> list[Run]:
    """Of each measure and concurrency the run that used least CPU: nearest to the true cost."""
    found: dict[tuple[int, int], Run] = {}
    for run in runs:
        if run["measure"] in TITLES and "server_cpu_ms" in run:
            place = list(TITLES).index(run["measure"]), run["concurrency"]
            if place not in found or cpu_ms(run) < cpu_ms(found[place]):
                found[place] = run
    return [found[place] for place in sorted(found)]


def show(name: str, runs: Sequence[Run]) -> None:
    """Print one provider's table, its cold start and its memory to stdout."""
    console = Console(width=110)
    table = Table(title=name, title_justify="left", box=None, pad_edge=False)
    table.add_column("")
    for heading in ("conc", "server ms", "database ms", "sum", "p50", "p99", "per s"):
        table.add_column(heading, justify="right")
    for heading in ("other", "calib"):
        table.add_column(heading, justify="right", style="dim")
    for run in best(runs):
        is_quiet = run["other_cores"] <= BUSY_CORES
        table.add_row(
            TITLES[run["measure"]],
            str(run["concurrency"]),
            f"{run['server_cpu_ms']:.3f}",
            f"{run['db_cpu_ms']:.3f}",
            f"{cpu_ms(run):.3f}",
            f"{run['p50_ms']:.2f}",
            f"{run['p99_ms']:.2f}",
            f"{run['per_s']:.0f}",
            f"{run['other_cores']:.2f}{'' if is_quiet else ' !'}",
            f"{run['calib_ms']:.1f}",
        )
    console.print(table)
    starts = [run for run in runs if run["measure"] == "coldstart"]
    memory = [run for run in runs if run["measure"] == "memory"]
    if starts:
        quickest = min(starts, key=lambda run: float(run["seconds"]))
        console.print(
            f"Cold start {quickest['seconds']:.2f} s ({quickest['cpu_s']:.2f} s CPU), "
            f"PSS {quickest['pss_mib']:.0f} MiB after start"
            + "".join(f", {run['pss_mib']:.0f} MiB after load" for run in memory)
            + "."
        )
    if wrong := faults(runs):
        console.print(f"{wrong} requests went wrong: the figures are worth nothing.", style="red")
    console.print()
