package main

import (
	"context"
	"io"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	testgrpc "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/stats"
	"google.golang.org/grpc/status"
)

// compressed adds to the test service what that of grpc-go leaves out: expect_compressed, and response_compressed of unary calls.
type compressed struct {
	testgrpc.TestServiceServer
}

func (s compressed) UnaryCall(ctx context.Context, in *testgrpc.SimpleRequest) (*testgrpc.SimpleResponse, error) {
	if err := check(ctx, in.GetExpectCompressed()); err != nil {
		return nil, err
	}
	if in.GetResponseCompressed().GetValue() {
		if err := grpc.SetSendCompressor(ctx, "gzip"); err != nil {
			return nil, err
		}
	}
	return s.TestServiceServer.UnaryCall(ctx, in)
}

func (s compressed) StreamingInputCall(stream testgrpc.TestService_StreamingInputCallServer) error {
	sum := 0
	for {
		in, err := stream.Recv()
		if err == io.EOF {
			return stream.SendAndClose(&testgrpc.StreamingInputCallResponse{AggregatedPayloadSize: int32(sum)})
		}
		if err != nil {
			return err
		}
		if err := check(stream.Context(), in.GetExpectCompressed()); err != nil {
			return err
		}
		sum += len(in.GetPayload().GetBody())
	}
}

func check(ctx context.Context, expected *testgrpc.BoolValue) error {
	last, _ := ctx.Value(lastKey{}).(*last)
	if expected == nil || last == nil || expected.Value == last.compressed {
		return nil
	}
	return status.Errorf(codes.InvalidArgument, "expect_compressed is %v", expected.Value)
}

type lastKey struct{}

// last is how the last message of a call has travelled; grpc-go tells only a stats handler.
type last struct{ compressed bool }

type watcher struct{}

func (watcher) TagRPC(ctx context.Context, _ *stats.RPCTagInfo) context.Context {
	return context.WithValue(ctx, lastKey{}, &last{})
}

func (watcher) HandleRPC(ctx context.Context, event stats.RPCStats) {
	if in, ok := event.(*stats.InPayload); ok {
		ctx.Value(lastKey{}).(*last).compressed = in.CompressedLength != in.Length
	}
}

func (watcher) TagConn(ctx context.Context, _ *stats.ConnTagInfo) context.Context { return ctx }

func (watcher) HandleConn(context.Context, stats.ConnStats) {}
