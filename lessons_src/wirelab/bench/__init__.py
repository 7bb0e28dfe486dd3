"""Servers and clients by name, in the kernel's loop or as child processes, and JavaScript in Node."""

from wirelab.bench.child import Child
from wirelab.bench.javascript import JavaScriptError, javascript
from wirelab.bench.log import keep_logs, log
from wirelab.bench.program import program
from wirelab.bench.registry import names, restart, start, stop, stop_all, url

__all__ = [
    "Child",
    "JavaScriptError",
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
