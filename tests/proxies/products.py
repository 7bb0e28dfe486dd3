"""Starts real middleboxes with a configuration of a few lines, and network namespaces for iptables."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import shutil
import socket
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from wirelab.process.spawning import end, spawn

PATH = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"])


def command(name: str) -> str | None:
    """Where a program is, also for those whose PATH has no /usr/sbin."""
    return shutil.which(name, path=PATH)


# Below those that the system gives away, and each once: a product opens its port later than it is chosen.
_candidates = iter(random.Random().sample(range(10_000, 30_000), 20_000))


def free_port() -> int:
    """A port for programs that cannot choose one themselves."""
    for port in _candidates:
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise RuntimeError("no port is left between 10000 and 30000")


@contextlib.asynccontextmanager
async def running(*argv: str, ports: list[int]) -> AsyncIterator[None]:
    """A program, until it listens on these ports and while the block runs."""
    path = command(argv[0])
    assert path is not None
    process = spawn([path, *argv[1:]], {}, stderr=subprocess.STDOUT)
    try:
        for port in ports:
            await _listening(process, port)
        yield
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            await asyncio.to_thread(process.wait, 2)
        end(process)
        assert process.stdout is not None
        process.stdout.close()


async def _listening(process: subprocess.Popen[bytes], port: int) -> None:
    async with asyncio.timeout(10):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.transport.abort()
                return
            except OSError:
                if process.poll() is not None:
                    assert process.stdout is not None
                    raise ChildProcessError(process.stdout.read().decode()) from None
                await asyncio.sleep(0.02)


@contextlib.contextmanager
def written(name: str, text: str) -> Iterator[Path]:
    """A configuration file in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="wirelab-") as folder:
        # Debian's squid gives its rights up, and reads its folder as another user.
        Path(folder).chmod(0o777)
        path = Path(folder, name)
        path.write_text(text)
        yield path


@contextlib.asynccontextmanager
async def nginx(servers: dict[int, str], upstreams: str) -> AsyncIterator[None]:
    """One nginx: a `server` block for each port, with these lines in it."""
    blocks = "\n".join(f"server {{ listen 127.0.0.1:{port}; {text} }}" for port, text in servers.items())
    folders = "".join(
        f"{kind}_temp_path {kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    text = f"""
        pid nginx.pid; error_log stderr crit; worker_processes 1; daemon off; master_process off;
        events {{ worker_connections 1024; }}
        http {{ access_log off; {folders} {upstreams} {blocks} }}
    """
    with written("nginx.conf", text) as path:
        async with running("nginx", "-p", str(path.parent), "-c", str(path), ports=list(servers)):
            yield


@contextlib.asynccontextmanager
async def haproxy(frontends: dict[int, str]) -> AsyncIterator[None]:
    """One HAProxy: a `listen` section for each port, with these lines in it."""
    sections = "\n".join(
        f"listen on{port}\n    bind 127.0.0.1:{port}\n    {text}\n" for port, text in frontends.items()
    )
    text = f"defaults\n    mode http\n    timeout connect 1s\n{sections}"
    with written("haproxy.cfg", text) as path:
        async with running("haproxy", "-db", "-f", str(path), ports=list(frontends)):
            yield


@contextlib.asynccontextmanager
async def tinyproxy(port: int, settings: str) -> AsyncIterator[None]:
    """tinyproxy with these lines in its configuration."""
    text = f"Port {port}\nListen 127.0.0.1\nTimeout 60\nAllow 127.0.0.1\nLogLevel Critical\n{settings}\n"
    with written("tinyproxy.conf", text) as path:
        async with running("tinyproxy", "-d", "-c", str(path), ports=[port]):
            yield


@contextlib.asynccontextmanager
async def squid(port: int, settings: str) -> AsyncIterator[None]:
    """Squid without a cache, with these lines in its configuration."""
    text = f"""
http_port 127.0.0.1:{port}
pid_filename none
cache deny all
access_log none
cache_log /dev/null
shutdown_lifetime 0 seconds
visible_hostname squid.invalid
{settings}
"""
    with written("squid.conf", text) as path:
        async with running("squid", "-N", "-f", str(path), ports=[port]):
            yield


@contextlib.asynccontextmanager
async def namespace(name: str) -> AsyncIterator[list[str]]:
    """A network of its own with nothing but 127.0.0.1 in it; gives what to put before a command."""
    ip = command("ip")
    assert ip is not None
    inside = [ip, "netns", "exec", name]
    await execute(ip, "netns", "add", name)
    try:
        await execute(*inside, ip, "link", "set", "lo", "up")
        yield inside
    finally:
        await execute(ip, "netns", "del", name)


async def execute(*argv: str) -> None:
    """Run a command to its end. Raises ChildProcessError with what it said if it fails."""
    process = await asyncio.create_subprocess_exec(
        *argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env={**os.environ, "PATH": PATH}
    )
    said, _ = await process.communicate()
    if process.returncode:
        raise ChildProcessError(f"{' '.join(argv)}: {said.decode()}")
