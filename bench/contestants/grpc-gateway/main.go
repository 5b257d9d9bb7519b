// grpc-gateway as its README has it: generated handlers on a ServeMux with its defaults, one gRPC connection.
package main

import (
	"context"
	"flag"
	"log"
	"net/http"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"bench/gen"
)

func main() {
	listen := flag.String("listen", "", "address of the gateway")
	upstream := flag.String("upstream", "", "address of the service")
	flag.Parse()

	mux := runtime.NewServeMux()
	options := []grpc.DialOption{grpc.WithTransportCredentials(insecure.NewCredentials())}
	if err := gen.RegisterShopHandlerFromEndpoint(context.Background(), mux, *upstream, options); err != nil {
		log.Fatal(err)
	}
	log.Fatal(http.ListenAndServe(*listen, mux))
}
