"""Lesson 20's deployment: the real nginx with TLS before two servers, with the official client."""

import asyncio
import importlib.util
import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import aiohttp
import pytest
import socketio
from aiohttp import web
from proxies.products import free_port

from handmade.l09_long_polling_and_upgrade import site
from wirelab.process import Child, javascript
from wirelab.waiting import until

FOLDER = Path(__file__).resolve().parents[1] / "lessons_src/programs/20"
TALK = """
import { io } from "socket.io-client";

const quick = { reconnectionDelay: 200, reconnectionDelayMax: 400 };
const options = { ...quick, withCredentials: true, forceNew: true, rejectUnauthorized: false };
function arrive(name, more) {
  const auth = (say) => say({ name, room: "gold", place: null });
  const socket = io(`https://localhost:${port}`, { ...options, ...more, auth });
  return new Promise((resolve) => socket.once("people", () => resolve(socket)));
}
const ann = await arrive("Ann", { transports: ["polling"] });
const bob = await arrive("Bob", { retries: 50, ackTimeout: 1000 });
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const heard = new Set();
ann.on("said", (place, { content }) => heard.add(String(content)));
const carries = (socket) => socket.io.engine.transport.name;
while (carries(bob) !== "websocket") await pause(20);
const transports = [ann, bob].map(carries);
let taken = 0;
for (let number = 0; number < 20; number++) {
  const content = number % 2 ? `${number}` : Buffer.from(`${number}`);
  bob.emit("say", `bob-${number}`, content, (error, isTaken) => { taken += isTaken ? 1 : 0; });
  await pause(100);
}
const patience = Date.now() + 15000;
while ((heard.size < 20 || taken < 20) && Date.now() < patience) await pause(50);
console.log(JSON.stringify({ transports, heard: heard.size, taken }));
process.exit();
"""


@pytest.fixture
def deploy(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    monkeypatch.syspath_prepend(str(FOLDER))
    spec = importlib.util.spec_from_file_location("deploy", FOLDER / "deploy.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    yield module
    sys.modules.pop("proxy", None)


def is_installed() -> bool:
    proxy = sys.modules["proxy"]
    return all(shutil.which(name, path=proxy.WHERE) for name in ("nginx", "openssl"))


async def listens(port: int) -> None:
    async with asyncio.timeout(10):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.05)
            else:
                writer.close()
                return


async def dies(child: Child, after: float) -> None:
    await asyncio.sleep(after)
    child.kill()


async def test_python_socketio_behind_the_same_nginx_takes_the_page_for_its_own(deploy: ModuleType) -> None:
    if not is_installed():
        pytest.skip("nginx or openssl is not installed")
    sio, app, port = socketio.AsyncServer(async_mode="aiohttp"), web.Application(), free_port()
    sio.attach(app)
    page = {"Origin": f"https://localhost:{port}"}
    async with site(app, "127.0.0.1", 0) as one, aiohttp.ClientSession() as browser:
        with deploy.nginx(port, one, one):
            await listens(port)
            polling = f"https://localhost:{port}/socket.io/?EIO=4&transport=polling"
            async with browser.get(polling, headers=page, ssl=False) as answer:
                assert answer.status == 200, await answer.text()


async def test_a_server_dies_behind_nginx_and_nothing_is_missing(deploy: ModuleType) -> None:
    if not is_installed():
        pytest.skip("nginx or openssl is not installed")
    port = free_port()
    async with deploy.deployed(port) as servers:
        await listens(port)
        talking = asyncio.create_task(javascript(TALK, timeout=40, port=port))
        killing = asyncio.create_task(dies(servers[0], 2.5))
        found = json.loads(await talking)
        await killing
        assert found["transports"] == ["polling", "websocket"]
        assert (found["heard"], found["taken"]) == (20, 20)
        await until(lambda: not servers[0].running)


def test_without_nginx_one_sentence_says_so(deploy: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    proxy = sys.modules["proxy"]
    monkeypatch.setattr(proxy, "WHERE", "/nowhere")
    with (
        pytest.raises(SystemExit, match="nginx is needed for this, and not installed here"),
        proxy.nginx(1, 2, 3),
    ):
        pass
