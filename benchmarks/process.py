"""What the system says of a process."""

import asyncio
import os
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid: int) -> float:
    """Return the CPU time a process has used so far, its own and the system's for it."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    user, system = int(fields[11]), int(fields[12])
    return (user + system) / _TICKS


def resident_kib(pid: int) -> int:
    """Return how much memory of a process is resident."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))


async def calm(pid: int, *, within: int = 30) -> None:
    """Wait until a process has done next to nothing for two seconds; after `within` seconds go on anyway."""
    for _ in range(0, within, 2):
        before = cpu_seconds(pid)
        await asyncio.sleep(2)
        if cpu_seconds(pid) - before < 0.05:
            return
