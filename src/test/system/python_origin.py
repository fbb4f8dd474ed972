"""A WebSocket origin made with Python's websockets (10.4): python_origin.py [ADDRESS]

It listens on a free port, prints "ready PORT", and ends when its standard input does. The paths are those of
ws-origin.js, which lists them.
"""

import asyncio
import http
import json
import sys

import websockets


async def echo(connection):
    async for message in connection:
        await connection.send(message)


async def serve(connection):
    scene, _, argument = connection.path.split("?")[0].lstrip("/").partition("/")
    try:
        if scene == "early":
            await connection.send("early")
            await echo(connection)
        elif scene == "server-close":
            await connection.recv()
            await connection.close(int(argument), "origin says bye")
        elif scene == "server-ping":
            pong = await connection.ping(b"are you there")
            await pong
            await connection.send("pong are you there")
            await echo(connection)
        elif scene == "server-fragments":
            await connection.send(["one ", "two ", "three"])
            await echo(connection)
        elif scene == "terminate":
            await connection.recv()
            connection.transport.abort()
        elif scene == "headers":
            names = {name.lower(): value for name, value in connection.request_headers.raw_items()}
            await connection.send(json.dumps(names))
            await echo(connection)
        else:
            await echo(connection)
    except websockets.ConnectionClosed:
        pass


async def refuse(path, _headers):
    """The library itself adds Content-Length and closes."""
    scene, _, argument = path.lstrip("/").partition("/")
    if scene != "refuse":
        return None
    status = http.HTTPStatus(int(argument))
    return status, [("Content-Type", "text/plain")], f"refused {status.value}\n".encode()


async def main():
    address = sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1"
    server = await websockets.serve(
        serve,
        address,
        0,
        subprotocols=["chat.v2"],
        process_request=refuse,
        max_size=16 * 1024 * 1024,
        ping_interval=None,
    )
    print(f"ready {server.sockets[0].getsockname()[1]}", flush=True)
    # The parent's death closes our standard input.
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    server.close()


asyncio.run(main())
