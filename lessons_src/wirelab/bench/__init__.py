"""Servers and clients by name, in the kernel's loop or as child processes, and JavaScript in Node."""

from wirelab.bench.child import Child
from wirelab.bench.javascript import JavaScriptError, javascript
from wirelab.bench.log import keep_logs, log
from wirelab.bench.registry import names, restart, start, stop, stop_all, url
from wirelab.bench.web import aiohttp

__all__ = [
    "Child",
    "JavaScriptError",
    "aiohttp",
    "javascript",
    "keep_logs",
    "log",
    "names",
    "restart",
    "start",
    "stop",
    "stop_all",
    "url",
]
