"""Settings of all tests: the same examples every time, and no example fails for being slow."""

from hypothesis import settings

settings.register_profile("repeatable", derandomize=True, database=None, deadline=None)
settings.load_profile("repeatable")
