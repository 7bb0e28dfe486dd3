"""The frame inspector in a real JupyterLab: typed in, flipped by mouse and keys, at every size and theme."""

from __future__ import annotations

from playwright.async_api import expect

SHOW = "from wirelab.widgets.frame_inspector import FrameInspector\nFrameInspector('Hello')"


async def shown(open_notebook, server, *cells, **options):
    notebook = await open_notebook(server, SHOW, *cells, **options)
    await notebook.run_all()
    assert await notebook.errors() == []
    inspector = notebook.page.locator(".wl-inspector")
    await expect(inspector.get_by_role("gridcell")).to_have_count(88)
    return notebook, inspector


def bit(inspector, number):
    return inspector.get_by_role("gridcell").nth(number)


async def test_type_flip_and_reset(lab, open_notebook):
    notebook, inspector = await shown(open_notebook, lab)
    said, verdict = inspector.get_by_role("status"), inspector.locator(".wl-verdict")
    await expect(verdict).to_have_text(
        '✓ The client sends the server a text message: "Hello" (5 bytes, masked).'
    )
    await bit(inspector, 4).click()
    await expect(said).to_have_text("You flipped bit 4 of the first byte: the opcode is now 0x9, a ping.")
    await expect(bit(inspector, 4)).to_have_accessible_name("1, Opcode, byte 1 bit 4, flipped")
    await expect(inspector.locator(".wl-legend")).to_contain_text("1 bit differs")
    await bit(inspector, 8).click()
    await expect(verdict).to_contain_text("✗ A client must mask its frames")
    await expect(inspector.locator(".wl-box[data-wrong]")).to_have_text("✗ MASK0")
    await expect(inspector.locator(".wl-after")).to_contain_text("left over, read as the next frame")
    await inspector.get_by_role("button", name="Undo flips").click()
    await expect(said).to_contain_text("You turned 2 bits back")
    await expect(inspector.locator(".wl-flipped")).to_have_count(0)
    await inspector.get_by_label("Message").fill("<b>Hej</b>")
    await expect(verdict).to_contain_text('"<b>Hej</b>" (10 bytes, masked)')
    await expect(inspector.locator(".wl-notes")).to_have_text("… and 2 more bytes")
    await expect(inspector.locator("b")).to_have_count(0)
    await inspector.get_by_role("combobox", name="Opcode").select_option("close (0x8)")
    await inspector.get_by_label("Close code").fill("1006")
    await expect(verdict).to_contain_text("✗ Close code 1006 must not be sent.")
    await inspector.get_by_label("Close code").fill("70000")
    await expect(said).to_have_text("A close code is a whole number from 0 to 65535.")
    await inspector.get_by_label("From").select_option("server")
    await expect(said).to_have_text("A close code is a whole number from 0 to 65535.")
    await inspector.get_by_role("button", name="Reset").click()
    await expect(verdict).to_contain_text('a text message: "Hello" (5 bytes, masked)')
    await expect(inspector.get_by_label("Message")).to_have_value("Hello")
    await inspector.get_by_label("From").select_option("server")
    await expect(verdict).to_contain_text("The server sends the client")
    await inspector.get_by_role("checkbox", name="FIN").uncheck()
    await expect(verdict).to_contain_text("part 1 of a text message")
    assert notebook.console_errors == []


async def test_the_keyboard_does_it_all(lab, open_notebook):
    notebook, inspector = await shown(open_notebook, lab, "1")
    keyboard = notebook.page.keyboard
    said = inspector.get_by_role("status")
    await inspector.get_by_role("button", name="Reset").focus()
    await keyboard.press("Tab")
    await expect(bit(inspector, 0)).to_be_focused()
    for key, place in [
        ("ArrowDown", 32),
        ("ArrowRight", 33),
        ("ArrowUp", 1),
        ("End", 31),
        ("Home", 0),
        ("ArrowUp", 0),
    ]:
        await keyboard.press(key)
        await expect(bit(inspector, place)).to_be_focused()
    await keyboard.type("ddb")
    for _ in range(8):
        await keyboard.press("ArrowRight")
    await keyboard.press("Space")
    await expect(said).to_contain_text("MASK is now 0")
    await expect(bit(inspector, 8)).to_be_focused()
    await keyboard.press("Space")
    await expect(said).to_contain_text("MASK is now 1")
    await keyboard.press("Tab")
    await expect(inspector.locator(":focus")).to_have_count(0)
    assert await notebook.page.evaluate("panel.content.model.cells.length") == 2


async def test_a_reload_of_the_page_keeps_the_flips(lab, open_notebook):
    notebook, inspector = await shown(open_notebook, lab, viewport=(460, 900))
    await bit(inspector, 2).click()
    await expect(inspector.locator(".wl-verdict")).to_contain_text("RSV2 must be 0")
    await notebook.command("docmanager:save")
    await notebook.reload()
    await expect(inspector.locator(".wl-verdict")).to_contain_text("RSV2 must be 0")
    await expect(inspector.locator(".wl-flipped")).to_have_count(1)
    await expect(inspector.get_by_role("row").first.get_by_role("gridcell")).to_have_count(16)


CUT_OFF = """root => [...root.querySelectorAll('.wl-name, .wl-octet, .wl-verdict, dd, label')]
    .filter((box) => box.scrollWidth > box.clientWidth + 1).map((box) => box.textContent)"""


async def test_nothing_is_cut_off_from_60_to_200_percent(lab, open_notebook):
    """A page of 1,280 pixels is as wide as 2,133 at 60 %, and as 640 at 200 %; 460 is half a projector."""
    notebook, inspector = await shown(open_notebook, lab)
    await bit(inspector, 9).click()
    await expect(inspector.locator(".wl-verdict")).to_contain_text("waits for 64 more bytes")
    for width in (2133, 1280, 640, 460):
        await notebook.resize(width, 1300)
        if width == 640:
            await bit(inspector, 9).click()
            await bit(inspector, 1).click()
            await bit(inspector, 6).click()
            await expect(inspector.locator(".wl-verdict")).to_contain_text("opcode 0x3 is reserved")
        columns = 16 if width < 700 else 32
        await expect(inspector.get_by_role("row").first.get_by_role("gridcell")).to_have_count(columns)
        assert await inspector.evaluate("root => root.scrollWidth - root.clientWidth") <= 1
        assert await inspector.evaluate(CUT_OFF) == []
        for theme in ("light", "dark"):
            await notebook.theme(theme)
            await notebook.screenshot(f"frame_inspector-{theme}-{width}", inspector)
