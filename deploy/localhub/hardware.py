"""Hardware that a Space may ask for (Hub docs, "Spaces Overview"); here each gets as much of this machine as that."""

from __future__ import annotations

from dataclasses import dataclass

from deploy.card.rules import HARDWARE as FLAVORS

__all__ = ["FLAVORS", "Flavor", "Size", "listed", "size"]

MIB, GIB = 1024**2, 1024**3


@dataclass(frozen=True, kw_only=True)
class Size:
    """What one app may use at most: processors, and bytes of memory. The defaults are those of cpu-basic."""

    cpus: float = 2.0
    memory: int = 16 * GIB

    @property
    def told(self) -> str:
        """The memory as the Hub writes it: `16Gi`."""
        return f"{self.memory // GIB}Gi" if self.memory % GIB == 0 else f"{self.memory // MIB}Mi"


@dataclass(frozen=True, kw_only=True)
class Flavor:
    """`price` is in US dollars an hour; `accelerators` says how many `accelerator` there are."""

    name: str
    cpu: int
    ram: int
    price: float
    accelerator: str | None = None
    accelerators: int = 1

    def document(self) -> dict[str, object]:
        return {
            "name": self.name,
            "prettyName": f"{self.accelerator or 'CPU'} · {self.cpu} vCPU · {self.ram} GB",
            "cpu": f"{self.cpu} vCPU",
            "ram": f"{self.ram} GB",
            "accelerator": self._accelerator(),
            "ephemeralStorage": "50 GB",
            "unitCostMicroUSD": round(self.price * 1_000_000 / 60),
            "unitCostUSD": self.price / 60,
            "unitLabel": "minute",
        }

    def _accelerator(self) -> dict[str, str] | None:
        if self.accelerator is None:
            return None
        quantity = str(self.accelerators)
        return {"type": "gpu", "model": self.accelerator, "quantity": quantity, "vram": "", "manufacturer": "Nvidia"}


_PRICED: tuple[tuple[str, int, int, float, str | None, int], ...] = (
    ("cpu-basic", 2, 16, 0, None, 0),
    ("cpu-upgrade", 8, 32, 0.03, None, 0),
    ("t4-small", 4, 15, 0.40, "T4", 1),
    ("t4-medium", 8, 30, 0.60, "T4", 1),
    ("l4x1", 8, 30, 0.80, "L4", 1),
    ("l4x4", 48, 186, 3.80, "L4", 4),
    ("l40sx1", 8, 62, 1.80, "L40S", 1),
    ("a10g-small", 4, 15, 1.00, "A10G", 1),
    ("a10g-large", 12, 46, 1.50, "A10G", 1),
    ("a100-large", 12, 142, 2.50, "A100", 1),
)


def listed() -> tuple[Flavor, ...]:
    """The flavors whose size and price are documented; `FLAVORS` has the names of all."""
    return tuple(
        Flavor(name=name, cpu=cpu, ram=ram, price=price, accelerator=accelerator, accelerators=accelerators)
        for name, cpu, ram, price, accelerator, accelerators in _PRICED
    )


def size(name: str) -> Size:
    """What an app on that flavor may use; of one whose size is not documented, what it may on cpu-basic."""
    found = {flavor.name: Size(cpus=flavor.cpu, memory=flavor.ram * GIB) for flavor in listed()}
    return found.get(name, Size())
