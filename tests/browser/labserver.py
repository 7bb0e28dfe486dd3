"""A JupyterLab of one's own: its settings, kernels and files are nobody else's."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import shared

ROOT = Path(__file__).parents[2]
ARTEFACTS = ROOT / ".artefacts"
# Lab draws no cell that is out of sight, looks for news, and opens a launcher where all is closed. (The
# command must be there even so: the file browser gives it, too.)
SETTINGS = {
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    "docmanager-extension/plugin": {"autosave": False},
    "notebook-extension/tracker": {"windowingMode": "none"},
}
DISABLED = ["@jupyterlab/launcher-extension:plugin"]
# In a test run the server's kernels are forked, and it ends with the run.
IN_A_RUN = f"""
import sys
sys.path.append({str(ROOT / "tests")!r})
import forkedkernel, shared
forkedkernel.install()
shared.end_with_owner()
"""
START_TIMEOUT = 60.0


@asynccontextmanager
async def jupyterlab(base_url: str = "/") -> AsyncIterator[str]:
    """JupyterLab on a free port, its root the project's; yields its URL.

    With a `base_url` such as "/user/ada/" it looks to page and kernel as JupyterHub sets it up.
    """
    with tempfile.TemporaryDirectory(prefix="jupyter-", ignore_cleanup_errors=True) as folder:
        process, url = await start_jupyterlab(Path(folder), base_url)
        try:
            yield url
        finally:
            process.terminate()
            try:
                await asyncio.to_thread(process.wait, 15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


async def start_jupyterlab(home: Path, base_url: str) -> tuple[subprocess.Popen[bytes], str]:
    """Start a JupyterLab that keeps all its files in the folder `home`; returns its process and URL."""
    _configure(home)
    ARTEFACTS.mkdir(exist_ok=True)
    log_path = ARTEFACTS / f"jupyterlab{base_url.replace('/', '-').rstrip('-')}.log"
    process = _start(base_url, _environment(home, base_url), log_path)
    return process, await _url_of(process, home / "runtime", log_path)


def _start(base_url: str, environment: dict[str, str], log_path: Path) -> subprocess.Popen[bytes]:
    arguments = [
        "--no-browser",
        "--allow-root",
        "--ip=127.0.0.1",
        "--port=0",
        f"--ServerApp.root_dir={ROOT}",
        f"--ServerApp.base_url={base_url}",
        "--IdentityProvider.token=",
        "--ServerApp.disable_check_xsrf=True",
        "--ContentsManager.allow_hidden=True",
        "--LabApp.expose_app_in_browser=True",
        "--ServerApp.shutdown_no_activity_timeout=1800",
        "--ServerApp.kernel_websocket_connection_class=wirelab.jupyter.PromptConnection",
        "--MappingKernelManager.cull_idle_timeout=1800",
    ]
    with log_path.open("wb") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", *arguments],
            cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip


def _configure(home: Path) -> None:
    files = {
        f"settings/@jupyterlab/{plugin}.jupyterlab-settings": json.dumps(settings)
        for plugin, settings in SETTINGS.items()
    }
    page = {"disabledExtensions": dict.fromkeys(DISABLED, True)}
    files["config/labconfig/page_config.json"] = json.dumps(page)
    if shared.FOLDER in os.environ:
        files["config/jupyter_server_config.py"] = IN_A_RUN
    for name, content in files.items():
        path = home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, "utf-8")


def _environment(home: Path, base_url: str) -> dict[str, str]:
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT / "lessons_src"),
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
        "IPYTHONDIR": str(home / "ipython"),
    }
    if base_url != "/":
        environment |= {
            "JUPYTERHUB_SERVICE_PREFIX": base_url,
            "JUPYTERHUB_BASE_URL": "/",
            "JUPYTERHUB_USER": base_url.strip("/").split("/")[-1],
        }
    return environment


async def _url_of(process: subprocess.Popen[bytes], runtime: Path, log: Path) -> str:
    """The server's URL, once it has written down where it listens."""
    async with asyncio.timeout(START_TIMEOUT):
        while process.poll() is None:
            if url := _written_url(runtime):
                return url
            await asyncio.sleep(0.05)
    raise RuntimeError(f"JupyterLab did not start: read {log}")


def _written_url(runtime: Path) -> str | None:
    for path in runtime.glob("jpserver-*.json"):
        try:
            server = json.loads(path.read_text())
        except ValueError:
            return None
        return f"http://127.0.0.1:{server['port']}{server['base_url']}"
    return None
