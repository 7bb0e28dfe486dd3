# %% [markdown]
# # From WebSocket to Socket.IO
#
# **You build a real-time server, watch it fail on real networks, and repair it, one feature at a time. At the end the
# code that you typed is a Socket.IO server, and the official JavaScript client talks to it.**
#
# This page takes {minutes}: a first look, a check of your machine, the map.

# %% [markdown]
# ## A first look
#
# Click into the next cell and press <kbd>Shift</kbd>+<kbd>Enter</kbd>. Then do the same with each cell below it. (This one is folded: it opens the
# laboratory, and you need not read it. Its three dots show it.)

# %% tags=["folded"]
# %load_ext wirelab
from websockets.asyncio.client import connect
from websockets.asyncio.server import serve

from wirelab import bench
from wirelab.middlebox import Middlebox
from wirelab.widgets.browser_client import BrowserClient
from wirelab.widgets.wire import Wire

# %% [markdown]
# A server that sends every message back, a client, and between them a *middlebox*, which passes everything on and keeps a
# note of it. None of this is a simulation: these are real connections on this machine.

# %%
async def echo(websocket):
    """Send every message back to where it came from."""
    async for message in websocket:
        await websocket.send(message)


server = await bench.start("echo server", serve(echo, "127.0.0.1", 0, compression=None))
cable = await bench.start("cable", Middlebox(server))

async with connect(bench.url(cable), user_agent_header="you") as client:
    await client.send("Hello, wire")
    print(await client.recv())

# %% [markdown]
# And this is what went over the wire. Client left, server right, time downwards. **Click an arrow** to see its bytes and
# what they mean. **Choose a layer** to see the same traffic as the network sees it, or as your program does.

# %% tags=["demo"]
Wire(cable).live()

# %% [markdown]
# You will see this picture again and again. *Pause* holds the picture while the traffic goes on, *Step* lets one more
# arrow in, *Reset* begins with an empty picture. *Again* shows in slow motion what has happened, and the slider takes you
# to any moment of it.

# %% [markdown]
# ## A check of this machine
#
# Four things have to work. Two have, if you read "Hello, wire" above: a server and a client on this machine. The third is
# JavaScript, the language of the other half of this course:

# %%
print(await bench.javascript('console.log("JavaScript says hello")'))

# %% [markdown]
# The fourth is your own browser as a client. Press **Connect**, type something, press **Send**. If it comes back,
# everything works, and the wire above has a new column.

# %% tags=["demo"]
BrowserClient(bench.url(cable))

# %% [markdown]
# > *No buttons above, only a picture?* Then you read this where the course's pictures cannot run. On your own machine, in the
# > folder of the course, `python3 lab.py` opens it ready to run.

# %% [markdown]
# ## The story
#
# Your boss asks for real-time features. You answer with a plain WebSocket, and it works: on your machine. Then come the
# complaints, one by one. You fix each with a little more code. In the end you look at what you wrote, and it has a
# name.
#
# This is **the boss's list**. Each row is a scenario that really runs. You see it fail before you repair it.
#
# {list}

# %% [markdown]
# ## The map
#
# A lesson takes {lesson_minutes}, its exercises apart. Start at the top; or start anywhere, for each lesson brings what it needs.
#
# {map}

# %% [markdown]
# ## Where you are
#
# When a check says *right*, that is remembered, also when the course is updated. Run this cell whenever you want to know what is left.

# %%
from wirelab.exercise.progress import progress

progress()

# %% [markdown]
# In a class, `progress().hand_in("Ann")` in a cell of your own writes your progress into a file, which you can hand in.
#
# Lessons 07 to 19 end with a review: the boss's whole list, run against the server of the lesson. Here is how it stands.
# A tile opens the run that earned it.

# %%
from wirelab.exercise.scoreboard import scoreboard

scoreboard()

# %% [markdown]
# ## How to use it
#
# **Alone.** Run every cell, in order. Where a question with buttons comes, choose an answer *before* you run on: you learn
# most from the ones you get wrong. Every cell can be run again. If a cell waits for ever, *Kernel → Interrupt Kernel* stops
# it and leaves your servers alive.
#
# **Your copies.** Opened with `lab.py`, these notebooks are copies of your own in the folder `my_course`: write in them what
# you like. When the course changes, a copy that you have written into stays, and the new edition comes beside it.
# `python3 lab.py fresh 03` makes lesson 03 as new and keeps your old one.
#
# **Words.** A term is in italics where it is explained. The [glossary](../notebooks/glossary.md) has them all, and says where.
#
# **The exercises.** Write into the cell below the task, run it, run the check. A check has three answers: *not
# attempted*, *wrong* and how, *right*. Hints come one at a time. The solution is folded below; open it by a click on the
# three dots.
#
# **In class.** The lessons work on a projector: make the page larger with <kbd>Ctrl</kbd>+<kbd>+</kbd> (on a Mac <kbd>⌘</kbd>+<kbd>+</kbd>), and give
# the wire a place of its own (right-click the picture, *Create New View for Cell Output*). What only a teacher needs is folded into
# boxes like the next one. `python3 lab.py slides 01` makes slides of lesson 01 that need no network, `python3 lab.py teacher 01` a page to print.
#
# **Elsewhere.** In VS Code, in Google Colab, on Windows or on a JupyterHub not everything works: [where it runs](../notebooks/where_it_runs.md).

# %% [markdown] tags=["teacher"]
# This is such a box. It has the timing of the lesson, what goes wrong in a class, and a question to begin with.
#
# Before the first lesson let everybody run this page to the end. Whoever sees no column for the browser on the wire has a
# browser that may not speak to this machine, because of an extension that blocks local addresses, for instance.
