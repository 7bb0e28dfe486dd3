"""The rooms board in a real JupyterLab: chips moved by mouse and keyboard, this very page among who hears."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import expect

from learner import ASK, of_ours

START = """
%load_ext wirelab
from wirelab import bench
from wirelab.widgets.rooms_board import RoomsBoard
board = await bench.start("board", RoomsBoard)
board
"""
EVERYONE = ("Ann", "Bob", "Cleo", "Dan", "Eve", "Finn")
HEARD = re.compile("HEARD|RIGHT|SURPRISE")


async def shown(open_notebook, server, *cells, start=START, **options):
    notebook = await open_notebook(server, start, *cells, **options)
    await notebook.run_cell(0)
    assert await notebook.errors() == []
    board = notebook.page.locator(".wl-rooms")
    await expect(chip(board, "Eve")).to_have_attribute("data-state", "fine")
    await expect(name(board, "Eve")).to_have_accessible_name(re.compile("in gold and copper"))
    return notebook, board


def chip(board, who):
    return board.locator(f'.wl-chip[data-name="{who}"]')


def name(board, who):
    return chip(board, who).locator(".wl-name")


def button(board, label):
    return board.get_by_role("button", name=label, exact=True)


def group(board, label):
    return board.get_by_role("group", name=label, exact=True)


def said(board):
    return board.get_by_role("status")


async def predict_nothing(board):
    await board.get_by_role("checkbox", name="Predict first").uncheck()


async def heard(board):
    return {
        who for who in EVERYONE if HEARD.search(await chip(board, who).get_attribute("data-verdict") or "")
    }


async def asked(notebook, expression):
    return await notebook.page.evaluate(ASK, expression)


async def test_a_chip_is_dragged_into_rooms_and_exactly_those_who_are_meant_light_up(lab, open_notebook):
    notebook, board = await shown(open_notebook, lab)
    await name(board, "Finn").drag_to(name(board, "Bob"))
    await expect(said(board)).to_contain_text("The server has Finn in gold and silver now.")
    await expect(said(board)).to_contain_text("On the wire of Finn, no packet passed.")
    assert await asked(notebook, "board.model.members['Finn'].rooms") == "['gold', 'silver']"
    for who in ("Ann", "Finn", "Dan"):
        await board.get_by_role("button", name=f"Mark {who}", exact=True).click()
    await expect(said(board)).to_have_text("You say: Ann, Dan, Finn will hear it.")
    await button(board, "Send").click()
    await expect(said(board)).to_contain_text("4 heard it: encoded once, written 4 times.")
    await expect(said(board)).to_contain_text("You had not marked Bob, Eve. You had marked Dan")
    verdicts = {"Ann": "RIGHT", "Bob": "SURPRISE", "Cleo": "AS_SAID", "Dan": "MISSED", "Eve": "SURPRISE"}
    for who, verdict in {**verdicts, "Finn": "RIGHT"}.items():
        await expect(chip(board, who)).to_have_attribute("data-verdict", verdict)
    await expect(chip(board, "Bob").locator(".wl-mark")).to_have_text("!")
    assert notebook.console_errors == []


async def test_everything_goes_by_keyboard(lab, open_notebook):
    notebook, board = await shown(open_notebook, lab)
    keyboard = notebook.page.keyboard
    await name(board, "Ann").focus()
    for _ in range(3):
        await keyboard.press("ArrowRight")
    await expect(name(board, "Dan")).to_be_focused()
    await keyboard.press("ArrowLeft")
    await expect(name(board, "Cleo")).to_be_focused()
    await keyboard.press("g")
    await expect(name(board, "Cleo")).to_have_accessible_name(re.compile("in gold and silver, connected"))
    await keyboard.press("s")
    await expect(name(board, "Cleo")).to_have_accessible_name(
        re.compile("node: in gold, connected", re.IGNORECASE)
    )
    await keyboard.press("Enter")
    await expect(said(board)).to_have_text("You say: Cleo will hear it.")
    await keyboard.press("p")
    await expect(name(board, "Cleo")).to_have_accessible_name(re.compile("cable pulled"))
    await keyboard.press("p")
    await expect(said(board)).to_contain_text("You plugged the cable of Cleo in again")
    # Tab leads out of the chips, to the first of the controls; no shortcut of JupyterLab has seen a key.
    await keyboard.press("Tab")
    await expect(board.get_by_label("Who sends")).to_be_focused()
    await button(board, "Send").focus()
    await keyboard.press("Space")
    await expect(said(board)).to_contain_text("4 heard it: encoded once, written 4 times.")
    await expect(name(board, "Cleo")).to_have_accessible_name(re.compile("heard it, as you said"))
    assert await notebook.page.evaluate("panel.content.model.cells.length") == 1
    assert notebook.console_errors == []


async def test_the_aim_is_a_line_of_code_and_what_it_says_is_done(lab, open_notebook):
    notebook, board = await shown(open_notebook, lab)
    await predict_nothing(board)
    code = board.locator(".wl-code code")
    await board.get_by_label("Who sends").select_option("Bob")
    await group(board, "To").get_by_role("button", name="silver").click()
    await group(board, "Except").get_by_role("button", name="copper").click()
    await board.get_by_role("checkbox", name="all but the sender").check()
    await expect(code.nth(0)).to_have_text(
        'socket.to("gold").to("silver").except_("copper").emit("news", "News 1")'
    )
    await expect(code.nth(1)).to_have_text(
        'socket.to("gold").to("silver").except("copper").emit("news", "News 1");'
    )
    await button(board, "Send").click()
    await expect(said(board)).to_have_text("2 heard it: encoded once, written twice.")
    assert await heard(board) == {"Ann", "Cleo"}
    await group(board, "To").get_by_role("button", name="everyone").click()
    await group(board, "Except").get_by_role("button", name="copper").click()
    await expect(code.nth(0)).to_have_text('socket.broadcast.emit("news", "News 2")')
    await button(board, "Send").click()
    await expect(said(board)).to_have_text("5 heard it: encoded once, written 5 times.")
    assert await heard(board) == set(EVERYONE) - {"Bob"}
    await board.get_by_label("Who sends").select_option("server")
    await expect(board.get_by_role("checkbox", name="all but the sender")).to_be_disabled()
    await expect(code.nth(0)).to_have_text('server.emit("news", "News 3")')
    # The page itself as the sender.
    await board.get_by_label("Who sends").select_option("Finn")
    await button(board, "Send").click()
    await expect(said(board)).to_have_text("6 heard it: encoded once, written 6 times.")
    assert notebook.console_errors == []


async def test_slow_motion_goes_step_by_step_and_ends_where_it_began(lab, open_notebook):
    notebook, board = await shown(open_notebook, lab)
    for label in ("Play", "Step"):
        await expect(button(board, label)).to_be_disabled()
    await predict_nothing(board)
    await button(board, "Send").click()
    result = "3 heard it: encoded once, written 3 times."
    await expect(said(board)).to_have_text(result)
    for line, lit in (
        ("1 of 4 · The server looks into its room gold: Ann, Bob, Eve.", {"Ann", "Bob", "Eve"}),
        ('2 of 4 · One packet is encoded: 42["news","News 1"]', {"Ann", "Bob", "Eve"}),
        ("3 of 4 · It is written 3 times: Ann, Bob, Eve.", {"Ann", "Bob", "Eve"}),
        ("4 of 4 · Heard by: Ann, Bob, Eve.", {"Ann", "Bob", "Eve"}),
    ):
        await button(board, "Step").click()
        await expect(said(board)).to_have_text(line)
        assert {
            who for who in EVERYONE if await chip(board, who).get_attribute("data-lit") is not None
        } == lit
    await button(board, "Step").click()
    await expect(said(board)).to_have_text(result)
    await button(board, "Play").click()
    await expect(said(board)).to_have_text(re.compile("3 of 4"))
    await expect(board.locator(".wl-flight")).to_have_count(3)
    await button(board, "Stop").click()
    await expect(said(board)).to_have_text(result)
    await button(board, "Play").click()
    await expect(said(board)).to_have_text(re.compile("1 of 4"))
    await button(board, "Send").click()  # something new ends what was shown again
    await expect(said(board)).to_have_text(result)
    await expect(button(board, "Play")).to_be_enabled()
    assert notebook.console_errors == []


async def test_a_pulled_cable_stays_until_the_server_notices(lab, open_notebook):
    notebook, board = await shown(open_notebook, lab)
    await predict_nothing(board)
    await name(board, "Eve").click()
    details = board.get_by_role("region", name="One client")
    await expect(details).to_contain_text("socket.io-client, in this page")
    await expect(details).to_contain_text('socket.join("gold") at the server: no packet passed')
    await expect(details).to_contain_text("I am connected. Rooms? I have no word for them.")
    await button(board, "Pull its cable").click()
    await expect(chip(board, "Eve")).to_have_attribute("data-state", "pulled")
    await expect(said(board)).to_contain_text("You pulled the cable of Eve: nobody is told.")
    await button(board, "Send").click()
    await expect(said(board)).to_contain_text("2 heard it: encoded once, written 3 times.")
    await expect(said(board)).to_contain_text("It was also written to Eve, where nothing arrives.")
    await expect(board.locator(".wl-areas .wl-cross")).to_have_count(1)
    await expect(said(board)).to_have_text(
        "The server has lost Eve (ping timeout), and takes Eve out of gold and copper."
    )
    await expect(chip(board, "Eve")).to_have_attribute("data-state", "gone")
    await expect(board.locator(".wl-flight")).to_have_count(0)  # it would end where nobody is any more
    await expect(details).to_contain_text("I am not connected: disconnect: ping timeout")
    await button(board, "Plug it in").click()
    await expect(said(board)).to_have_text("Eve has connected anew: another socket, which is in no room.")
    await expect(chip(board, "Eve")).to_have_attribute("data-state", "fine")
    assert of_ours(notebook.console_errors) == []


async def test_at_wrong_moments_it_says_why_and_goes_on(lab, open_notebook):
    notebook, board = await shown(open_notebook, lab)
    await button(board, "Send").click()
    await expect(said(board)).to_contain_text("First mark who will hear it.")
    # A chip that is dropped outside, or where it was, or whose move is called off, stays.
    await name(board, "Ann").drag_to(board.locator("header"))
    await name(board, "Ann").drag_to(name(board, "Ann"))
    box = await name(board, "Ann").bounding_box()
    mouse = notebook.page.mouse
    await mouse.move(box["x"] + 40, box["y"] + 10)
    await mouse.down()
    await mouse.move(box["x"] + 400, box["y"] + 100, steps=4)
    await notebook.page.keyboard.press("Escape")
    await mouse.up()
    await expect(name(board, "Ann")).to_have_accessible_name(re.compile("in gold, connected"))
    # All at once, while a reset is under way.
    await board.evaluate(
        """root => {
            const buttons = [...root.querySelectorAll("button")];
            for (const text of ["Reset", "Send", "Pull its cable", "Send", "Mark it", "Reset", "Send"]) {
                buttons.find((each) => each.textContent === text).click();
            }
            const chip = root.querySelector('[data-name="Bob"] .wl-name');
            for (const key of ["g", "s", "c", "p", "Enter"]) {
                chip.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
            }
        }"""
    )
    await button(board, "Reset").click()
    await expect(said(board)).to_have_text(
        "Choose who is meant, mark who you think will hear it, and send.", timeout=40_000
    )
    for who in EVERYONE:
        await expect(chip(board, who)).to_have_attribute("data-state", "fine")
    await predict_nothing(board)
    await button(board, "Send").click()
    await expect(said(board)).to_have_text("3 heard it: encoded once, written 3 times.")
    assert of_ours(notebook.console_errors) == []


async def test_a_reload_is_two_new_clients_in_no_room(lab, open_notebook):
    notebook, board = await shown(open_notebook, lab)
    await notebook.command("docmanager:save")
    await notebook.reload()
    await expect(name(board, "Eve")).to_have_accessible_name(re.compile("in no room, connected"))
    await expect(name(board, "Finn")).to_have_accessible_name(re.compile("in no room, connected"))
    await predict_nothing(board)
    await group(board, "To").get_by_role("button", name="everyone").click()
    await button(board, "Send").click()
    await expect(said(board)).to_have_text("6 heard it: encoded once, written 6 times.")
    assert of_ours(notebook.console_errors) == []


async def test_after_a_restart_of_the_kernel_the_cell_brings_a_new_board(lab, open_notebook):
    notebook, board = await shown(open_notebook, lab)
    await notebook.page.evaluate("panel.sessionContext.session.kernel.restart()")
    await notebook.idle()
    await button(board, "Send").click()  # nobody hears that
    await notebook.run_cell(0)
    await expect(board).to_have_count(1)
    await expect(chip(board, "Finn")).to_have_attribute("data-state", "fine")
    await predict_nothing(board)
    await button(board, "Send").click()
    await expect(said(board)).to_have_text("3 heard it: encoded once, written 3 times.")


async def test_the_cell_may_run_again(lab, open_notebook):
    notebook, board = await shown(open_notebook, lab)
    await notebook.run_cell(0)
    await expect(chip(board, "Eve")).to_have_attribute("data-state", "fine")
    await predict_nothing(board)
    await button(board, "Send").click()
    await expect(said(board)).to_have_text("3 heard it: encoded once, written 3 times.")
    assert of_ours(notebook.console_errors) == []


async def test_goes_through_the_proxy_under_a_hub(hub_lab, open_notebook):
    _, board = await shown(open_notebook, hub_lab)
    await predict_nothing(board)
    await button(board, "Send").click()
    await expect(said(board)).to_have_text("3 heard it: encoded once, written 3 times.")
    await expect(chip(board, "Eve")).to_have_attribute("data-verdict", "HEARD")


async def test_what_a_message_says_is_shown_as_text(lab, open_notebook):
    hostile = 'board.model.say("<img src=x onerror=alert(1)>")'
    notebook, board = await shown(open_notebook, lab, hostile)
    await notebook.run_cell(1)
    await expect(said(board)).to_have_text("<img src=x onerror=alert(1)>")
    assert await board.locator("img").count() == 0


async def test_the_static_picture_says_the_same_as_the_live_board(lab, open_notebook):
    static = """
