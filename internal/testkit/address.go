package testkit

import (
	"context"
	"fmt"
	"net"
)

// FreeAddresses returns different addresses on loopback, such as 127.0.0.1:40239, on which
// nothing listens.
func FreeAddresses(ctx context.Context, count int) (addresses []string, err error) {
	for range count {
		listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
		if err != nil {
			return nil, fmt.Errorf("looking for a free port: %w", err)
		}
		addresses = append(addresses, listener.Addr().String())
		// A port that is released sooner may be handed out again.
		defer func() { _ = listener.Close() }()
	}
	return addresses, nil
}
