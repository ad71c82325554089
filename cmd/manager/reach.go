package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/rest"
	logf "sigs.k8s.io/controller-runtime/pkg/log"
)

const (
	// reachWithin is how long a start waits for the API server: a leader that exits
	// because it is away is started again at once, and each exit of that process
	// would have the kubelet wait longer before the next. It is shorter than the
	// liveness probe of config/manager is patient.
	reachWithin = 30 * time.Second
	// reachRetry is how often it is tried, and reachTimeout how long a try may take.
	reachRetry   = 500 * time.Millisecond
	reachTimeout = 5 * time.Second
)

// reach waits until the API server responds, whatever it says.
func reach(ctx context.Context, cluster *rest.Config) error {
	patient := rest.CopyConfig(cluster)
	patient.Timeout = reachTimeout
	client, err := discovery.NewDiscoveryClientForConfig(patient)
	if err != nil {
		return fmt.Errorf("make a client of the API server: %w", err)
	}
	return await(ctx, reachRetry, func(context.Context) error {
		_, err := client.ServerVersion()
		return err
	})
}

// await calls a probe until the API server has responded, or for as long as a start
// waits; then the error is the probe's last. Its first failure is logged.
func await(ctx context.Context, retry time.Duration, probe func(context.Context) error) error {
	var last error
	err := wait.PollUntilContextTimeout(ctx, retry, reachWithin, true, func(ctx context.Context) (bool, error) {
		err := probe(ctx)
		if responded(err) {
			return true, nil
		}
		if last == nil {
			logf.FromContext(ctx).Info("Waiting for the API server", "cause", err.Error())
		}
		last = err
		return false, nil
	})
	if err != nil {
		return fmt.Errorf("reach the API server: %w", errors.Join(err, last))
	}
	return nil
}

// responded reports whether an error is the API server's own, other than that it
// can't serve yet.
func responded(err error) bool {
	status := apierrors.APIStatus(nil)
	return err == nil || errors.As(err, &status) && status.Status().Code < http.StatusInternalServerError
}
