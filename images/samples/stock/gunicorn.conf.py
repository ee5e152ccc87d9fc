"""A service's own settings and its own hook: the base's must not get in their way."""

worker_class = "gthread"
workers = 2
threads = 4


def post_fork(server, worker):
    server.log.info("stock: worker %s is here", worker.age)
