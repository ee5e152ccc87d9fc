import os

import redis
import rq
import work

queue = rq.Queue(f"orders-{os.environ['RUN']}", connection=redis.Redis.from_url(os.environ["BROKER"]))


def send(number):
    if os.environ.get("HOW") == "retry":
        queue.enqueue(flaky, number, retry=rq.Retry(max=1))
    else:
        queue.enqueue(work.call, number)


def flaky(number):
    job = rq.get_current_job()
    if not job.number_of_retries and job.retries_left:
        raise ValueError("not yet")
    work.call(number)
