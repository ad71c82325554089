package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"io"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/config"
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

	// Who leads renews the lease so often; who has not for so long stops, before
	// somebody else may take over.
	leaseDuration = 12 * time.Second
	renewDeadline = 8 * time.Second
	renewPeriod   = 500 * time.Millisecond
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
	cluster, err := ctrl.GetConfig()
	if err == nil {
		err = start(ctx, s, cluster)
	}
	if err != nil {
		fmt.Fprintf(stderr, "manager: %v\n", err)
		return exitFailure
	}
	return 0
}

// start runs the manager until the context ends.
func start(ctx context.Context, s settings, cluster *rest.Config) error {
	// The API server's own flow control is the limit, not the client's.
	cluster.QPS, cluster.Burst = -1, -1
	cluster.UserAgent = "conference-operator/" + version()
	manager, err := ctrl.NewManager(cluster, options(s))
	if err != nil {
		return fmt.Errorf("create the manager: %w", err)
	}
	err = errors.Join(
		manager.AddHealthzCheck("ping", healthz.Ping),
		manager.AddReadyzCheck("ping", healthz.Ping),
		operator.SetupWithManager(ctx, manager, operator.Config{
			Allowed: s.allowed, Concurrency: s.concurrency, UserAgent: cluster.UserAgent, Selector: s.selector,
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
		PprofBindAddress:              s.pprofAddress,
		LeaderElection:                s.leaderElect,
		LeaderElectionID:              leaseName(s),
		LeaderElectionNamespace:       s.leaderNamespace,
		LeaderElectionReleaseOnCancel: true,
		LeaseDuration:                 new(leaseDuration),
		RenewDeadline:                 new(renewDeadline),
		RetryPeriod:                   new(renewPeriod),
		GracefulShutdownTimeout:       new(gracefulShutdown),
		// Who waits to take over has its caches filled already.
		Controller: config.Controller{EnableWarmup: new(true)},
		Cache: cache.Options{
			DefaultNamespaces: namespaces,
			DefaultTransform:  cache.TransformStripManagedFields(),
			ByObject: map[client.Object]cache.ByObject{
				&v1alpha1.ConferenceParticipant{}: {Label: s.selector, Transform: operator.StripForCache},
			},
		},
		Client: client.Options{Cache: &client.CacheOptions{DisableFor: []client.Object{&corev1.Secret{}}}},
	}
}

// version is the module's, as the build recorded it.
// leaseName is the name of the lease: each shard has its own, and the replicas
// of one shard share it, however they write their selector and namespaces.
func leaseName(s settings) string {
	const name = "conference-operator.voiceops.dev"
	if s.selector.Empty() && len(s.namespaces) == 0 {
		return name
	}
	shard := sha256.Sum256([]byte(s.selector.String() + "/" + strings.Join(slices.Sorted(slices.Values(s.namespaces)), ",")))
	return hex.EncodeToString(shard[:4]) + "." + name
}

func version() string {
	if build, ok := debug.ReadBuildInfo(); ok && build.Main.Version != "" {
		return build.Main.Version
	}
	return "(devel)"
}
