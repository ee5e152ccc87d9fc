"""The ways in which a service hands work to something else; each makes one call, somewhere."""

import asyncio
import concurrent.futures
import functools
import multiprocessing
import multiprocessing.pool
import os
import subprocess
import sys
import threading

from calling import call


def thread_pool_submit(number):
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        return pool.submit(call, number).result()


def thread_pool_map(number):
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        return next(pool.map(call, [number]))


@functools.cache
def _kept_thread_pool():
    return concurrent.futures.ThreadPoolExecutor(1)


def thread_pool_kept(number):
    return _kept_thread_pool().submit(call, number).result()


def _joined(thread):
    thread.start()
    thread.join()
    return b""


def thread(number):
    return _joined(threading.Thread(target=call, args=(number,)))


def timer(number):
    return _joined(threading.Timer(0.01, call, (number,)))


def threads_of_multiprocessing(number):
    with multiprocessing.pool.ThreadPool(1) as pool:
        return pool.apply(call, (number,))


def run_in_executor(number):
    async def main():
        return await asyncio.get_running_loop().run_in_executor(None, call, number)

    return asyncio.run(main())


def to_thread(number):
    return asyncio.run(asyncio.to_thread(call, number))


def task(number):
    async def work():
        return await asyncio.create_task(asyncio.to_thread(call, number))

    return asyncio.run(work())


def gather(number):
    async def work():
        return (await asyncio.gather(asyncio.to_thread(call, number), asyncio.sleep(0)))[0]

    return asyncio.run(work())


@functools.cache
def _loop():
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, daemon=True).start()
    return loop


def loop_in_a_thread(number):
    return asyncio.run_coroutine_threadsafe(asyncio.to_thread(call, number), _loop()).result()


def _process(number, *, method):
    process = multiprocessing.get_context(method).Process(target=call, args=(number,))
    process.start()
    process.join()
    return str(process.exitcode).encode()


def _pool_left_by_with(number, *, method):
    with multiprocessing.get_context(method).Pool(1) as pool:
        return pool.apply(call, (number,))


def _pool_closed(number, *, method):
    pool = multiprocessing.get_context(method).Pool(1, maxtasksperchild=1)
    (answer,) = pool.map(call, [number])
    pool.close()
    pool.join()
    return answer


def _executor(number, *, method):
    context = multiprocessing.get_context(method)
    with concurrent.futures.ProcessPoolExecutor(1, mp_context=context) as pool:
        return pool.submit(call, number).result()


def call_and_leave(number):
    call(number)
    os._exit(3)


def _process_that_leaves(number, *, method):
    process = multiprocessing.get_context(method).Process(target=call_and_leave, args=(number,))
    process.start()
    process.join()
    return str(process.exitcode).encode()


@functools.cache
def _kept_executor():
    return concurrent.futures.ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("fork"))


def process_executor_kept(number):
    return _kept_executor().submit(call, number).result()


def _program(number):
    return [sys.executable, "calling.py", str(number)]


def subprocess_run(number):
    return subprocess.run(_program(number), check=True, stdout=subprocess.PIPE).stdout


def subprocess_with_its_own_environment(number):
    environment = {"CALLEE_URL": os.environ["CALLEE_URL"], "PATH": os.environ["PATH"]}
    environment |= {name: value for name, value in os.environ.items() if name.startswith("OTEL_")}
    return subprocess.run(_program(number), check=True, stdout=subprocess.PIPE, env=environment).stdout


def subprocess_through_a_shell(number):
    command = f"{sys.executable} calling.py {number}"
    return subprocess.run(command, shell=True, check=True, stdout=subprocess.PIPE).stdout


def subprocess_of_asyncio(number):
    async def main():
        program = await asyncio.create_subprocess_exec(*_program(number), stdout=subprocess.PIPE)
        return (await program.communicate())[0]

    return asyncio.run(main())


def posix_spawn(number):
    pid = os.posix_spawn(sys.executable, _program(number), os.environ)
    return str(os.waitpid(pid, 0)[1]).encode()


def fork(number):
    pid = os.fork()
    if pid == 0:
        call(number)
        os._exit(0)
    return str(os.waitpid(pid, 0)[1]).encode()


def fork_and_exec(number):
    pid = os.fork()
    if pid == 0:
        os.execv(sys.executable, _program(number))
    return str(os.waitpid(pid, 0)[1]).encode()


def daemon(number):
    """Fork twice, as daemons do: nobody waits for the one that calls."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.setsid()
        if os.fork() == 0:
            os.close(reading)
            call(number)
            os.write(writing, b"done")
        os._exit(0)
    os.close(writing)
    os.waitpid(pid, 0)
    with open(reading, "rb") as file:
        return file.read()


WAYS = {
    function.__name__.replace("_", "-"): function
    for function in (
        thread_pool_submit,
        thread_pool_map,
        thread_pool_kept,
        thread,
        timer,
        threads_of_multiprocessing,
        run_in_executor,
        to_thread,
        task,
        gather,
        loop_in_a_thread,
        process_executor_kept,
        subprocess_run,
        subprocess_with_its_own_environment,
        subprocess_through_a_shell,
        subprocess_of_asyncio,
        posix_spawn,
        fork,
        fork_and_exec,
        daemon,
    )
} | {
    f"{name}-{method}": functools.partial(function, method=method)
    for method in ("fork", "forkserver", "spawn")
    for name, function in (
        ("process", _process),
        ("process-that-leaves", _process_that_leaves),
        ("pool-left-by-with", _pool_left_by_with),
        ("pool-closed", _pool_closed),
        ("executor", _executor),
    )
}
