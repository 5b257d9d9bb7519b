#!/bin/sh
# Compiles the demo's services into protos/demo/demo.binpb, which the demo's reflection serves. Run it after a change of their .proto files.
set -eu
cd "$(dirname "$0")/../protos"
npx -y @bufbuild/buf@1.75.0 build . \
  --path demo/bookstore \
  --path grpc/health \
  --path grpc/reflection \
  --exclude-source-info \
  -o demo/demo.binpb
