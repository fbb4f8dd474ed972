"""A WebSocket client made with Python's websockets (10.4): python_client.py ws://HOST:PORT [SCENE ...]

It plays its scenes against an origin that serves the paths of ws-origin.js, all or the named ones, and prints a line
for each: "SCENE: ok" or "SCENE: FAIL why". The exit code is 0 if all went well.
"""

import asyncio
import os
import sys

import websockets

BASE = sys.argv[1]
LIMIT_SECONDS = 30


def connect(path, **options):
    options.setdefault("compression", None)
    return websockets.connect(BASE + path, max_size=16 * 1024 * 1024, ping_interval=None, **options)


async def echoes(connection, message):
    await connection.send(message)
    assert await connection.recv() == message, f"an echo of {len(message)} characters or bytes"


async def text():
    async with connect("/echo") as connection:
        assert connection.subprotocol is None
        assert connection.extensions == []
        for message in ["hello", "", "gr\u00fc\u00dfe \u20ac \U0001f6a2"]:
            await echoes(connection, message)


async def binary():
    async with connect("/echo") as connection:
        for size in [1, 125, 126, 127, 65535, 65536, 70001]:
            await echoes(connection, os.urandom(size))


async def fragmented():
    async with connect("/echo") as connection:
        fragments = ["a", "b" * 200, "", "c" * 70000]
        await connection.send(fragments)
        assert await connection.recv() == "".join(fragments)


async def big():
    async with connect("/echo") as connection:
        await echoes(connection, os.urandom(1 << 20))
        await echoes(connection, os.urandom(1 << 19).hex())


async def pipelined():
    async with connect("/echo") as connection:
        for i in range(2000):
            await connection.send(f"message {i}")
        for i in range(2000):
            assert await connection.recv() == f"message {i}"


async def ping():
    async with connect("/echo") as connection:
        await (await connection.ping(b"anybody there"))


async def server_ping():
    async with connect("/server-ping") as connection:
        assert await connection.recv() == "pong are you there"


async def server_fragments():
    async with connect("/server-fragments") as connection:
        assert await connection.recv() == "one two three"


async def early():
    async with connect("/early") as connection:
        assert await connection.recv() == "early"
        await echoes(connection, "and on")


async def client_close():
    for code, reason in [(1000, ""), (1001, "going"), (4321, "r" * 123)]:
        connection = await connect("/echo")
        await connection.close(code, reason)
        assert connection.close_code == code, f"code {connection.close_code}"


async def server_close():
    for code in [1000, 1001, 1011, 4001]:
        connection = await connect(f"/server-close/{code}")
        await connection.send("go")
        await connection.wait_closed()
        assert connection.close_code == code, f"code {connection.close_code}"
        assert connection.close_reason == "origin says bye"


async def terminate():
    connection = await connect("/terminate")
    await connection.send("go")
    await connection.wait_closed()
    assert connection.close_code == 1006, f"code {connection.close_code}"


async def subprotocol():
    async with connect("/echo", subprotocols=["chat.v1", "chat.v2"]) as connection:
        assert connection.subprotocol == "chat.v2"
        await echoes(connection, "over chat.v2")


async def deflate():
    async with connect("/echo", compression="deflate") as connection:
        assert [extension.name for extension in connection.extensions] == ["permessage-deflate"]
        await echoes(connection, "short")
        await echoes(connection, "compress me " * 90000)
        await echoes(connection, os.urandom(100000))


async def refused():
    for status in [401, 403, 404, 503]:
        try:
            await connect(f"/refuse/{status}")
        except websockets.InvalidStatusCode as refusal:
            assert refusal.status_code == status, f"status {refusal.status_code}"
        else:
            raise AssertionError(f"{status} was not seen")


SCENES = {
    scene.__name__.replace("_", "-"): scene
    for scene in [
        text,
        binary,
        fragmented,
        big,
        pipelined,
        ping,
        server_ping,
        server_fragments,
        early,
        client_close,
        server_close,
        terminate,
        subprotocol,
        deflate,
        refused,
    ]
}


async def main():
    failures = 0
    for name in sys.argv[2:] or SCENES:
        try:
            await asyncio.wait_for(SCENES[name](), LIMIT_SECONDS)
            print(f"{name}: ok", flush=True)
        except Exception as fault:  # every kind is a failed scene, and the next one is still played
            failures += 1
            print(f"{name}: FAIL {type(fault).__name__} {fault}".replace("\n", " "), flush=True)
    return failures


sys.exit(1 if asyncio.run(main()) else 0)
