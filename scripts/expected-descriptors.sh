#!/bin/sh
# Compiles the bundled protos and those of the tests by protoc into test/support/schema/protoc.binpb, which our compiler is compared with.
# Run it after a change of these protos. protoc comes with grpcio-tools, into .cache.
set -eu
cd "$(dirname "$0")/.."
python3 -m venv .cache/protoc
.cache/protoc/bin/pip install -q grpcio-tools==1.85.1
sources() {
  (cd "$1" && find "$2" -name '*.proto' | sort)
}
# shellcheck disable=SC2046
.cache/protoc/bin/python -m grpc_tools.protoc \
  -Iprotos -Itest/support/protos -Itest/support/schema/protos \
  --descriptor_set_out=test/support/schema/protoc.binpb \
  $(sources protos google) $(sources protos grpc) $(sources protos demo) \
  $(sources test/support/protos fault) $(sources test/support/protos golden) $(sources test/support/protos vectors) \
  $(sources test/support/schema/protos rich) $(sources test/support/schema/protos odd)
