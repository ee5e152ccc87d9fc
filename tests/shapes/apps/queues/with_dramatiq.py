import os

import dramatiq
import work

if os.environ["BROKER"].startswith("redis"):
    from dramatiq.brokers.redis import RedisBroker as Broker
else:
    from dramatiq.brokers.rabbitmq import RabbitmqBroker as Broker

broker = Broker(url=os.environ["BROKER"])
broker.add_middleware(dramatiq.middleware.AsyncIO())
broker.add_middleware(dramatiq.middleware.CurrentMessage())
dramatiq.set_broker(broker)
QUEUE = f"orders-{os.environ['RUN']}"


@dramatiq.actor(queue_name=QUEUE, max_retries=1, min_backoff=1, max_backoff=1)
def handle(number, wanted=0):
    message = dramatiq.middleware.CurrentMessage.get_current_message() if wanted else None
    if message is not None and message.options.get("retries", 0) < wanted:
        raise ValueError("not yet")
    work.call(number)


@dramatiq.actor(queue_name=QUEUE)
async def handle_async(number):
    work.call(number)


def send(number):
    how = os.environ.get("HOW", "send")
    if how == "async":
        handle_async.send(number)
    elif how == "delay":
        handle.send_with_options(args=(number,), delay=50)
    elif how == "retry":
        handle.send(number, wanted=1)
    else:
        handle.send(number)
