"""Runs the jobs of the differential test: real products and our middlebox, and real clients before them."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shlex
import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

from playwright.async_api import Page, async_playwright

from proxies import products
from proxies.inpage import open_socket, watch_socket
from proxies.job import Job, Seen
from proxies.scenario import Ports, Product
from proxies.worker import Worker
from wirelab.middlebox import Middlebox
from wirelab.process.spawning import NODE

HERE = Path(__file__).parent
CHROMIUM = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"]
CHROMIUM += ["--disable-background-networking", "--disable-component-update"]
SOCKETS_IN_PAGE = 8
"""Chromium delays the WebSockets of a page that opens too many at a time."""


class Laboratory:
    """All that runs for the measurement."""

    def __init__(self, jobs: list[Job]) -> None:
        self.jobs = jobs
        self.stack = contextlib.AsyncExitStack()
        self.inside: dict[str, list[str]] = {"host": []}
        self.servers: dict[str, Worker] = {}
        self.clients: dict[tuple[str, str], Worker] = {}
        self.pages: dict[str, Page] = {}
        self._few_sockets = asyncio.Semaphore(SOCKETS_IN_PAGE)
        self.ports: dict[str, int] = {}
        self.addresses: dict[Job, int] = {}
        self.boxes: dict[Job, Middlebox] = {}
        self.dead = products.free_port()

    async def open(self) -> None:
        worlds = {job.world for job in self.jobs}
        for world in sorted(worlds - {"host"}):
            self.inside[world] = await self.stack.enter_async_context(
                products.namespace(f"wirelab-{os.getpid()}-{world}")
            )
        if "conntrack" in worlds:
            folder = "/proc/sys/net/netfilter/nf_conntrack_tcp"
            write = f"echo 1 > {folder}_timeout_established; echo 0 > {folder}_loose"
            await products.execute(*self.inside["conntrack"], "sh", "-c", write)
        await asyncio.gather(*(self._open_world(world) for world in worlds))
        await self._open_products()

    async def _open_world(self, world: str) -> None:
        jobs = [job for job in self.jobs if job.world == world]
        inside = self.inside[world]
        if world == "host":
            websockets, socketios = {"ws": 0, "ws2": 0}, dict.fromkeys(("sio", "sio2", "brisk"), 0)
        else:
            # A rule of iptables knows its connections by the port: a server for each job.
            numbered = {job.id: 20_000 + number for number, job in enumerate(jobs)}
            raw = {job.id for job in jobs if job.client in ("ws", "chromium")}
            websockets = {name: port for name, port in numbered.items() if name in raw}
            socketios = {name: port for name, port in numbered.items() if name not in raw}
        options = {
            name: {"port": port, **({"pingInterval": 500, "pingTimeout": 700} if self._brisk(name) else {})}
            for name, port in socketios.items()
        }
        python = [*inside, sys.executable]
        node = [*inside, NODE]
        for worker, key in (
            (Worker(*python, str(HERE / "upstream.py"), json.dumps(websockets)), "ws"),
            (Worker(*node, str(HERE / "upstream.mjs"), json.dumps(options)), "sio"),
        ):
            self.servers[f"{world} {key}"] = await self.stack.enter_async_context(worker)
            self.ports |= await worker.hear("", "ports")
        self.clients[world, "py"] = await self._worker(*python, str(HERE / "clients.py"))
        self.clients[world, "ws"] = self.clients[world, "py"]
        self.clients[world, "js"] = await self._worker(*node, str(HERE / "clients.mjs"))
        if any(job.client == "chromium" for job in jobs):
            self.pages[world] = await self._browser(inside)

    def _brisk(self, name: str) -> bool:
        return name == "brisk" or any(job.id == name and job.scenario.brisk for job in self.jobs)

    async def _worker(self, *argv: str) -> Worker:
        return await self.stack.enter_async_context(Worker(*argv))

    async def _browser(self, inside: list[str]) -> Page:
        program = shlex.join([*inside, products.command("chromium") or ""])
        path = self.stack.enter_context(products.written("chromium", f'#!/bin/sh\nexec {program} "$@"\n'))
        path.chmod(0o755)
        playwright = await self.stack.enter_async_context(async_playwright())
        browser = await playwright.chromium.launch(executable_path=path, args=CHROMIUM)
        self.stack.push_async_callback(browser.close)
        return await browser.new_page()

    def behind(self, job: Job) -> Ports:
        """The servers behind the middlebox of a job."""
        if job.world != "host":
            return Ports(self.ports[job.id], 0, 0)
        if job.client in ("ws", "chromium"):
            return Ports(self.ports["ws"], self.ports["ws2"], self.dead)
        return Ports(self.ports["brisk" if job.scenario.brisk else "sio"], self.ports["sio2"], self.dead)

    async def _open_products(self) -> None:
        configs: dict[Product, dict[int, str]] = {
            name: {} for name in ("nginx", "haproxy", "tinyproxy", "squid")
        }
        upstreams = ""
        for job in self.jobs:
            ports = self.behind(job)
            if job.side == "rule":
                box = Middlebox(ports.up, [] if job.scenario.live else job.scenario.rules(ports))
                self.boxes[job] = await self.stack.enter_async_context(box)
                self.addresses[job] = box.port
            elif job.world != "host":
                self.addresses[job] = ports.up
                if not job.scenario.live:
                    await self._lay(job)
            else:
                port = self.addresses[job] = products.free_port()
                configs[job.scenario.product][port] = filled(job.scenario.config, ports, port)
                if job.scenario.upstream:
                    upstreams += f"upstream lb{port} {{ {filled(job.scenario.upstream, ports, port)} }}\n"
        await self._start(configs, upstreams)

    async def _start(self, configs: dict[Product, dict[int, str]], upstreams: str) -> None:
        starting = [
            make(port, text)
            for make, name in ((products.tinyproxy, "tinyproxy"), (products.squid, "squid"))
            for port, text in configs[name].items()
        ]
        if configs["nginx"]:
            starting.append(products.nginx(configs["nginx"], upstreams))
        if configs["haproxy"]:
            starting.append(products.haproxy(configs["haproxy"]))
        for product in starting:
            await self.stack.enter_async_context(product)

    async def _lay(self, job: Job) -> None:
        """Lay the rules on a live middlebox, ours or iptables."""
        if job.side == "rule":
            self.boxes[job].rules = job.scenario.rules(self.behind(job))
            return
        for line in job.scenario.config.format(port=self.addresses[job]).splitlines():
            await products.execute(*self.inside[job.world], *shlex.split(line))

    async def run(self, job: Job) -> Seen:
        """What the client saw, and whether the raw server noticed an end."""
        scenario = job.scenario
        address = self.addresses[job]
        url, proxy = f"http://127.0.0.1:{address}", None
        if scenario.proxied:
            proxy = f"http://{scenario.login}127.0.0.1:{address}"
            url = f"http://127.0.0.1:{self.behind(job).up}"
        if job.client == "chromium":
            return await self._in_browser(job, url.replace("http", "ws", 1), proxy)
        client = self.clients[job.world, job.client]
        client.say(
            id=job.id,
            client=job.client,
            url=url,
            proxy=proxy,
            ping=scenario.ping,
            transports=scenario.transports,
            size=scenario.size,
            watch=scenario.watch,
            speak=scenario.speak,
        )
        ready = asyncio.ensure_future(client.hear(job.id, "ready"))
        done = asyncio.ensure_future(client.hear(job.id, "seen"))
        await asyncio.wait([ready, done], return_when=asyncio.FIRST_COMPLETED)
        if ready.done():
            if scenario.live:
                await self._lay(job)
            client.say(go=job.id)
        seen: Seen = await done
        ready.cancel()
        if job.client == "ws":
            seen["server"] = await self._noticed(job)
        return seen

    async def _noticed(self, job: Job) -> object:
        await asyncio.sleep(0.3)  # what reaches the server at all has reached it by then
        messages = self.servers[f"{job.world} ws"].heard.get(job.id, [])
        return messages[-1]["server"] if messages else "never met"

    async def _in_browser(self, job: Job, url: str, proxy: str | None) -> Seen:
        async with self._few_sockets, self._page(job, proxy) as page:
            seen = await open_socket(page, job, url)
            if "failed" in seen:
                return seen
            if job.scenario.live:
                await self._lay(job)
            return {**seen, **await watch_socket(page, job)}

    @contextlib.asynccontextmanager
    async def _page(self, job: Job, proxy: str | None) -> AsyncIterator[Page]:
        """The one page of this world, or one of its own for who needs a proxy."""
        if proxy is None:
            yield self.pages[job.world]
            return
        settings: Any = {"server": proxy, "bypass": "<-loopback>"}
        context = await self.pages[job.world].context.browser.new_context(proxy=settings)  # type: ignore[union-attr]
        yield await context.new_page()
        await context.close()


def filled(text: str, ports: Ports, port: int) -> str:
    """A configuration with its ports; it may have other braces."""
    for name, value in {**vars(ports), "port": port}.items():
        text = text.replace(f"{{{name}}}", str(value))
    return text


async def measure(jobs: Sequence[Job], at_once: int) -> dict[Job, Seen]:
    """Run all jobs, so many at a time."""
    laboratory = Laboratory(list(jobs))
    turn = asyncio.Semaphore(at_once)

    async def in_turn(job: Job) -> Seen:
        async with turn:
            return await laboratory.run(job)

    async with laboratory.stack:
        await laboratory.open()
        return dict(zip(jobs, await asyncio.gather(*map(in_turn, jobs)), strict=True))
