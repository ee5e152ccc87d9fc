"""A program that makes one call and ends, in the way that its argument says."""

import os
import subprocess
import sys

from calling import call

call(0)
match sys.argv[1]:
    case "exit":
        sys.exit(3)
    case "exit-with-a-text":
        sys.exit("this is why")
    case "exit-at-once":
        os._exit(4)
    case "exception":
        raise LookupError("this program has lost something")
    case "replaced":
        sys.stdout.flush()
        os.execvp("echo", ["echo", "replaced"])
    case "fork-with-warnings":
        for _ in range(20):
            pid = os.fork()
            if pid == 0:
                sys.exit(0)
            os.waitpid(pid, 0)
    case "terminates-its-children":
        for _ in range(20):
            with subprocess.Popen(["sleep", "60"]) as child:
                child.terminate()
            print(child.returncode)
