"""Find ports on the loopback address, and see whether somebody listens there."""

import asyncio
import socket

HOST = "127.0.0.1"


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
    """Find a port nobody listens on."""
    with socket.socket() as candidate:
        candidate.bind((HOST, 0))
        port: int = candidate.getsockname()[1]
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
