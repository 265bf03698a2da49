"""What the runs say: the best one of each measure, as a table or as one JSON document."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

Run = Mapping[str, Any]

TITLES = {
    "cc": "client credentials",
    "flow": "code flow",
    "fapi": "PAR, code, DPoP",
    "refresh": "refresh",
    "introspect": "introspection",
    "userinfo": "UserInfo",
    "discovery": "discovery",
    "jwks": "JWKS",
}
"""The measures in the order of the table."""
OURS = {
    "policy": "REST, a court's policy",
    "filer": "REST, one filer",
    "filers": "REST, filers by 50",
    "search": "REST, filers by a word",
    "activity": "REST, activity",
    "account": "account page",
}
"""Those of what no other server has, in the order of the table."""
TABLE = {**TITLES, **OURS}
MEASURES = {
    **TABLE,
    "signin": "sign-in",
    "mfa": "sign-in with an app's code",
    "crowd": "many sign-ins at once",
    "golive": "a court that goes live",
}
"""All that can be asked for."""
TARGETS = {
    "cc": 0.8,
    "flow": 0.65,
    "fapi": 0.65,
    "refresh": 0.65,
    "introspect": 0.7,
    "userinfo": 0.8,
    "discovery": 1.1,
    "jwks": 1.1,
}
"""At most this part of what oidc-provider costs, at `DECISIVE` concurrency."""
AT_SCALE = dict.fromkeys(TARGETS, 1.1)
"""At most this much of what the same costs over an empty database."""
DECISIVE = 8
COLD_START_SECONDS = 1.2
PSS_MIB = 95
SIGN_IN = 1.25
"""At most this much of what the bare hash costs."""
CROWDED = 4
"""At most so many times its quiet p99 is that of refreshes beside a crowd."""
TOLD_SECONDS = 2.5
"""By then whoever is turned away knows it."""
FAULTS = ("status_errors", "socket_errors", "timeouts", "errors", "broken")
BUSY_CORES = 0.2
"""With more of the machine used by others, rates and latencies say nothing, only CPU does."""
NOTES = (
    "CPU is that of the whole process tree: server, and PostgreSQL with all its backends.",
    "Each line is the best run (least CPU). One code flow is two requests: authorize and token.",
    "beside: the sum of the other server, which took turns with this one; ! is a missed target.",
    "oidc-provider keeps its tokens in one table; of its client credentials it signs the token.",
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
        if run["measure"] in TABLE and "server_cpu_ms" in run:
            place = list(TABLE).index(run["measure"]), run["concurrency"]
            if place not in found or cpu_ms(run) < cpu_ms(found[place]):
                found[place] = run
    return [found[place] for place in sorted(found)]


def ratio(run: Run, theirs: Iterable[Run]) -> float | None:
    """How much we cost for one of theirs, both at their best; None when they did not run."""
    place = run["measure"], run["concurrency"]
    same = [other for other in best(theirs) if (other["measure"], other["concurrency"]) == place]
    return cpu_ms(run) / cpu_ms(same[0]) if same else None


def show(
    ours: Sequence[Run], theirs: Sequence[Run] = (), targets: Mapping[str, float] = TARGETS
) -> None:
    """Print one provider's table, its cold start and its memory to stdout.

    With `theirs`, the runs of whoever was beside it, each line has the ratio and the target.
    """
    console = Console(width=120)
    table = Table(title=ours[0]["peer"], title_justify="left", box=None, pad_edge=False)
    table.add_column("", no_wrap=True)
    compared = ("beside", "ratio", "target") if theirs else ()
    for heading in ("conc", "server ms", "database ms", "sum", *compared, "p50", "p99", "per s"):
        table.add_column(heading, justify="right")
    for heading in ("other", "calib"):
        table.add_column(heading, justify="right", style="dim")
    for run in best(ours):
        is_quiet = run["other_cores"] <= BUSY_CORES
        table.add_row(
            TABLE[run["measure"]],
            str(run["concurrency"]),
            f"{run['server_cpu_ms']:.3f}",
            f"{run['db_cpu_ms']:.3f}",
            f"{cpu_ms(run):.3f}",
            *(_compared(run, theirs, targets) if theirs else ()),
            f"{run['p50_ms']:.2f}",
            f"{run['p99_ms']:.2f}",
            f"{run['per_s']:.0f}",
            f"{run['other_cores']:.2f}{'' if is_quiet else ' !'}",
            f"{run['calib_ms']:.1f}",
        )
    console.print(table)
    _show_process(console, ours, with_targets=bool(theirs))
    _show_sign_in(console, ours)
    if wrong := faults(ours):
        console.print(f"{wrong} requests went wrong: the figures are worth nothing.", style="red")
    console.print()


def _compared(
    run: Run, theirs: Sequence[Run], targets: Mapping[str, float]
) -> tuple[str, str, str]:
    found = ratio(run, theirs)
    if found is None:
        return "–", "–", ""
    beside = f"{cpu_ms(run) / found:.3f}"
    if run["concurrency"] != DECISIVE:
        return beside, f"{found:.2f}", ""
    target = targets[run["measure"]]
    return beside, f"{found:.2f}", f"{target:.2f}{'' if found <= target else ' !'}"


def _show_process(console: Console, runs: Sequence[Run], *, with_targets: bool) -> None:
    starts = [run for run in runs if run["measure"] == "coldstart"]
    memory = [run for run in runs if run["measure"] == "memory"]
    if starts:
        quickest = min(starts, key=lambda run: float(run["seconds"]))
        targets = f" (targets {COLD_START_SECONDS} s, {PSS_MIB} MiB)" if with_targets else ""
        console.print(
            f"Cold start {quickest['seconds']:.2f} s ({quickest['cpu_s']:.2f} s CPU), "
            f"PSS {quickest['pss_mib']:.0f} MiB one second after{targets}"
            + "".join(f", {run['pss_mib']:.0f} MiB after load" for run in memory)
            + "."
        )


def _show_sign_in(console: Console, runs: Sequence[Run]) -> None:
    single = [run for run in runs if run["measure"] == "signin"]
    if single:
        run = min(single, key=lambda run: cpu_ms(run) / float(run["argon2_ms"]))
        console.print(
            f"Sign-in {cpu_ms(run):.2f} ms CPU (server {run['server_cpu_ms']:.2f}, database "
            f"{run['db_cpu_ms']:.2f}), its Argon2id alone {run['argon2_ms']:.2f} ms: ratio "
            f"{cpu_ms(run) / run['argon2_ms']:.2f} (target {SIGN_IN}). The page before it "
            f"{run['page_ms']:.2f} ms."
        )
    with_app = [run for run in runs if run["measure"] == "mfa"]
    if with_app:
        run = min(with_app, key=lambda run: cpu_ms(run) / float(run["argon2_ms"]))
        console.print(
            f"Sign-in with an app's code {cpu_ms(run):.2f} ms CPU (server "
            f"{run['server_cpu_ms']:.2f}, database {run['db_cpu_ms']:.2f}), the Argon2id of its "
            f"password alone {run['argon2_ms']:.2f} ms: ratio "
            f"{cpu_ms(run) / run['argon2_ms']:.2f} (target {SIGN_IN})."
        )
    for run in runs:
        if run["measure"] == "golive":
            console.print(
                f"{run['links']:,} prepared links became rights in {run['day_s']:.0f} s; sign-ins "
                f"meanwhile p50 {run['signin_p50_ms']:.0f} ms, p99 {run['signin_p99_ms']:.0f} ms, "
                f"before {run['quiet_signin_p50_ms']:.0f} and {run['quiet_signin_p99_ms']:.0f}; "
                f"refreshes p99 {run['refresh_p99_ms']:.0f} ms, before "
                f"{run['quiet_refresh_p99_ms']:.0f}."
            )
        if run["measure"] == "crowd":
            console.print(
                f"{run['people']} people signing in at once for {run['duration_s']} s: "
                f"{run['signed_in']} got in, {run['turned_away']} got 503 with Retry-After, the "
                f"last of them after {run['told_s']:.1f} s (target {TOLD_SECONDS}); refreshes "
                f"meanwhile p50 {run['refresh_p50_ms']:.0f} ms, p99 {run['refresh_p99_ms']:.0f} ms, "
                f"before {run['quiet_p99_ms']:.0f} (target {CROWDED} times that); memory rose by "
                f"{run['grown_mib']:.0f} MiB (gate × m: {run['allowed_mib']:.0f})."
            )
