"""Hardware that a Space may ask for (Hub docs, "Spaces Overview"); here every Space gets this machine."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Flavor:
    """`price` is in US dollars an hour."""

    name: str
    cpu: str
    ram: str
    price: float
    accelerator: str | None = None

    def document(self) -> dict[str, object]:
        return {
            "name": self.name,
            "prettyName": f"{self.accelerator or 'CPU'} {self.cpu}, {self.ram}",
            "cpu": self.cpu,
            "ram": self.ram,
            "accelerator": self.accelerator,
            "ephemeralStorage": "50 GB",
            "unitCostMicroUSD": round(self.price * 1_000_000 / 60),
            "unitCostUSD": self.price / 60,
            "unitLabel": "minute",
        }


_TABLE = (
    ("cpu-basic", 2, 16, 0, None),
    ("cpu-upgrade", 8, 32, 0.03, None),
    ("zero-a10g", 8, 62, 0, "Zero"),
    ("t4-small", 4, 15, 0.40, "T4"),
    ("t4-medium", 8, 30, 0.60, "T4"),
    ("l4x1", 8, 30, 0.80, "L4"),
    ("l4x4", 48, 186, 3.80, "4 L4"),
    ("l40sx1", 8, 62, 1.80, "L40S"),
    ("l40sx4", 48, 382, 8.30, "4 L40S"),
    ("l40sx8", 192, 1534, 23.50, "8 L40S"),
    ("a10g-small", 4, 15, 1.00, "A10G"),
    ("a10g-large", 12, 46, 1.50, "A10G"),
    ("a10g-largex2", 24, 92, 3.00, "2 A10G"),
    ("a10g-largex4", 48, 184, 5.00, "4 A10G"),
    ("a100-large", 12, 142, 2.50, "A100"),
    ("a100x4", 48, 568, 10.00, "4 A100"),
    ("a100x8", 96, 1136, 20.00, "8 A100"),
)

FLAVORS = {
    name: Flavor(name=name, cpu=f"{cpu} vCPU", ram=f"{ram} GB", price=price, accelerator=accelerator)
    for name, cpu, ram, price, accelerator in _TABLE
}
