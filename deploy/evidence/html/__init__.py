"""The report as one page: no network, no script, every value escaped by construction."""
