package main

import (
	"crypto/sha256"
	"encoding/hex"
	"flag"
	"fmt"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/selection"
	"k8s.io/client-go/tools/leaderelection"
)

// election is how a leader is elected among the replicas.
type election struct {
	enabled   bool
	namespace string
	// The leader renews its lease every retryPeriod, and stops when it has not
	// succeeded for renewDeadline. Another replica may take over leaseDuration after
	// the last renewal, which is later.
	leaseDuration, renewDeadline, retryPeriod time.Duration
}

// define defines the flags.
func (e *election) define(flags *flag.FlagSet) {
	flags.BoolVar(&e.enabled, "leader-elect", false,
		"elect a leader among the replicas; only the leader reconciles")
	flags.StringVar(&e.namespace, "leader-election-namespace", "",
		"`namespace` of the lease; that of the pod if empty")
	flags.DurationVar(&e.leaseDuration, "leader-election-lease-duration", 12*time.Second,
		"how long after its last renewal a lease is taken over; longer than the renew deadline")
	flags.DurationVar(&e.renewDeadline, "leader-election-renew-deadline", 8*time.Second,
		"how long the leader goes on without renewing its lease before it exits; longer than 1.2 retry periods")
	flags.DurationVar(&e.retryPeriod, "leader-election-retry-period", 500*time.Millisecond,
		"how often the leader renews its lease, and the others try to get it")
}

// validate returns an error that names the wrong flag.
func (e election) validate() error {
	retries := time.Duration(leaderelection.JitterFactor * float64(e.retryPeriod))
	switch {
	case e.retryPeriod <= 0:
		return fmt.Errorf("--leader-election-retry-period: %s is not more than 0s", e.retryPeriod)
	case e.renewDeadline <= retries:
		return fmt.Errorf("--leader-election-renew-deadline: %s is not more than %s, 1.2 times --leader-election-retry-period", e.renewDeadline, retries)
	case e.leaseDuration <= e.renewDeadline:
		return fmt.Errorf("--leader-election-lease-duration: %s is not more than --leader-election-renew-deadline, %s", e.leaseDuration, e.renewDeadline)
	// A lease has whole seconds: less would be stored as none.
	case e.leaseDuration < time.Second:
		return fmt.Errorf("--leader-election-lease-duration: %s is less than 1s", e.leaseDuration)
	}
	return nil
}

// leaseName is the name of the lease. Each shard, that is each combination of a
// selector and namespaces, has its own; the replicas of a shard share it, in
// whatever way their flags write the same requirements and namespaces.
func leaseName(s settings) string {
	const name = "conference-operator.voiceops.dev"
	selector, namespaces := canonical(s.selector), slices.Compact(slices.Sorted(slices.Values(s.namespaces)))
	if selector == "" && len(namespaces) == 0 {
		return name
	}
	shard := sha256.Sum256([]byte(selector + "/" + strings.Join(namespaces, ",")))
	return hex.EncodeToString(shard[:4]) + "." + name
}

// canonical writes selectors that select the same by the same requirements in one
// way: a==x and "a in (x)" as a=x, "a notin (x)" as a!=x, and each requirement once.
func canonical(selector labels.Selector) string {
	requirements, _ := selector.Requirements()
	written := make([]string, 0, len(requirements))
	for _, requirement := range requirements {
		requirement = withOneOperator(requirement)
		written = append(written, requirement.String())
	}
	slices.Sort(written)
	return strings.Join(slices.Compact(written), ",")
}

// withOneOperator returns an equal requirement, with the operator in place of all
// that say the same.
func withOneOperator(requirement labels.Requirement) labels.Requirement {
	values := requirement.Values().List()
	if len(values) != 1 {
		return requirement
	}
	operator := requirement.Operator()
	switch operator {
	case selection.In, selection.DoubleEquals:
		operator = selection.Equals
	case selection.NotIn:
		operator = selection.NotEquals
	}
	// What was valid is so with an operator that takes the same values.
	equal, err := labels.NewRequirement(requirement.Key(), operator, values)
	if err != nil {
		return requirement
	}
	return *equal
}
