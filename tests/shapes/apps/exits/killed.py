"""Starts a program, waits until it says that it is ready, sends it a signal, and says how it ended."""

import signal
import subprocess
import sys

name, *command = sys.argv[1:]
with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as program:
    print(program.stdout.readline(), end="", flush=True)
    program.send_signal(signal.Signals[name])
    print(program.stdout.read(), end="")
print(name, "ended it with", program.returncode)
