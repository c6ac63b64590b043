"""Settings of all tests: the same examples every time, and none fails for being slow. Engines for those who ask."""

from hypothesis import settings
from support.engine_fixtures import (  # noqa: F401
    database,
    own_postgres,
    own_redis,
    postgres_server,
    redis_prefix,
    redis_server,
)

settings.register_profile("repeatable", derandomize=True, database=None, deadline=None)
settings.load_profile("repeatable")
