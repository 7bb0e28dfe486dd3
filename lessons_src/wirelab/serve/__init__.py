"""The handmade servers from a command line, for outside test suites.

`python -m wirelab.serve echo --port 9001`
"""

from wirelab.serve.echo import serve_echo

__all__ = ["serve_echo"]
