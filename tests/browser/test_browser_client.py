"""The browser client in a real browser, against a real server in the notebook's kernel."""

from __future__ import annotations

from playwright.async_api import Page, WebSocketRoute, expect

SERVER = """
import asyncio
from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosedError
from wirelab.widgets.browser_client import BrowserClient

async def echo(ws):
    try:
        async for message in ws:
            match message:
                case "bytes": await ws.send(bytes(range(20)))
                case "go": await ws.close(4001, "go away")
                case "die": ws.transport.abort()
                case _: await ws.send(message)
    except ConnectionClosedError:
        pass
    closes.append((int(ws.close_code), ws.close_reason))

closes = []
server = await serve(echo, "127.0.0.1", 0)
url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/chat"
"""
CLIENT = "client = BrowserClient(url)\nclient"
SCRIPT = '''
client = BrowserClient(url, script="""
const ws = new WebSocket(url);
ws.onopen = () => ws.send("Hello");
ws.onmessage = (event) => { console.log("got", event.data, {size: event.data.length}); oops(); };
""")
client
'''


def button(page, name):
    return page.get_by_role("button", name=name, exact=True)


async def started(open_notebook, server, *cells, **options):
    notebook = await open_notebook(server, SERVER, *cells, **options)
    await notebook.run_all()
    assert await notebook.errors() == []
    await expect(notebook.page.locator(".wl-route").last).not_to_contain_text("finding")
    return notebook


def events(page):
    return page.locator(".wl-event")


def what(page, name):
    return page.locator(f'.wl-event[data-name="{name}"] .wl-what')


async def connect(page):
    await button(page, "Connect").first.click()
    await expect(page.locator(".wl-state").first).to_have_text("● OPEN")


async def say(page, message):
    await page.get_by_label("Message").fill(message)
    await page.get_by_label("Message").press("Enter")


async def test_connects_talks_and_closes(lab, open_notebook):
    opened = "await client.opened(); print(client.state)"
    closed = "await client.closed(); print([e.name for e in client.events], closes)"
    notebook = await started(open_notebook, lab, CLIENT)
    page = notebook.page
    await expect(page.locator(".wl-route")).to_contain_text("direct")
    await expect(page.locator(".wl-state")).to_have_text("○ no socket")
    await connect(page)
    await say(page, "<b>Hello</b>")
    await expect(what(page, "onmessage")).to_have_text("<b>Hello</b>")
    await say(page, "bytes")
    await expect(what(page, "onmessage").last).to_contain_text("binary, 20 bytes: 00 01 02")
    await page.locator(".wl-code").fill("1001")
    await button(page, "Close").click()
    await expect(page.get_by_role("status").filter(has_text="1001 is neither")).to_be_visible()
    await page.locator(".wl-code").fill("4000")
    await button(page, "Close").click()
    await expect(what(page, "onclose")).to_have_text('code 4000, reason "bye", wasClean true')
    await expect(page.locator(".wl-state")).to_have_text("✕ CLOSED")
    await say(page, "too late")
    await expect(what(page, "note")).to_contain_text("threw that message away")
    [error] = notebook.console_errors
    assert error.startswith("WebSocket is already in CLOSING or CLOSED state.")
    await notebook.add_cell(closed)
    await notebook.run_cell(2)
    assert await notebook.errors() == []
    text = await notebook.text(2)
    assert "'onopen', 'send', 'onmessage', 'send', 'onmessage', 'exception', 'close', 'onclose'" in text
    assert "[(4000, 'bye')]" in text
    await button(page, "Reset").click()
    await expect(events(page)).to_have_count(0)
    await connect(page)
    await notebook.add_cell(opened)
    await notebook.run_cell(3)
    assert await notebook.text(3) == "OPEN\n"


async def test_letters_of_two_units_are_never_cut_in_half(lab, open_notebook):
    notebook = await started(open_notebook, lab, CLIENT)
    page = notebook.page
    await connect(page)
    await say(page, "x" * 1999 + "🙂🙂")
    await expect(what(page, "onmessage").first).to_have_text("x" * 1999 + "🙂… (2001 characters in all)")
    await notebook.add_cell("print(client.events[-1].text[1999:])\nclient")
    await notebook.run_cell(2)
    assert await notebook.errors() == []
    assert (await notebook.text(2)).startswith("🙂… (2001 characters in all)\n")


async def test_hears_why_the_server_closes(lab, open_notebook):
    notebook = await started(open_notebook, lab, CLIENT)
    page = notebook.page
    await connect(page)
    await say(page, "go")
    await expect(what(page, "onclose")).to_have_text('code 4001, reason "go away", wasClean true')
    await connect(page)
    await say(page, "die")
    await expect(what(page, "onclose").last).to_have_text('code 1006, reason "", wasClean false')
    await notebook.add_cell("server.close(); await server.wait_closed()")
    await notebook.run_cell(2)
    await button(page, "Connect").click()
    await expect(what(page, "onerror")).to_have_text("the browser does not tell why")
    await expect(page.get_by_role("status").filter(has_text="never opened")).to_be_visible()
    await expect(what(page, "new WebSocket")).to_have_count(3)


async def test_a_page_reload_keeps_the_log(lab, open_notebook):
    notebook = await started(open_notebook, lab, CLIENT)
    await connect(notebook.page)
    await say(notebook.page, "remember me")
    await expect(what(notebook.page, "onmessage")).to_have_text("remember me")
    await notebook.command("docmanager:save")
    await notebook.reload()
    await expect(what(notebook.page, "onmessage")).to_have_text("remember me")
    await expect(what(notebook.page, "note")).to_contain_text("lives and dies with the page")
    await expect(notebook.page.locator(".wl-state")).to_have_text("○ no socket")


