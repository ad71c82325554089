package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"
	"time"

	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/voiceops/conference-operator/internal/uninstall"
)

const (
	// uninstallWord is the first argument that asks for an uninstallation.
	uninstallWord = "uninstall"
	// uninstallTimeout is longer than a deletion takes: 15 minutes at most.
	uninstallTimeout = 16 * time.Minute
	// uninstallGrace is how long a manager may take to be replaced.
	uninstallGrace = 30 * time.Second
)

// parseUninstall parses and validates the flags of an uninstallation. With --help it writes
// the help to stdout and returns flag.ErrHelp.
func parseUninstall(arguments []string, stdout io.Writer) (options uninstall.Options, err error) {
	var namespaces, deployment string
	flags := flag.NewFlagSet("manager "+uninstallWord, flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&namespaces, "namespaces", "",
		"comma-separated `namespaces` of the objects; all namespaces if empty")
	flags.StringVar(&deployment, "deployment", "conference-operator-system/conference-operator",
		"`namespace/name` of the manager's Deployment; a manager is ready while it has a ready replica")
	flags.BoolVar(&options.Release, "release-finalizers", false,
		"release the finalizers without a manager, which leaves the calls muted, on hold or coaching")
	flags.DurationVar(&options.Timeout, "timeout", uninstallTimeout, "how long all of it may take")
	flags.DurationVar(&options.Grace, "grace", uninstallGrace, "for how long of it no manager may be ready")
	if err := flags.Parse(arguments); errors.Is(err, flag.ErrHelp) {
		fmt.Fprint(stdout, "manager uninstall deletes all Conferences, ConferenceParticipants and VoiceAccounts while\n"+
			"a manager is there to release their finalizers, and waits until they are gone.\n\nFlags:\n")
		flags.SetOutput(stdout)
		flags.PrintDefaults()
		return options, err
	} else if err != nil {
		return options, err
	}
	if flags.NArg() > 0 {
		return options, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	namespace, name, found := strings.Cut(deployment, "/")
	if !found || namespace == "" || name == "" {
		return options, fmt.Errorf("--deployment: %q is not a namespace and a name, such as conference-operator-system/conference-operator", deployment)
	}
	options.Namespaces, options.Deployment = list(namespaces), client.ObjectKey{Namespace: namespace, Name: name}
	return options, nil
}

// runUninstall runs an uninstallation, and returns the exit code.
func runUninstall(ctx context.Context, arguments []string, stdout, stderr io.Writer) int {
	options, err := parseUninstall(arguments, stdout)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	if err != nil {
		fmt.Fprintf(stderr, "manager uninstall: %v (see manager uninstall --help)\n", err)
		return exitUsage
	}
	if err := deleteObjects(ctx, options, stdout); err != nil {
		fmt.Fprintf(stderr, "manager uninstall: %v\n", err)
		return exitFailure
	}
	return 0
}

// deleteObjects deletes the objects of the cluster that the environment names.
func deleteObjects(ctx context.Context, options uninstall.Options, stdout io.Writer) error {
	cluster, err := ctrl.GetConfig()
	if err != nil {
		return fmt.Errorf("find the cluster: %w", err)
	}
	cluster.QPS, cluster.Burst = -1, -1
	cluster.UserAgent = "conference-operator-uninstall/" + version()
	c, err := client.New(cluster, client.Options{Scheme: newScheme()})
	if err != nil {
		return fmt.Errorf("make a client of the API server: %w", err)
	}
	return uninstall.Run(ctx, c, options, stdout)
}
