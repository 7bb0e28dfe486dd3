"""What `build.py` is made of: read a lesson, hold it against the rules, make its notebook and module."""
