// The test service of grpc-go on loopback: plain, and with TLS. Prints the two ports as one line of JSON and lives until its input ends.
package main

import (
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net"
	"os"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	_ "google.golang.org/grpc/encoding/gzip"
	"google.golang.org/grpc/interop"
	testgrpc "google.golang.org/grpc/interop/grpc_testing"
)

func main() {
	if len(os.Args) != 3 {
		log.Fatal("usage: interop CERT KEY")
	}
	certificate, err := tls.LoadX509KeyPair(os.Args[1], os.Args[2])
	if err != nil {
		log.Fatal(err)
	}
	plain := serve()
	secure := serve(grpc.Creds(credentials.NewServerTLSFromCert(&certificate)))
	fmt.Printf("{\"plain\":%d,\"tls\":%d}\n", plain, secure)
	_, _ = io.Copy(io.Discard, os.Stdin)
}

func serve(options ...grpc.ServerOption) int {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	server := grpc.NewServer(append(options, grpc.StatsHandler(watcher{}))...)
	testgrpc.RegisterTestServiceServer(server, compressed{interop.NewTestServer()})
	go func() { log.Fatal(server.Serve(listener)) }()
	return listener.Addr().(*net.TCPAddr).Port
}
