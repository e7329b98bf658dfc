"""Translates errors of the Redis client to errors of the store, and reports them to its health."""

from collections.abc import Iterator
from contextlib import contextmanager

from redis.exceptions import DataError, MaxConnectionsError, RedisError

from destiny_web.storage.health import Health
from destiny_web.storage.store import Busy, Unavailable


class ErrorTranslator:
    """Raises a StoreError in place of the client's errors, except for wrong arguments."""

    def __init__(self, health: Health) -> None:
        self._health = health

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Translate the errors of commands that change nothing."""
        try:
            yield
        except DataError:
            raise
        except MaxConnectionsError as error:
            raise Busy("every connection to Redis is in use") from error
        except RedisError as error:
            translated = Unavailable(f"Redis: {error}")
            self._health.report_failure(type(error).__name__, translated)
            raise translated from error

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Translate the errors of a write, and remember whether it succeeded."""
        try:
            with self.reading():
                yield
        except Unavailable as error:
            self._health.record_failed_write(error)
            raise
        self._health.record_write()
