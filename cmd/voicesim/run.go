package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/voiceops/conference-operator/pkg/voicesim"
)

const (
	exitFailure = 1
	exitUsage   = 2
)

const (
	headerTimeout   = 10 * time.Second
	shutdownTimeout = time.Second
)

// run runs the command until ctx is done, and returns the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	o, err := parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		_, _ = io.WriteString(stdout, help)
		return 0
	case err != nil:
		_, _ = fmt.Fprintf(stderr, "voicesim: %v (see voicesim --help)\n", err)
		return exitUsage
	}
	if err := serve(ctx, o, stdout); err != nil {
		_, _ = fmt.Fprintf(stderr, "voicesim: %v\n", err)
		return exitFailure
	}
	return 0
}

// serve opens both listeners, prints addresses and identifiers, and serves until
// ctx is done.
func serve(ctx context.Context, o options, stdout io.Writer) error {
	var config net.ListenConfig
	api, err := config.Listen(ctx, "tcp", o.listen)
	if err != nil {
		return fmt.Errorf("opening --listen: %w", err)
	}
	control, err := config.Listen(ctx, "tcp", o.control)
	if err != nil {
		_ = api.Close()
		return fmt.Errorf("opening --control: %w", err)
	}
	sim := voicesim.New(voicesim.Config{})
	_, _ = fmt.Fprintf(stdout, "api          http://%s/api/laml/2010-04-01\n", api.Addr())
	_, _ = fmt.Fprintf(stdout, "control      http://%s/control\n", control.Addr())
	populate(sim, o, stdout)

	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	results := make(chan error)
	go func() { results <- serveUntil(ctx, sim.Handler(), api) }()
	go func() { results <- serveUntil(ctx, sim.ControlHandler(), control) }()
	first := <-results
	cancel()
	return errors.Join(first, <-results)
}

// populate creates the account and the conference of the options, and prints their
// identifiers.
func populate(sim *voicesim.Simulator, o options, stdout io.Writer) {
	_, _ = fmt.Fprintf(stdout, "account      %s\n", o.account)
	if o.token == "" {
		o.token = voicesim.NewToken()
		_, _ = fmt.Fprintf(stdout, "token        %s\n", o.token)
	}
	sim.AddAccount(o.account, o.token)
	if o.conference == "" {
		return
	}
	conference := sim.OpenConference(o.account, o.conference)
	_, _ = fmt.Fprintf(stdout, "conference   %s %s\n", conference, o.conference)
	for range o.participants {
		call := sim.Join(conference, voicesim.JoinOptions{})
		_, _ = fmt.Fprintf(stdout, "participant  %s\n", call)
	}
}

// serveUntil serves until ctx is done, and then for at most shutdownTimeout while
// requests are in progress. Responses that are delayed by a fault are given up,
// and so are connections without a request, for which a shutdown would wait.
func serveUntil(ctx context.Context, handler http.Handler, listener net.Listener) error {
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: headerTimeout,
		BaseContext:       func(net.Listener) context.Context { return ctx },
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	select {
	case err := <-served:
		return fmt.Errorf("serving %s: %w", listener.Addr(), err)
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTimeout)
	defer cancel()
	if err := server.Shutdown(grace); errors.Is(err, context.DeadlineExceeded) {
		return server.Close()
	} else if err != nil {
		return fmt.Errorf("shutting down %s: %w", listener.Addr(), err)
	}
	return nil
}
