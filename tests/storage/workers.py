"""What a crowd of real processes does to one store; run by ``multiprocessing`` in each of them."""

import itertools
import multiprocessing
from pathlib import Path

from destiny_web.storage.redis import RedisStore
from destiny_web.storage.sqlite import SQLiteStore
from destiny_web.storage.store import StoreError, utcnow

SPAWN = multiprocessing.get_context("spawn")


def run(target, *args, processes):
    """Run *target* in so many processes that begin together; return their exit codes."""
    barrier = SPAWN.Barrier(processes)
    crowd = [SPAWN.Process(target=target, args=(barrier, *args)) for _ in range(processes)]
    for process in crowd:
        process.start()
    for process in crowd:
        process.join(60)
    return [process.exitcode for process in crowd]


def opened(address, now=None):
    """Open the store of that name: a Redis by its address, a file by its path."""
    if address.startswith("redis:"):
        return RedisStore(address, now=now, max_wait=20)
    return SQLiteStore(Path(address), now=now or utcnow, max_wait=20)


def count_up(barrier, address, times):
    store = opened(address)
    barrier.wait(30)
    for _ in range(times):
        store.update("n", "k", lambda old: b"%d" % (int(old or 0) + 1))
    store.close()


def count_under_lock(barrier, address, file, times):
    """Read and write a plain file: right only if nobody else is between the two."""
    store = opened(address)
    barrier.wait(30)
    for _ in range(times):
        with store.lock("file", ttl=60, wait=60):
            file.write_text(str(int(file.read_text()) + 1))
    store.close()


def put_own(barrier, address):
    store = opened(address)
    barrier.wait(30)
    name = str(multiprocessing.current_process().pid)
    store.put("pid", name, name.encode())
    store.close()


def put_without_end(address, told):
    """Put 0, 1, 2 ... and tell each number once it is stored."""
    store = opened(address)
    for number in itertools.count():
        store.put("n", str(number), b"%d" % number)
        told.send(number)


def hold_for_ever(address, told):
    with opened(address).lock("job", ttl=60, wait=0):
        told.send("held")
        told.recv()


def use_until_told(address, told):
    """Use the store again and again, and once more after it was told to stop."""
    store = opened(address)
    for number in itertools.count():
        is_last = told.poll()
        try:
            store.ping()
            store.put("n", str(number % 50), b"%d" % number * 200)
            store.get("n", str(number % 50))
        except StoreError:
            if is_last:
                continue  # the store may be under repair
        if number == 0:
            told.send("began")
        if is_last:
            break
    store.put("pid", str(multiprocessing.current_process().pid), b"1")
    told.send(store.repair())
    store.close()


def put_one(barrier, address, key):
    store = opened(address)
    barrier.wait(30)
    store.put("n", key, key.encode())
    store.close()
