package main

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"

	"go.uber.org/zap/zapcore"
	"k8s.io/apimachinery/pkg/labels"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"

	"github.com/voiceops/conference-operator/internal/gateway"
)

// settings are what the flags say, checked.
type settings struct {
	allowed            gateway.Allowed
	concurrency        int
	namespaces         []string
	selector           labels.Selector
	leaderElect        bool
	leaderNamespace    string
	metricsAddress     string
	metricsSecure      bool
	healthProbeAddress string
	pprofAddress       string
	log                zap.Options
}

// raw are the flags whose text has to be parsed further.
type raw struct {
	allowed, namespaces, selector string
}

// parse reads the flags. Help is written to stdout and returned as
// flag.ErrHelp.
func parse(arguments []string, stdout io.Writer) (settings, error) {
	s := settings{log: zap.Options{TimeEncoder: zapcore.ISO8601TimeEncoder}}
	var texts raw
	flags := flag.NewFlagSet("manager", flag.ContinueOnError)
	s.declare(flags, &texts)
	flags.SetOutput(io.Discard)
	err := flags.Parse(arguments)
	if errors.Is(err, flag.ErrHelp) {
		help(flags, stdout)
		return s, err
	}
	if err == nil && flags.NArg() > 0 {
		err = fmt.Errorf("unexpected argument %q: everything is said with flags", flags.Arg(0))
	}
	if err == nil {
		err = s.check(texts)
	}
	return s, err
}

func (s *settings) declare(flags *flag.FlagSet, texts *raw) {
	flags.StringVar(&texts.allowed, "allowed-base-urls", "https://*.signalwire.com",
		"comma-separated base `URLs` that VoiceAccounts may use; a host may begin with \"*.\" for one label. Plain http and private addresses only if listed literally")
	flags.IntVar(&s.concurrency, "concurrency", 32,
		"how many requests may be in flight for one account")
	flags.StringVar(&texts.namespaces, "watch-namespaces", "",
		"comma-separated `namespaces` to watch; all if empty")
	flags.StringVar(&texts.selector, "watch-label-selector", "",
		"label `selector` of the ConferenceParticipants to serve; all if empty. Accounts are always read")
	flags.BoolVar(&s.leaderElect, "leader-elect", false,
		"let only one of several replicas work at a time")
	flags.StringVar(&s.leaderNamespace, "leader-election-namespace", "",
		"`namespace` of the lease; the pod's own if empty")
	flags.StringVar(&s.metricsAddress, "metrics-bind-address", "0",
		"`address` to serve metrics on, such as :8443; 0 serves none")
	flags.BoolVar(&s.metricsSecure, "metrics-secure", true,
		"serve metrics over TLS, to those whom the API server authorizes")
	flags.StringVar(&s.healthProbeAddress, "health-probe-bind-address", ":8081",
		"`address` to serve /healthz and /readyz on; 0 serves none")
	flags.StringVar(&s.pprofAddress, "pprof-bind-address", "0",
		"`address` to serve profiles on, such as 127.0.0.1:6060; whoever reaches it can read them. 0 serves none")
	s.log.BindFlags(flags)
}

func help(flags *flag.FlagSet, out io.Writer) {
	fmt.Fprint(out, "manager runs the conference operator: it keeps the participants of live phone\n"+
		"conferences muted, on hold and coaching as ConferenceParticipants declare.\n\n"+
		"The cluster is the one of KUBECONFIG, or the one that the manager runs in.\n\nFlags:\n")
	flags.SetOutput(out)
	flags.PrintDefaults()
}

func (s *settings) check(texts raw) (err error) {
	if s.allowed, err = gateway.ParseAllowed(list(texts.allowed)); err != nil {
		return fmt.Errorf("--allowed-base-urls: %w", err)
	}
	if s.selector, err = labels.Parse(texts.selector); err != nil {
		return fmt.Errorf("--watch-label-selector: %w", err)
	}
	if s.concurrency < 1 || s.concurrency > 1000 {
		return fmt.Errorf("--concurrency: %d is not between 1 and 1000", s.concurrency)
	}
	s.namespaces = list(texts.namespaces)
	return cmp.Or(
		checkAddress("metrics-bind-address", s.metricsAddress),
		checkAddress("health-probe-bind-address", s.healthProbeAddress),
		checkAddress("pprof-bind-address", s.pprofAddress),
	)
}

// checkAddress checks an address to serve on; 0 is none.
func checkAddress(flag, address string) error {
	if address == "0" {
		return nil
	}
	_, port, err := net.SplitHostPort(address)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil {
		return fmt.Errorf("--%s: %q is neither an address such as :8443 nor 0", flag, address)
	}
	return nil
}

// list splits a comma-separated flag; empty parts mean nothing.
func list(text string) []string {
	var parts []string
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.TrimSpace(part); part != "" {
			parts = append(parts, part)
		}
	}
	return parts
}
