"""Find ports on the loopback address, and see whether somebody listens there."""

import asyncio
import random
import socket

HOST = "127.0.0.1"
# Below those the kernel gives to outgoing connections: nobody takes a port while its program is down.
_PORTS = range(20_000, 32_000)
_DICE = random.SystemRandom()


def is_free(port: int) -> bool:
    """Tell whether a program could listen on this port now."""
    with socket.socket() as candidate:
        # As the programs do it: a port whose last connection is just closing counts as free.
        candidate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            candidate.bind((HOST, port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """Find a port nobody listens on; by chance, since others look at the same time."""
    while not is_free(port := _DICE.choice(_PORTS)):
        pass
    return port


async def listens(port: int) -> bool:
    """Tell whether a program listens on this port."""
    try:
        _, writer = await asyncio.open_connection(HOST, port)
    except OSError:
        return False
    writer.close()
    await writer.wait_closed()
    return True
