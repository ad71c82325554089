package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"runtime/debug"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/healthz"
	logf "sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
	"sigs.k8s.io/controller-runtime/pkg/metrics/filters"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/operator"
)

const (
	// exitUsage is the exit code for wrong flags, exitFailure for all else.
	exitUsage   = 2
	exitFailure = 1

	// gracefulShutdown is longer than a pass that was begun may take (R16).
	gracefulShutdown = 12 * time.Second
)

// run is the whole command: it returns its exit code.
func run(ctx context.Context, arguments []string, stdout, stderr io.Writer) int {
	s, err := parse(arguments, stdout)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	if err != nil {
		fmt.Fprintf(stderr, "manager: %v (see manager --help)\n", err)
		return exitUsage
	}
	logf.SetLogger(zap.New(zap.UseFlagOptions(&s.log), zap.WriteTo(stderr)))
	config, err := ctrl.GetConfig()
	if err == nil {
		err = start(ctx, s, config)
	}
	if err != nil {
		fmt.Fprintf(stderr, "manager: %v\n", err)
		return exitFailure
	}
	return 0
}

// start runs the manager until the context ends.
func start(ctx context.Context, s settings, config *rest.Config) error {
	// The API server's own flow control is the limit, not the client's.
	config.QPS, config.Burst = -1, -1
	config.UserAgent = "conference-operator/" + version()
	manager, err := ctrl.NewManager(config, options(s))
	if err != nil {
		return fmt.Errorf("create the manager: %w", err)
	}
	err = errors.Join(
		manager.AddHealthzCheck("ping", healthz.Ping),
		manager.AddReadyzCheck("ping", healthz.Ping),
		operator.Setup(ctx, manager, operator.Config{
			Allowed: s.allowed, Concurrency: s.concurrency, UserAgent: config.UserAgent,
		}),
	)
	if err != nil {
		return fmt.Errorf("set the manager up: %w", err)
	}
	logf.FromContext(ctx).Info("Starting", "version", version())
	if err := manager.Start(ctx); err != nil {
		return fmt.Errorf("run the manager: %w", err)
	}
	return nil
}

func options(s settings) ctrl.Options {
	scheme := runtime.NewScheme()
	// Both only fill maps and can't fail.
	_ = clientgoscheme.AddToScheme(scheme)
	_ = v1alpha1.AddToScheme(scheme)
	timeout := gracefulShutdown
	metrics := metricsserver.Options{BindAddress: s.metricsAddress, SecureServing: s.metricsSecure}
	if s.metricsSecure {
		metrics.FilterProvider = filters.WithAuthenticationAndAuthorization
	}
	namespaces := map[string]cache.Config{}
	for _, namespace := range s.namespaces {
		namespaces[namespace] = cache.Config{}
	}
	return ctrl.Options{
		Scheme:                        scheme,
		Metrics:                       metrics,
		HealthProbeBindAddress:        s.healthProbeAddress,
		LeaderElection:                s.leaderElect,
		LeaderElectionID:              "conference-operator.voiceops.dev",
		LeaderElectionNamespace:       s.leaderNamespace,
		LeaderElectionReleaseOnCancel: true,
		GracefulShutdownTimeout:       &timeout,
		Cache: cache.Options{
			DefaultNamespaces: namespaces,
			DefaultTransform:  cache.TransformStripManagedFields(),
			ByObject: map[client.Object]cache.ByObject{
				&v1alpha1.ConferenceParticipant{}: {Label: s.selector},
			},
		},
		Client: client.Options{Cache: &client.CacheOptions{DisableFor: []client.Object{&corev1.Secret{}}}},
	}
}

// version is the module's, as the build recorded it.
func version() string {
	if build, ok := debug.ReadBuildInfo(); ok && build.Main.Version != "" {
		return build.Main.Version
	}
	return "(devel)"
}
