"""What a page of a real Chromium does: it opens a WebSocket, and looks how it ends."""

from __future__ import annotations

from playwright.async_api import Page

from proxies.job import Job, Seen

_OPEN = """async ({id, url}) => {
    const start = performance.now() / 1000;
    const socket = new WebSocket(url);
    const wait = (ms) => new Promise((resolve) => setTimeout(() => resolve("late"), ms));
    const events = new Promise((resolve) => {
        socket.onopen = () => resolve("open");
        socket.onclose = (event) => resolve(event.code);
    });
    const first = await Promise.race([events, wait(3000)]);
    if (first === "late") socket.close();
    if (first !== "open")
        return {failed: first === "late" ? "connecting" : first, when: performance.now() / 1000 - start};
    const entry = ((window.sockets ??= {})[id] = {socket});
    const answer = new Promise((resolve) => {
        socket.onmessage = () => resolve(true);
        socket.onclose = (event) => {
            entry.closed = {closed: event.code, at: performance.now() / 1000};
            entry.tell?.();
            resolve(false);
        };
    });
    socket.send("hello");
    const echo = (await Promise.race([answer, wait(1500)])) === true;
    entry.since = performance.now() / 1000;
    return {echo};
}"""
_WATCH = """async ({id, speak, watch, live}) => {
    const entry = window.sockets[id];
    if (live) entry.since = performance.now() / 1000;
    if (speak) setTimeout(() => entry.socket.send("are you there?"), speak * 1000);
    const ends = new Promise((resolve) => (entry.tell = resolve));
    const late = new Promise((resolve) => setTimeout(resolve, watch * 1000));
    if (!entry.closed) await Promise.race([ends, late]);
    if (!entry.closed) return {closed: "still open"};
    return {closed: entry.closed.closed, when: Math.max(0, entry.closed.at - entry.since)};
}"""


async def open_socket(page: Page, job: Job, url: str) -> Seen:
    """Open the job's WebSocket: whether its echo came back, or how it failed."""
    seen: Seen = await page.evaluate(_OPEN, {"id": job.id, "url": url})
    return seen


async def watch_socket(page: Page, job: Job) -> Seen:
    """How the job's WebSocket ends, and after how many seconds."""
    settings = {"id": job.id, **{key: getattr(job.scenario, key) for key in ("speak", "watch", "live")}}
    seen: Seen = await page.evaluate(_WATCH, settings)
    return seen
