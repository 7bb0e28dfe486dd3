"""The handmade servers from a command line, for outside test suites.

python -m wirelab.serve echo --port 9001
python -m wirelab.serve conformance --port 3000
python -m wirelab.serve conformance --lesson 9
python -m wirelab.serve jsclient --port 3210
python -m wirelab.serve load --port 9002 --uvloop
"""

from wirelab.serve.conformance import serve_conformance
from wirelab.serve.echo import serve_echo
from wirelab.serve.jsclient import serve_jsclient
from wirelab.serve.load import serve_load
from wirelab.serve.stages import make, server_of, stage, stages

__all__ = [
    "make",
    "serve_conformance",
    "serve_echo",
    "serve_jsclient",
    "serve_load",
    "server_of",
    "stage",
    "stages",
]
