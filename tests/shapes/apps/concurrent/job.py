"""A script, or a cron job: two calls, one of them in a thread."""

import threading

from calling import call

print(call(1).decode())
thread = threading.Thread(target=call, args=(2,))
thread.start()
thread.join()
