import asyncio
from contextlib import asynccontextmanager
from pathlib import Path

from proxy import nginx

from wirelab.address import url
from wirelab.process import Child, RedisServer

SERVER = str(Path(__file__).with_name("server.py"))
OPEN = "The chat is at https://localhost:8443/ (your browser will not know the certificate; Ctrl-C ends it)."


@asynccontextmanager
async def deployed(port):
    """Redis, two servers, and nginx before them; gives the two servers."""
    async with RedisServer.best() as store:
        address = url(store, scheme="redis")
        one, two = (Child.python(SERVER, f"server {number}", address) for number in (1, 2))
        async with one, two:
            with nginx(port, one.port, two.port):
                yield one, two


async def main():
    async with deployed(8443):
        print(OPEN)
        await asyncio.Future()


if __name__ == "__main__":
    asyncio.run(main())