from IPython.display import HTML
HTML(board._repr_mimebundle_()[0]["text/html"])
"""
    notebook, board = await shown(open_notebook, lab, static)
    await board.get_by_role("button", name="Mark Ann", exact=True).click()
    await button(board, "Send").click()
    await expect(said(board)).to_contain_text("3 heard it")
    await notebook.run_cell(1)
    picture = notebook.cell(1).locator("img.wl-static")
    alternative = await picture.get_attribute("alt")
    assert await said(board).text_content() in alternative
    assert await board.locator(".wl-code code").nth(0).text_content() in alternative
    for who in EVERYONE:
        label = await name(board, who).get_attribute("aria-label")
        line = next(line for line in alternative.splitlines() if line.startswith(f"{who} "))
        assert label.rsplit(", ", 1)[-1] in line, (label, line)
    await notebook.screenshot("rooms-static", picture)


async def test_with_reduced_motion_nothing_flies_and_the_lines_stand(lab, open_notebook):
    notebook, board = await shown(
        open_notebook, lab, before=lambda page: page.emulate_media(reduced_motion="reduce")
    )
    await predict_nothing(board)
    await button(board, "Send").click()
    await expect(board.locator(".wl-flight")).to_have_count(3)
    assert await board.evaluate("root => root.getAnimations({ subtree: true }).length") == 0
    assert notebook.console_errors == []


async def test_a_crowd_lights_up_as_dots(lab, open_notebook):
    crowd = START.replace("RoomsBoard)\n", "lambda: RoomsBoard(crowd=160))\n")
    notebook, board = await shown(open_notebook, lab, start=crowd)
    await predict_nothing(board)
    green = """canvas => {
        const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
        let count = 0;
        for (let at = 0; at < data.length; at += 4) {
            if (data[at + 1] > 120 && data[at] < 60 && data[at + 3] > 100) count++;
        }
        return count;
    }"""
    dots = board.get_by_role("img", name=re.compile("A crowd of 160 more clients"))
    assert await dots.evaluate(green) == 0
    await button(board, "Send").click()
    await notebook.page.wait_for_function(
        f"canvas => ({green})(canvas) > 500", arg=await dots.element_handle()
    )
    await expect(said(board)).to_have_text("83 heard it: encoded once, written 83 times.")
    await button(board, "Keep sending").click()
    await expect(button(board, "Stop the flow")).to_be_visible()
    await expect(board.locator(".wl-code code").nth(0)).to_contain_text("News 9")
    await button(board, "Stop the flow").click()
    await expect(button(board, "Keep sending")).to_be_visible()
    assert notebook.console_errors == []


CUT_OFF = """root => [...root.querySelectorAll('button, code, label, select, span, strong, .wl-status')]
    .filter((box) => box.clientWidth && box.scrollWidth > box.clientWidth + 1)
    .filter((box) => getComputedStyle(box).textOverflow !== "ellipsis").map((box) => box.outerHTML)"""
COVERED = """root => {
    const boxes = [...root.querySelectorAll(".wl-chip")].map((chip) => chip.getBoundingClientRect());
    const meet = (one, other) => one.left < other.right - 1 && other.left < one.right - 1
        && one.top < other.bottom - 1 && other.top < one.bottom - 1;
    return boxes.some((one, place) => boxes.slice(place + 1).some((other) => meet(one, other)));
}"""
AT_FIRST = {"Ann": "g", "Bob": "gs", "Cleo": "s", "Dan": "sc", "Eve": "gc", "Finn": ""}


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_nothing_is_cut_off_at_any_width(lab, open_notebook, theme):
    notebook, board = await shown(open_notebook, lab, theme=theme, viewport=(1280, 720))
    box = await board.bounding_box()
    assert box["height"] < 600  # what JupyterLab leaves of 720
    await board.get_by_label("Who sends").select_option("Dan")
    for room in ("silver", "copper"):
        await group(board, "To").get_by_role("button", name=room).click()
    for room in ("gold", "silver", "copper"):
        await group(board, "Except").get_by_role("button", name=room).click()
    for who in EVERYONE:
        await name(board, who).focus()
        for key in "gsc":
            if key not in AT_FIRST[who]:
                await notebook.page.keyboard.press(key)
        await expect(name(board, who)).to_have_accessible_name(re.compile("in gold and silver and copper"))
    await name(board, "Bob").press("p")
    await expect(chip(board, "Bob")).to_have_attribute("data-state", "pulled")
    assert (await board.bounding_box())["height"] < 600
    for width in (2000, 1280, 900, 640, 460):
        await notebook.page.set_viewport_size({"width": width, "height": 1300})
        await notebook.page.wait_for_timeout(400)
        assert await board.evaluate("root => root.scrollWidth - root.clientWidth") <= 1
        assert await board.evaluate(CUT_OFF) == []
        await notebook.page.wait_for_function(  # on its way a chip may pass over another
            f"root => !({COVERED})(root)", arg=await board.element_handle(), timeout=5000
        )
        await notebook.screenshot(f"rooms-{theme}-{width}", board)
