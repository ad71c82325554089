// Command voicesim serves a simulated voice provider: the provider's API on one
// address, and on another the control API that simulates the phone calls. Package
// pkg/voicesim documents both.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}
