#!/usr/bin/env python3
"""Load harness for OAuth 2.0 / OpenID Connect providers: throughput, latency, CPU per request, memory, cold start.

  bench.py run CONFIG.json [--only cc,flow] [--out results.jsonl] [--seconds 10] [--conc 1,8,32] [--repeat 3] [--short 3]
  bench.py check CONFIG.json           sign in once and exercise every endpoint, no load
  bench.py report results.jsonl        the figures as Markdown tables
The peer is started from the config's "start" and ended by its pid afterwards; without "start", give "pid_file" of a running one.
"""
# The harness stands here as it came, save that the peer's log and connections are closed:
# fmt: off
# ruff: noqa: B007, B905, C901, D403, PLR0912, PLW1510, PTH123, PTH208, SIM115

import argparse
import base64
import json
import os
import re
import resource
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import quote, urlencode, urlsplit

HERE = Path(__file__).resolve().parent
TICK = os.sysconf("SC_CLK_TCK")


# --- processes -------------------------------------------------------------
def stats():
    """pid -> (ppid, own cpu s, reaped children's cpu s)."""
    out = {}
    for d in os.listdir("/proc"):
        if d.isdigit():
            try:
                f = Path(f"/proc/{d}/stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            out[int(d)] = (int(f[1]), (int(f[11]) + int(f[12])) / TICK, (int(f[13]) + int(f[14])) / TICK)
    return out


def tree(root, st):
    pids, grew = {root}, True
    while grew:
        grew = False
        for p, (pp, _, _) in st.items():
            if pp in pids and p not in pids:
                pids.add(p)
                grew = True
    return pids & st.keys()


def cpu(root):
    if not root:
        return 0.0
    st = stats()
    return sum(st[p][1] + st[p][2] for p in tree(root, st))


def memory(root):
    rss = pss = n = 0
    for p in tree(root, stats()):
        try:
            rss += int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{p}/status").read_text()).group(1))
            pss += int(re.search(r"Pss:\s+(\d+)", Path(f"/proc/{p}/smaps_rollup").read_text()).group(1))
            n += 1
        except (OSError, AttributeError):
            pass
    return {"rss_mib": round(rss / 1024, 1), "pss_mib": round(pss / 1024, 1), "processes": n}


def machine_busy():
    f = [int(x) for x in Path("/proc/stat").read_text().split("\n")[0].split()[1:]]
    return (f[0] + f[1] + f[2] + f[5] + f[6]) / TICK, f[7] / TICK


def children_cpu():
    r = resource.getrusage(resource.RUSAGE_CHILDREN)
    return r.ru_utime + r.ru_stime


# --- the peer --------------------------------------------------------------
def expand(x):
    if isinstance(x, str):
        return os.path.expandvars(x)
    if isinstance(x, list):
        return [expand(i) for i in x]
    if isinstance(x, dict):
        return {k: expand(v) for k, v in x.items()}
    return x


def load_config(path):
    raw = json.loads(Path(path).read_text())
    if "extends" in raw:
        base = json.loads((Path(path).parent / raw.pop("extends")).read_text())
        for k, v in raw.items():
            if isinstance(v, dict) and isinstance(base.get(k), dict):
                base[k] = {**base[k], **{kk: ({**base[k][kk], **vv} if isinstance(vv, dict) and isinstance(base[k].get(kk), dict) else vv) for kk, vv in v.items()}}
            else:
                base[k] = v
        raw = base
    return expand(raw)


def http(url, data=None, headers=None):
    req = urllib.request.Request(url, data=data, headers=headers or {})
    try:
        with urllib.request.urlopen(req, timeout=10) as r:
            return r.status, r.read().decode()
    except urllib.error.HTTPError as e:
        return e.code, e.read().decode(errors="replace")


class Peer:
    def __init__(self, cfg):
        self.cfg, self.proc = cfg, None
        self.db = int(Path(cfg["db_pid_file"]).read_text().split()[0]) if cfg.get("db_pid_file") else None
        self.root = int(Path(cfg["pid_file"]).read_text()) if "pid_file" in cfg else None

    def start(self):
        """Start the peer; seconds until the ready URL first answers 200."""
        s = self.cfg.get("start")
        if not s:
            return None
        log = open(Path(tempfile.gettempdir()) / f"bench-{self.cfg['name']}.log", "ab")
        u = urlsplit(self.cfg["base"])
        import http.client
        t0 = time.perf_counter()
        self.proc = subprocess.Popen(s["argv"], cwd=s.get("cwd"), env={**os.environ, **s.get("env", {})}, stdout=log, stderr=log, start_new_session=True)
        log.close()  # the peer has its own
        self.root = self.proc.pid
        while True:
            c = http.client.HTTPConnection(u.hostname, u.port, timeout=5)
            try:
                c.request("GET", self.cfg["discovery"])
                if c.getresponse().status == 200:
                    return time.perf_counter() - t0
            except OSError:
                pass
            finally:
                c.close()
            if self.proc.poll() is not None or time.perf_counter() - t0 > 60:
                raise RuntimeError(f"{self.cfg['name']} did not start")
            time.sleep(0.005)

    def stop(self):
        if not self.proc:
            return
        self.proc.send_signal(signal.SIGTERM)
        try:
            self.proc.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(self.proc.pid, signal.SIGKILL)  # the process group that start() made
            self.proc.wait()
        self.proc = None
        time.sleep(0.3)


def calibrate():
    """CPU ms of a fixed piece of Python: how fast the machine is just now (a shared host is not always equally fast)."""
    t, x = time.process_time(), 0
    for i in range(200_000):
        x = (x * 31 + i) & 0xFFFFFFFF
    return (time.process_time() - t) * 1e3


class Meter:
    """CPU used by the server, the database, the load generator and everything else during a with block."""

    def __init__(self, peer):
        self.p = peer

    def __enter__(self):
        self.calib = calibrate()
        self.a = (cpu(self.p.root), cpu(self.p.db), children_cpu(), *machine_busy(), time.perf_counter())
        return self

    def __exit__(self, *exc):
        b = (cpu(self.p.root), cpu(self.p.db), children_cpu(), *machine_busy(), time.perf_counter())
        d = [y - x for x, y in zip(self.a, b)]
        self.server, self.database, self.wall = d[0], d[1], d[5]
        self.gen = d[2]
        self.other, self.steal = max(0.0, d[3] - d[0] - d[1] - d[2]), d[4]
        self.calib = (self.calib + calibrate()) / 2

    def per_request(self, n):
        return {"server_cpu_ms": round(self.server / n * 1e3, 4), "db_cpu_ms": round(self.database / n * 1e3, 4),
                "generator_cpu_ms": round(self.gen / n * 1e3, 4), "other_cores": round(self.other / self.wall, 3), "steal_cores": round(self.steal / self.wall, 3),
                "calib_ms": round(self.calib, 2)} if n else {}


def flow_process(job):
    p = subprocess.Popen([sys.executable, str(HERE / "oidcflow.py")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    p.stdin.write(json.dumps(job) + "\n")
    p.stdin.flush()
    return p


def tokens(cfg, count, concurrency=1):
    p = flow_process({"config": cfg, "mode": "tokens", "count": count, "concurrency": concurrency})
    out, _ = p.communicate()
    if p.returncode:
        raise RuntimeError("could not get tokens")
    return json.loads(out)


def basic(c):
    return "Basic " + base64.b64encode(f"{quote(c['id'], safe='')}:{quote(c['secret'], safe='')}".encode()).decode()


def raw(cfg, method, path, headers=None, form=None):
    h = {"Host": urlsplit(cfg["base"]).netloc, **(headers or {})}
    body = ""
    if form is not None:
        body = urlencode(form)
        h |= {"Content-Type": "application/x-www-form-urlencoded", "Content-Length": str(len(body))}
    return f"{method} {path} HTTP/1.1\r\n" + "".join(f"{k}: {v}\r\n" for k, v in h.items()) + "\r\n" + body


def wrk(peer, script, args, conc, seconds, threads=1):
    url = peer.cfg["base"] + "/"
    argv = ["wrk", f"-t{threads}", f"-c{conc}", f"-d{seconds}s", "--timeout", "10s", "-s", str(HERE / "lua" / script), url, "--", *args]
    with Meter(peer) as m:
        out = subprocess.run(argv, capture_output=True, text=True)
    j = re.search(r"WRKJSON (\{.*\})", out.stdout)
    if not j:
        raise RuntimeError(out.stdout + out.stderr)
    r = json.loads(j.group(1))
    ok = r["requests"] - r["status_errors"]
    if out.stderr.strip():
        r["stderr"] = out.stderr.strip()[:300]
    return {**r, "per_s": round(ok / r["duration_s"], 1), **m.per_request(r["requests"])}


def replay(peer, requests, conc, seconds):
    with tempfile.NamedTemporaryFile("w", newline="", suffix=".req") as f:
        f.write("\n%%%%\n".join(requests))
        f.flush()
        return wrk(peer, "replay.lua", [f.name], conc, seconds)


def cc_requests(cfg):
    """name -> raw client_credentials request, for each variant."""
    out = {}
    for name, v in {"cc": {}, **cfg.get("cc_variants", {})}.items():
        client = v.get("client") or cfg.get("cc_client") or cfg["client"]
        form = {"grant_type": "client_credentials", **cfg.get("cc_params", {}), **v.get("params", {})}
        out[name] = (raw(cfg, "POST", cfg["token"], {"Authorization": basic(client)}, form), client, form)
    return out


def measure(peer, a, emit):
    cfg = peer.cfg
    only = set(a.only.split(",")) if a.only else None
    skip = set(cfg.get("unsupported", []))

    def want(x):
        return x not in skip and (only is None or x in only or x.split("_")[0] in only)

    concs = [int(c) for c in a.conc.split(",")]
    if not (want("cc")):
        pass
    else:
        for name, (req, _, _) in cc_requests(cfg).items():
            if not want(name):
                continue
            replay(peer, [req], 4, 1)  # warm
            for c in concs if name == "cc" else [8]:
                emit(name, c, replay(peer, [req], c, a.seconds))
    for name, path in (("discovery", cfg["discovery"]), ("jwks", cfg["jwks"])):
        if want(name):
            for _ in range(a.repeat):
                emit(name, 8, replay(peer, [raw(cfg, "GET", path)], 8, a.short))
    pool = None
    if want("introspect") or want("userinfo"):
        pool = [t["access_token"] for t in tokens(cfg, 50)]
    if want("introspect"):
        client = cfg.get("introspect_client") or cfg["client"]
        head = {"Authorization": cfg.get("introspect_authorization") or basic(client)}
        reqs = [raw(cfg, "POST", cfg["introspect"], head, {"token": t}) for t in pool]
        for _ in range(a.repeat):
            emit("introspect", 8, replay(peer, reqs, 8, a.short))
    if want("userinfo"):
        reqs = [raw(cfg, "GET", cfg["userinfo"], {"Authorization": f"Bearer {t}"}) for t in pool]
        for _ in range(a.repeat):
            emit("userinfo", 8, replay(peer, reqs, 8, a.short))
    if want("refresh"):
        for c in (1, 8):
            for _ in range(a.repeat):
                toks = tokens(cfg, c)
                with tempfile.NamedTemporaryFile("w", newline="") as h, tempfile.NamedTemporaryFile("w") as t:
                    h.write(f"POST {cfg['token']} HTTP/1.1\r\nHost: {urlsplit(cfg['base']).netloc}\r\nAuthorization: {basic(cfg['client'])}\r\n"
                            "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n%s")
                    h.flush()
                    t.write("".join(x["refresh_token"] + "\n" for x in toks))
                    t.flush()
                    emit("refresh", c, wrk(peer, "refresh.lua", [h.name, t.name], c, a.short, threads=c))
    for name in ("flow", "fapi"):
        if not want(name):
            continue
        for c in (1, 8):
            for _ in range(a.repeat):
                p = flow_process({"config": cfg, "mode": "load", "concurrency": c, "seconds": a.short, "fapi": name == "fapi"})
                if p.stdout.readline().strip() != "READY":
                    raise RuntimeError("flow driver failed")
                st0 = cpu(p.pid)
                with Meter(peer) as m:
                    p.stdin.write("GO\n")
                    p.stdin.flush()
                    r = json.loads(p.stdout.readline())
                m.gen = cpu(p.pid) - st0 if p.poll() is None else 0.0
                m.other = max(0.0, m.other - m.gen)
                p.wait()
                emit(name, c, {**r, "per_s": round(r["requests"] / r["duration_s"], 1), **m.per_request(r["requests"])})


def check(cfg):
    for name, (_, client, form) in cc_requests(cfg).items():
        if "cc" in cfg.get("unsupported", []):
            break
        st, body = http(cfg["base"] + cfg["token"], urlencode(form).encode(), {"Authorization": basic(client)})
        print(name, st, body[:160])
    t = tokens(cfg, 2)[1]
    print("flow", sorted(t), "access token:", t["access_token"][:24], "length", len(t["access_token"]))
    if "userinfo" in cfg:
        print("userinfo", *http(cfg["base"] + cfg["userinfo"], None, {"Authorization": "Bearer " + t["access_token"]}))
    if "introspect" not in cfg.get("unsupported", []):
        h = {"Authorization": cfg.get("introspect_authorization") or basic(cfg.get("introspect_client") or cfg["client"])}
        print("introspect", *http(cfg["base"] + cfg["introspect"], urlencode({"token": t["access_token"]}).encode(), h))
    if "refresh_token" in t and "refresh" not in cfg.get("unsupported", []):
        old = t["refresh_token"]
        for i in range(2):
            st, body = http(cfg["base"] + cfg["token"], urlencode({"grant_type": "refresh_token", "refresh_token": t["refresh_token"]}).encode(), {"Authorization": basic(cfg["client"])})
            print("refresh", st, body[:100] if st != 200 else {"rotated": json.loads(body).get("refresh_token") not in (None, t["refresh_token"])})
            if st == 200:
                t = {**t, **json.loads(body)}
        st, body = http(cfg["base"] + cfg["token"], urlencode({"grant_type": "refresh_token", "refresh_token": old}).encode(), {"Authorization": basic(cfg["client"])})
        print("replay of the first refresh token", st, body[:100])
    print("jwks", *[str(x)[:200] for x in http(cfg["base"] + cfg["jwks"])])


# --- report ----------------------------------------------------------------
def report(path):
    rows, order = {}, []
    for line in Path(path).read_text().splitlines():
        r = json.loads(line)
        key = (r["measure"], r.get("concurrency"))
        rows.setdefault(key, {}).setdefault(r["peer"], []).append(r)
        if r["peer"] not in order:
            order.append(r["peer"])

    def med(rs, k):
        v = [r[k] for r in rs if r.get(k) is not None]
        return statistics.median(v) if v else None

    for key in sorted(rows, key=lambda k: (k[0], k[1] or 0)):
        if key[0] in ("coldstart", "memory"):
            continue
        print(f"\n### {key[0]}, concurrency {key[1]}\n\n| peer | per s | p50 ms | p99 ms | server CPU ms | best run | database CPU ms | best run | generator CPU ms | other load, cores | errors | runs |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|")
        for p in order:
            if rs := rows[key].get(p):
                f = lambda k, d: "" if med(rs, k) is None else f"{med(rs, k):.{d}f}"  # noqa: E731
                best = lambda k: min((f"{r[k]:.3f}" for r in rs if r.get(k) is not None), key=float, default="")  # noqa: E731
                err = sum(r.get("status_errors", 0) + r.get("socket_errors", 0) + r.get("timeouts", 0) + r.get("errors", 0) + r.get("broken", 0) for r in rs)
                print(f"| {p} | {f('per_s', 0)} | {f('p50_ms', 2)} | {f('p99_ms', 2)} | {f('server_cpu_ms', 3)} | {best('server_cpu_ms')} | {f('db_cpu_ms', 3)} | {best('db_cpu_ms')} | {f('generator_cpu_ms', 3)} | {f('other_cores', 2)} | {err} | {len(rs)} |")
    print("\n### Cold start and memory\n\n| peer | start to first 200, s (median; min-max) | CPU s | PSS after start, MiB | PSS after load, MiB | RSS sum after load, MiB | processes |\n|---|--:|--:|--:|--:|--:|--:|")
    for p in order:
        cs, ms = rows.get(("coldstart", None), {}).get(p, []), rows.get(("memory", None), {}).get(p, [])
        if cs and ms:
            t = [c["seconds"] for c in cs]
            print(f"| {p} | {statistics.median(t):.2f}; {min(t):.2f}-{max(t):.2f} | {med(cs, 'cpu_s'):.2f} | {med(cs, 'pss_mib'):.0f} | {ms[-1]['pss_mib']:.0f} | {ms[-1]['rss_mib']:.0f} | {ms[-1]['processes']} |")


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("command", choices=["run", "check", "report"])
    ap.add_argument("path")
    ap.add_argument("--only")
    ap.add_argument("--out", default="results.jsonl")
    ap.add_argument("--seconds", type=int, default=10)
    ap.add_argument("--short", type=int, default=3)
    ap.add_argument("--conc", default="1,8,32")
    ap.add_argument("--repeat", type=int, default=3)
    ap.add_argument("--starts", type=int, default=5)
    a = ap.parse_args()
    if a.command == "report":
        return report(a.path)
    cfg = load_config(a.path)
    peer = Peer(cfg)

    def emit(measure_name, conc, r):
        r = {"peer": cfg["name"], "measure": measure_name, "concurrency": conc, **r}
        with open(a.out, "a") as f:
            f.write(json.dumps(r) + "\n")
        print({k: r.get(k) for k in ("peer", "measure", "concurrency", "per_s", "seconds", "p50_ms", "p99_ms", "server_cpu_ms", "db_cpu_ms", "other_cores", "status_errors", "errors", "broken", "pss_mib") if r.get(k) is not None}, flush=True)

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the peer is stopped too
    try:
        if a.command == "check":
            peer.start()
            return check(cfg)
        for i in range(a.starts if cfg.get("start") else 0):
            peer.stop()
            t = peer.start()
            c = cpu(peer.root)
            time.sleep(1)
            emit("coldstart", None, {"seconds": round(t, 3), "cpu_s": round(c, 2), **memory(peer.root)})
        measure(peer, a, emit)
        emit("memory", None, memory(peer.root))
    finally:
        peer.stop()


if __name__ == "__main__":
    main()
