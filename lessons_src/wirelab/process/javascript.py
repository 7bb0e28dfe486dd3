"""JavaScript, run for real in Node while the kernel's own loop serves."""

from __future__ import annotations

import asyncio
import json
import subprocess
from urllib.parse import quote

from wirelab.process.spawning import NODE, end, spawn

_MARK = "uncaught JavaScript error: "
_REPORT = f"""
process.on("uncaughtException", (error) => {{
  process.stderr.write("\\n{_MARK}" + String(error).replaceAll("\\n", " ") + "\\n", () => process.exit(1));
}});
"""


class JavaScriptError(Exception):
    """The JavaScript did not come to its end."""


async def javascript(source: str, timeout: float = 10, **values: object) -> str:
    """Run an ES module in Node and return what it printed with console.log.

    Each of `values` (anything that JSON knows) is a constant of that name in the source. Raises
    JavaScriptError with the message of an uncaught error, TimeoutError if it runs on after `timeout` seconds.
    """
    constants = "".join(f"const {name} = {json.dumps(value)}; " for name, value in values.items())
    argv = [NODE, "--input-type=module", "--import", f"data:text/javascript,{quote(_REPORT)}", "-"]
    process = spawn(argv, {"FORCE_COLOR": "0"}, stderr=subprocess.PIPE)
    try:
        finished = asyncio.to_thread(process.communicate, (constants + source).encode())
        async with asyncio.timeout(timeout):
            output, errors = await finished
    except TimeoutError:
        raise TimeoutError(
            f"The JavaScript still ran after {timeout:g} s; does it close its sockets and clear its timers?"
        ) from None
    finally:
        end(process)
    if process.returncode:
        raise JavaScriptError(_reason(errors.decode(errors="replace"), process.returncode))
    return output.decode().rstrip("\n")


def _reason(errors: str, code: int) -> str:
    _, mark, message = errors.rpartition(_MARK)
    if mark:
        return message.strip()
    if code == 13:
        return "The JavaScript awaits something that can never happen: nothing is left to run."
    return f"Node ended with exit code {code}."
