package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"time"

	"github.com/go-logr/logr"
	"go.uber.org/zap/zapcore"
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
	// exitUsage is the exit code for wrong flags, exitFailure for every other error.
	exitUsage   = 2
	exitFailure = 1

	// unsampled is a level of details for which zap samples nothing.
	unsampled = zapcore.Level(-2)

	// gracefulShutdown is longer than a reconcile may take once it has begun (R16).
	gracefulShutdown = 12 * time.Second
)

// run runs the command until the context ends, and returns its exit code.
func run(ctx context.Context, arguments []string, stdout, stderr io.Writer) int {
	if len(arguments) > 0 && arguments[0] == uninstallWord {
		return runUninstall(ctx, arguments[1:], stdout, stderr)
	}
	s, err := parse(arguments, stdout)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	if err != nil {
		fmt.Fprintf(stderr, "manager: %v (see manager --help)\n", err)
		return exitUsage
	}
	logf.SetLogger(zap.New(zap.UseFlagOptions(&s.log), zap.WriteTo(stderr)))
	s.audit = auditLogger(s.log, stderr)
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

// start creates the manager and runs it until the context ends.
func start(ctx context.Context, s settings, cluster *rest.Config) error {
	// No rate limit in the client: the API server has its own flow control.
	cluster.QPS, cluster.Burst = -1, -1
	cluster.UserAgent = "conference-operator/" + version()
	if err := reach(ctx, cluster); err != nil {
		return err
	}
	tracer, flush := startTracing(ctx, os.Getenv)
	defer flush()
	mgr, err := ctrl.NewManager(cluster, options(s))
	if err != nil {
		return fmt.Errorf("create the manager: %w", err)
	}
	err = errors.Join(
		mgr.AddHealthzCheck("ping", healthz.Ping),
		mgr.AddReadyzCheck("caches", cachesFilled(mgr.GetCache())),
		operator.SetupWithManager(ctx, mgr, operator.Config{
			Allowed: s.allowed, Concurrency: s.concurrency, UserAgent: cluster.UserAgent, Selector: s.selector,
			Namespaces: s.namespaces, Proxy: s.proxyOf(), Audit: s.audit, Tracer: tracer,
		}),
	)
	if err != nil {
		return fmt.Errorf("set the manager up: %w", err)
	}
	logf.FromContext(ctx).Info("Starting", "version", version())
	if err := mgr.Start(ctx); err != nil {
		return fmt.Errorf("run the manager: %w", err)
	}
	return nil
}

// auditLogger writes the lines of the audit log among those of the manager. None is lost
// to --zap-log-level, nor to zap's sampling, which drops lines of the same message from the
// 100th in a second on, unless a level of details is enabled.
func auditLogger(log zap.Options, to io.Writer) logr.Logger {
	return zap.New(zap.UseFlagOptions(&log), zap.WriteTo(to), zap.Level(unsampled)).WithName("audit")
}

// newScheme returns a scheme of all kinds that are read and written.
func newScheme() *runtime.Scheme {
	scheme := runtime.NewScheme()
	// Neither can fail: they only fill maps.
	_ = clientgoscheme.AddToScheme(scheme)
	_ = v1alpha1.AddToScheme(scheme)
	return scheme
}

// options are the manager's, as the flags say.
func options(s settings) ctrl.Options {
	metrics := metricsserver.Options{BindAddress: s.metricsAddress, SecureServing: s.metricsSecure}
	if s.metricsSecure {
		metrics.FilterProvider = filters.WithAuthenticationAndAuthorization
	}
	namespaces := map[string]cache.Config{}
	for _, namespace := range s.namespaces {
		namespaces[namespace] = cache.Config{}
	}
	return ctrl.Options{
		Scheme:                        newScheme(),
		Metrics:                       metrics,
		HealthProbeBindAddress:        s.healthProbeAddress,
		PprofBindAddress:              s.pprofAddress,
		LeaderElection:                s.election.enabled,
		LeaderElectionID:              leaseName(s),
		LeaderElectionNamespace:       s.election.namespace,
		LeaderElectionReleaseOnCancel: true,
		LeaseDuration:                 new(s.election.leaseDuration),
		RenewDeadline:                 new(s.election.renewDeadline),
		RetryPeriod:                   new(s.election.retryPeriod),
		GracefulShutdownTimeout:       new(gracefulShutdown),
		// Fill the caches of replicas that don't lead, so that they take over at once.
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

// release is the version of a released image; the linker sets it.
var release string

// version is that of the release, or else the one of the module that the build
// recorded, or "(devel)".
func version() string {
	if build, ok := debug.ReadBuildInfo(); ok {
		return cmp.Or(release, build.Main.Version, "(devel)")
	}
	return cmp.Or(release, "(devel)")
}
