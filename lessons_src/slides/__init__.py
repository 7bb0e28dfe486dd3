"""A lesson as slides: one HTML page that needs no network. `python3 lab.py slides 01` makes it."""