async def test_two_views_share_one_socket(lab, open_notebook):
    notebook = await started(open_notebook, lab, CLIENT, "client", "print(len(server.connections), closes)")
    page = notebook.page
    await connect(page)
    await expect(page.locator(".wl-state").last).to_have_text("● OPEN")
    await button(page, "Connect").last.click()
    await expect(what(page, "note")).to_have_count(2)
    await notebook.run_cell(3)
    assert await notebook.text(3) == "1 []\n"


async def test_running_the_cell_again_closes_the_old_socket(lab, open_notebook):
    notebook = await started(open_notebook, lab, CLIENT)
    await connect(notebook.page)
    await expect(notebook.page.locator(".wl-state")).to_have_text("● OPEN")
    await notebook.run_cell(1)
    await expect(notebook.page.locator(".wl-state")).to_have_text("○ no socket")
    await notebook.add_cell(
        "for _ in range(100):\n    if closes: break\n    await asyncio.sleep(0.02)\nprint(closes)"
    )
    await notebook.run_cell(2)
    assert await notebook.text(2) == "[(1005, '')]\n"


async def test_runs_a_script(lab, open_notebook):
    notebook = await started(open_notebook, lab, SCRIPT)
    page = notebook.page
    await button(page, "Run").click()
    await expect(what(page, "console.log")).to_have_text('got Hello {"size":5}')
    await expect(what(page, "exception")).to_contain_text("oops is not defined")
    await expect(page.locator(".wl-state")).to_have_text("● OPEN")
    await button(page, "Stop").click()
    await expect(page.locator(".wl-state")).to_have_text("✕ CLOSED")
    await page.locator(".wl-script").fill("console.log('mine')\nconst")
    await page.locator(".wl-script").press("Shift+Enter")
    await expect(what(page, "exception").last).to_contain_text("SyntaxError")
    await button(page, "Reset").click()
    await expect(page.locator(".wl-script")).to_have_value(SCRIPT.split('"""')[1].strip())
    await expect(events(page)).to_have_count(0)


async def test_keys_stay_in_the_widget(lab, open_notebook):
    notebook = await started(open_notebook, lab, CLIENT)
    page = notebook.page
    await button(page, "Connect").focus()
    await page.keyboard.type("bdd")
    await page.keyboard.press("Enter")
    await expect(page.locator(".wl-state")).to_have_text("● OPEN")
    await page.keyboard.press("Tab")
    await page.keyboard.type("dd aa")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Space")
    await expect(what(page, "send")).to_contain_text("dd aa")
    assert await page.evaluate("panel.content.model.cells.length") == 2


async def test_goes_through_the_proxy_under_a_hub(hub_lab, open_notebook):
    notebook = await started(open_notebook, hub_lab, CLIENT)
    page = notebook.page
    await expect(page.locator(".wl-route")).to_contain_text("/user/ada/proxy/")
    await page.locator(".wl-route summary").click()
    await connect(page)
    await say(page, "Hello")
    await expect(what(page, "onmessage")).to_have_text("Hello")
    await say(page, "go")
    await expect(what(page, "onclose")).to_have_text('code 1005, reason "", wasClean true')
    await connect(page)
    await say(page, "die")
    await expect(what(page, "onclose").last).to_have_text('code 1005, reason "", wasClean true')
    await notebook.screenshot("browser_client_proxy", page.locator(".wl-browser"))


async def test_a_forwarded_port_goes_through_the_proxy(lab, open_notebook):
    """The page is at 127.0.0.1, but what is there on other ports is not the kernel's machine."""
    own = lab.split("/")[2]

    async def unreachable(page: Page) -> None:
        async def close(route: WebSocketRoute) -> None:
            await route.close()

        await page.route_web_socket(lambda url: own not in url, close)
        await page.route(
            lambda url: own not in url and url.startswith("http://127."), lambda route: route.abort()
        )

    notebook = await started(open_notebook, lab, CLIENT, before=unreachable)
    await expect(notebook.page.locator(".wl-route")).to_contain_text(f"ws://{own}/proxy/")
    await connect(notebook.page)
    await say(notebook.page, "Hello")
    await expect(what(notebook.page, "onmessage")).to_have_text("Hello")


LOOKS = [("light", 1280, 1.0), ("light", 320, 1.0), ("dark", 1280, 1.0), ("dark", 1400, 2.0)]


async def test_looks(lab, open_notebook):
    notebook = await started(open_notebook, lab, CLIENT, SCRIPT)
    page = notebook.page
    await connect(page)
    await say(page, "Hello, server: " + "a long line, " * 12)
    await expect(what(page, "onmessage")).to_have_count(1)
    await say(page, "bytes")
    await expect(what(page, "onmessage")).to_have_count(2)
    await page.locator(".wl-code").fill("1001")
    await button(page, "Close").click()
    await say(page, "die")
    await expect(what(page, "onclose")).to_have_count(1)
    await button(page, "Run").click()
    await expect(what(page, "console.log")).to_have_count(1)
    for theme, width, zoom in LOOKS:
        await notebook.theme(theme)
        await notebook.resize(width, 1200, zoom)
        for number in (0, 1):
            widget = page.locator(".wl-browser").nth(number)
            assert await widget.evaluate("box => box.scrollWidth <= box.clientWidth + 1")
            await notebook.screenshot(f"browser_client_{number}_{theme}_{width}_{zoom:g}", widget)
