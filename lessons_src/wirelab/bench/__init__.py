"""Servers and clients by name, in the kernel's loop or as child processes, and JavaScript in Node."""

from wirelab.address import url
from wirelab.bench.log import keep_logs, log
from wirelab.bench.program import CLIENT_JS, program
from wirelab.bench.registry import names, restart, start, stop, stop_all
from wirelab.bench.web import aiohttp
from wirelab.process import Child, JavaScriptError, RedisServer, javascript

__all__ = [
    "CLIENT_JS",
    "Child",
    "JavaScriptError",
    "RedisServer",
    "aiohttp",
    "javascript",
    "keep_logs",
    "log",
    "names",
    "program",
    "restart",
    "start",
    "stop",
    "stop_all",
    "url",
]
