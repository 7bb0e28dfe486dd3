"""A connection that is half accepted while what it goes to ends: nobody complains, and no socket is left."""

import asyncio
import gc
import socket
import sys

import pytest

from wirelab.address import HOST, port_of
from wirelab.bench import halfway
from wirelab.middlebox import Middlebox
from wirelab.waiting import until

STEPS_OF_ACCEPTING = range(8)
"""Of the event loop. Which one is halfway differs from Python to Python."""


def knock(port):
    """A client whose connection the system has accepted, and the program not yet."""
    client = socket.create_connection((HOST, port), timeout=5)
    client.setblocking(False)
    return client


def is_shut(client):
    try:
        return client.recv(1) == b""
    except BlockingIOError:
        return False
    except ConnectionError:
        return True


@pytest.mark.parametrize("steps", STEPS_OF_ACCEPTING)
async def test_a_server_that_ends_with_somebody_at_its_door_does_not_complain(steps, monkeypatch):
    complaints = []
    gc.collect()  # what other tests have left may complain now
    monkeypatch.setattr(sys, "unraisablehook", complaints.append)
    halfway.install()
    server = await asyncio.get_running_loop().create_server(asyncio.Protocol, HOST, 0)
    with knock(port_of(server)) as client:
        for _ in range(steps):
            await asyncio.sleep(0)
        server.close()
        for _ in STEPS_OF_ACCEPTING:
            await asyncio.sleep(0)
        gc.collect()
        client.close()
        await asyncio.sleep(0.01)
    assert [str(complaint.exc_value) for complaint in complaints] == []


@pytest.mark.parametrize("steps", STEPS_OF_ACCEPTING)
async def test_a_middlebox_that_ends_leaves_no_connection_open(steps):
    server = await asyncio.get_running_loop().create_server(asyncio.Protocol, HOST, 0)
    async with server:
        async with Middlebox(server) as middlebox:
            client = knock(middlebox.port)
            for _ in range(steps):
                await asyncio.sleep(0)
        with client:
            for _ in STEPS_OF_ACCEPTING:
                await asyncio.sleep(0)
            gc.collect()  # what asyncio throws away is shut by Python
            await until(lambda: is_shut(client), 5)
