package conferencetest

import (
	"context"
	"errors"
	"fmt"

	"github.com/prometheus/client_golang/prometheus"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/config"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/operator"
	"github.com/voiceops/conference-operator/internal/provider"
)

// concurrency is how many requests an account may have in flight, the manager's default.
const concurrency = 32

// Operator is the operator, running in this process.
type Operator struct {
	cancel context.CancelFunc
	done   chan error
}

// StartOperator starts the operator for the cluster of a configuration, in all of its
// namespaces. VoiceAccounts may use the base URLs and no others: it can't reach a provider
// that is not named. It serves nothing and elects no leader, so one for a cluster must do;
// another one may follow after Stop. It logs to the logger of controller-runtime.
func StartOperator(cluster *rest.Config, baseURLs ...string) (*Operator, error) {
	allowed, err := provider.ParseAllowList(baseURLs)
	if err != nil {
		return nil, fmt.Errorf("reading the base URLs: %w", err)
	}
	scheme := runtime.NewScheme()
	if err := errors.Join(clientgoscheme.AddToScheme(scheme), v1alpha1.AddToScheme(scheme)); err != nil {
		return nil, fmt.Errorf("registering the kinds: %w", err)
	}
	cluster = rest.CopyConfig(cluster)
	cluster.QPS, cluster.Burst, cluster.UserAgent = -1, -1, "conference-operator/test"
	manager, err := ctrl.NewManager(cluster, ctrl.Options{
		Scheme: scheme, Metrics: metricsserver.Options{BindAddress: "0"},
		// A second operator in this process has controllers of the same names.
		Controller: config.Controller{SkipNameValidation: new(true)},
		Client:     client.Options{Cache: &client.CacheOptions{DisableFor: []client.Object{&corev1.Secret{}}}},
	})
	if err != nil {
		return nil, fmt.Errorf("creating the manager: %w", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	err = operator.SetupWithManager(ctx, manager, operator.Config{
		Allowed: allowed, Concurrency: concurrency, UserAgent: cluster.UserAgent, Metrics: prometheus.NewRegistry(),
	})
	if err != nil {
		cancel()
		return nil, fmt.Errorf("setting the operator up: %w", err)
	}
	o := &Operator{cancel: cancel, done: make(chan error, 1)}
	go func() { o.done <- manager.Start(ctx) }()
	return o, nil
}

// Stop stops the operator, and returns the error that it ended with. Call it once, while
// the API server still runs.
func (o *Operator) Stop() error {
	o.cancel()
	if err := <-o.done; err != nil {
		return fmt.Errorf("running the operator: %w", err)
	}
	return nil
}
