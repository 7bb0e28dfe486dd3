"""How fast small echo frames are decoded: `python tests/bench_decode.py`."""

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "lessons_src"))

from decode_tools import DOWN, UP, masked, record, switch, upgrade

from wirelab.decode import Decoder
from wirelab.trace import Trace

FRAMES = 100_000

trace = Trace()
trace.append(record(UP, upgrade()))
trace.append(record(DOWN, switch()))
for number in range(FRAMES // 2):
    text = b"Hello, number %d" % number
    trace.append(record(UP, masked(0x81, text)))
    trace.append(record(DOWN, bytes([0x81, len(text)]) + text))

costs = []
for _ in range(7):
    decoder = Decoder(trace)
    start = time.process_time()
    decoder.update()
    costs.append((time.process_time() - start) / FRAMES)
best = min(costs)
print(f"{1 / best:,.0f} frames/s, {best * 1e6:.1f} µs of CPU for a TCP unit and a WebSocket unit (best of 7)")
start = time.process_time()
trees = [unit.tree() for unit in decoder.units[-20_000:]]
print(f"{(time.process_time() - start) / len(trees) * 1e6:.0f} µs for a tree")
