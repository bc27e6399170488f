"""One worker of a server on a loopback port, silent, configured alike for every process."""

import uvicorn
from granian import Granian
from granian.constants import Interfaces, Loops


def granian(target: str, port: int) -> None:
    """Serve ``target`` ("module:app") with granian and uvloop until terminated."""
    Granian(
        target,
        address="127.0.0.1",
        port=port,
        interface=Interfaces.ASGI,
        loop=Loops.uvloop,
        websockets=False,
        log_enabled=False,
    ).serve()


def uvicorn_server(target: str, port: int) -> None:
    """Serve ``target`` ("module:app") with uvicorn, httptools and uvloop until terminated."""
    uvicorn.run(
        target,
        host="127.0.0.1",
        port=port,
        loop="uvloop",
        http="httptools",
        ws="none",
        log_config=None,
        access_log=False,
    )
