bind = "0.0.0.0:8000"
workers = 2


def post_fork(server, worker):
    print("the service's own post_fork", flush=True)
