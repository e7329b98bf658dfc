"""Functions that worker processes run on one store, by ``multiprocessing``."""

import itertools
import multiprocessing
from pathlib import Path

from destiny_web.clock import utcnow
from destiny_web.storage.redis import RedisStore
from destiny_web.storage.sqlite import SQLiteStore
from destiny_web.storage.store import StoreError

SPAWN = multiprocessing.get_context("spawn")


def run(target, *args, processes):
    """Run *target* in a number of processes that start together; return their exit codes."""
    barrier = SPAWN.Barrier(processes)
    workers = [SPAWN.Process(target=target, args=(barrier, *args)) for _ in range(processes)]
    for process in workers:
        process.start()
    for process in workers:
        process.join(60)
    return [process.exitcode for process in workers]


def open_store(address, now=None):
    """Open the store at an address: a Redis URL, or the path of a file."""
    if address.startswith("redis:"):
        return RedisStore(address, now=now, max_wait=20)
    return SQLiteStore(Path(address), now=now or utcnow, max_wait=20)


def increment(barrier, address, times):
    store = open_store(address)
    barrier.wait(30)
    for _ in range(times):
        store.update("n", "k", lambda old: b"%d" % (int(old or 0) + 1))
    store.close()


def count_under_lock(barrier, address, file, times):
    """Read and write a plain file: correct only if no other process does so in between."""
    store = open_store(address)
    barrier.wait(30)
    for _ in range(times):
        with store.lock("file", ttl=60, wait=60):
            file.write_text(str(int(file.read_text()) + 1))
    store.close()


def put_own(barrier, address):
    store = open_store(address)
    barrier.wait(30)
    name = str(multiprocessing.current_process().pid)
    store.put("pid", name, name.encode())
    store.close()


def put_numbers(address, pipe):
    """Put 0, 1, 2 ... without end; send each number after it was stored."""
    store = open_store(address)
    for number in itertools.count():
        store.put("n", str(number), b"%d" % number)
        pipe.send(number)


def hold_lock(address, pipe):
    with open_store(address).lock("job", ttl=60, wait=0):
        pipe.send("held")
        pipe.recv()


def use_until_stopped(address, pipe):
    """Use the store repeatedly until the pipe has a message, and once after that."""
    store = open_store(address)
    for number in itertools.count():
        is_last = pipe.poll()
        try:
            store.ping()
            store.put("n", str(number % 50), b"%d" % number * 200)
            store.get("n", str(number % 50))
        except StoreError:
            if is_last:
                continue  # the store may be under repair
        if number == 0:
            pipe.send("began")
        if is_last:
            break
    store.put("pid", str(multiprocessing.current_process().pid), b"1")
    pipe.send(store.repair())
    store.close()


def put_one(barrier, address, key):
    store = open_store(address)
    barrier.wait(30)
    store.put("n", key, key.encode())
    store.close()
