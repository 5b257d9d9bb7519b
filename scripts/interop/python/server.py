"""The interop test service on grpcio, on loopback: plain, and with TLS. Prints the two ports as one line of JSON and lives until its input ends.

Usage: server.py PROTOS CERT KEY, where PROTOS is the folder below which grpc/testing lies.
"""

import json
import os
import sys
import tempfile
from concurrent import futures

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from grpc_tools import protoc

INITIAL = "x-grpc-test-echo-initial"
TRAILING = "x-grpc-test-echo-trailing-bin"


def message_classes(folder):
    """Classes made at run time: generated modules would lie in a package `grpc`, where grpcio itself lies."""
    with tempfile.TemporaryDirectory() as scratch:
        out = os.path.join(scratch, "set")
        words = ["protoc", f"-I{folder}", "--include_imports", f"--descriptor_set_out={out}", "grpc/testing/test.proto"]
        if protoc.main(words) != 0:
            raise SystemExit("the protos cannot be read")
        with open(out, "rb") as file:
            files = descriptor_pb2.FileDescriptorSet.FromString(file.read())
    pool = descriptor_pool.DescriptorPool()
    for file in files.file:
        pool.Add(file)
    return lambda name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"grpc.testing.{name}"))


def main():
    of = message_classes(sys.argv[1])
    response, output = of("SimpleResponse"), of("StreamingOutputCallResponse")

    def echo_metadata(context):
        for key, value in context.invocation_metadata():
            if key == INITIAL:
                context.send_initial_metadata(((key, value),))
            elif key == TRAILING:
                context.set_trailing_metadata(((key, value),))

    def unary(request, context):
        echo_metadata(context)
        if request.response_status.code != 0:
            context.abort(code_of(request.response_status.code), request.response_status.message)
        if request.response_compressed.value:
            context.set_compression(grpc.Compression.Gzip)
        return response(payload={"body": bytes(request.response_size)})

    def outputs(request, context):
        for parameters in request.response_parameters:
            if not parameters.compressed.value:
                context.disable_next_message_compression()
            yield output(payload={"body": bytes(parameters.size)})

    def streaming_output(request, context):
        if any(parameters.compressed.value for parameters in request.response_parameters):
            context.set_compression(grpc.Compression.Gzip)
        yield from outputs(request, context)

    def streaming_input(requests, context):
        total = sum(len(request.payload.body) for request in requests)
        return of("StreamingInputCallResponse")(aggregated_payload_size=total)

    def full_duplex(requests, context):
        echo_metadata(context)
        for request in requests:
            if request.response_status.code != 0:
                context.abort(code_of(request.response_status.code), request.response_status.message)
            yield from outputs(request, context)

    def handler(make, behavior, request):
        return make(behavior, request_deserializer=of(request).FromString, response_serializer=lambda message: message.SerializeToString())

    handlers = grpc.method_handlers_generic_handler(
        "grpc.testing.TestService",
        {
            "EmptyCall": handler(grpc.unary_unary_rpc_method_handler, lambda request, context: request, "Empty"),
            "UnaryCall": handler(grpc.unary_unary_rpc_method_handler, unary, "SimpleRequest"),
            "StreamingOutputCall": handler(grpc.unary_stream_rpc_method_handler, streaming_output, "StreamingOutputCallRequest"),
            "StreamingInputCall": handler(grpc.stream_unary_rpc_method_handler, streaming_input, "StreamingInputCallRequest"),
            "FullDuplexCall": handler(grpc.stream_stream_rpc_method_handler, full_duplex, "StreamingOutputCallRequest"),
        },
    )
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=16))
    server.add_generic_rpc_handlers((handlers,))
    with open(sys.argv[2], "rb") as cert, open(sys.argv[3], "rb") as key:
        credentials = grpc.ssl_server_credentials(((key.read(), cert.read()),))
    plain = server.add_insecure_port("127.0.0.1:0")
    tls = server.add_secure_port("127.0.0.1:0", credentials)
    server.start()
    print(json.dumps({"plain": plain, "tls": tls}), flush=True)
    sys.stdin.read()
    server.stop(None)


def code_of(number):
    return next(code for code in grpc.StatusCode if code.value[0] == number)


main()
