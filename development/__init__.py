"""What this repository is held to: its tests, linters, benchmarks and mutants. Nothing here is part of the library."""
