import os

import celery
import work

app = celery.Celery("shop", broker=os.environ["BROKER"], backend=os.environ.get("BACKEND"))
app.conf.task_default_queue = f"orders-{os.environ['RUN']}"
app.conf.broker_connection_retry_on_startup = True


@app.task
def handle(number):
    work.call(number)
    return number


@app.task(bind=True, max_retries=1)
def flaky(self, number):
    if self.request.retries == 0:
        raise self.retry(countdown=0)
    work.call(number)


@app.task
def fail(number):
    work.call(number)
    raise ValueError("no such order")


@app.task(bind=True)
def tick(self):
    """What beat sends each second; the third stops the worker."""
    work.call(0)
    ticks.append(self.request.id)
    if len(ticks) == 3:
        app.control.shutdown(destination=[self.request.hostname])


ticks = []
if os.environ.get("HOW") == "beat":
    app.conf.beat_schedule = {"tick": {"task": "with_celery.tick", "schedule": 1}}


@app.task
def add(numbers):
    return sum(numbers)


def send(number):
    how = os.environ.get("HOW", "delay")
    if how == "chord":
        celery.chord([handle.s(number), handle.s(number)], add.s()).apply_async()
    elif how == "chain":
        celery.chain(handle.si(number), add.si([number])).apply_async()
    elif how == "group":
        celery.group([handle.si(number), add.si([number])]).apply_async()
    elif how == "by name":
        app.send_task("with_celery.handle", args=[number])
    elif how == "eager":
        handle.apply([number])
    else:
        {"delay": handle, "flaky": flaky, "fail": fail}[how].delay(number)
