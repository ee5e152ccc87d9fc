"""The gRPC server, with handlers in a pool of threads."""

from concurrent import futures

import grpc
import service

if __name__ == "__main__":
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=4))
    server.add_generic_rpc_handlers((service.handler(service.BLOCKING),))
    server.add_insecure_port("127.0.0.1:50051")
    server.start()
    server.wait_for_termination()
