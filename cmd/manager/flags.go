package main

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"

	"github.com/go-logr/logr"
	"go.uber.org/zap/zapcore"
	"k8s.io/apimachinery/pkg/labels"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"

	"github.com/voiceops/conference-operator/internal/provider"
	"github.com/voiceops/conference-operator/internal/voice"
)

// settings are the values of the flags, parsed and validated.
type settings struct {
	allowed            provider.AllowList
	proxy              bool
	concurrency        int
	namespaces         []string
	selector           labels.Selector
	election           election
	metricsAddress     string
	metricsSecure      bool
	healthProbeAddress string
	pprofAddress       string
	log                zap.Options
	// audit is where the audit log goes.
	audit logr.Logger
}

// texts are the values of flags that have to be parsed further.
type texts struct {
	allowed, namespaces, selector string
}

// parse parses and validates the flags. With --help it writes the help to stdout
// and returns flag.ErrHelp.
func parse(arguments []string, stdout io.Writer) (settings, error) {
	s := settings{log: zap.Options{TimeEncoder: zapcore.ISO8601TimeEncoder}}
	var unparsed texts
	flags := flag.NewFlagSet("manager", flag.ContinueOnError)
	s.define(flags, &unparsed)
	flags.SetOutput(io.Discard)
	err := flags.Parse(arguments)
	if errors.Is(err, flag.ErrHelp) {
		help(flags, stdout)
		return s, err
	}
	if err == nil && flags.NArg() > 0 {
		err = fmt.Errorf("unexpected argument %q: the manager takes flags only", flags.Arg(0))
	}
	if err == nil {
		err = s.validate(unparsed)
	}
	return s, err
}

// define defines the flags; parsing them fills the settings and texts.
func (s *settings) define(flags *flag.FlagSet, unparsed *texts) {
	flags.StringVar(&unparsed.allowed, "allowed-base-urls", voice.SignalWire().BaseURLs,
		"comma-separated base `URLs` that VoiceAccounts may use; a host that begins with \"*.\" matches any one label there. Plain http and private addresses are allowed only if listed literally")
	flags.BoolVar(&s.proxy, "proxy-from-environment", false,
		"send the requests to the provider through the proxy that HTTPS_PROXY, HTTP_PROXY and NO_PROXY name; without this flag they are ignored. The proxy may dial any address: what it dials can't be checked")
	flags.IntVar(&s.concurrency, "concurrency", 32,
		"how many requests to the provider may be in flight for one account, 1 to 1000")
	flags.StringVar(&unparsed.namespaces, "watch-namespaces", "",
		"comma-separated `namespaces` to watch; all namespaces if empty")
	flags.StringVar(&unparsed.selector, "watch-label-selector", "",
		"label `selector` of the Conferences and ConferenceParticipants to manage; all if empty. VoiceAccounts are read whatever their labels")
	s.election.define(flags)
	flags.StringVar(&s.metricsAddress, "metrics-bind-address", "0",
		"`address` to serve metrics on, such as :8443; 0 disables it")
	flags.BoolVar(&s.metricsSecure, "metrics-secure", true,
		"serve metrics over TLS, and only to clients that the API server authorizes")
	flags.StringVar(&s.healthProbeAddress, "health-probe-bind-address", ":8081",
		"`address` to serve /healthz and /readyz on; 0 disables it")
	flags.StringVar(&s.pprofAddress, "pprof-bind-address", "0",
		"`address` to serve profiles on, such as 127.0.0.1:6060; profiles are served without authentication. 0 disables it")
	s.log.BindFlags(flags)
}

// help writes the help that --help asks for.
func help(flags *flag.FlagSet, out io.Writer) {
	fmt.Fprint(out, "manager runs the conference operator: it keeps the participants of live phone\n"+
		"conferences muted, on hold and coaching as ConferenceParticipants declare.\n\n"+
		"It manages the cluster of the kubeconfig file that KUBECONFIG names, or else the\n"+
		"cluster that it runs in.\n\n"+
		"manager uninstall deletes every object of the operator's kinds: see manager uninstall --help.\n\nFlags:\n")
	flags.SetOutput(out)
	flags.PrintDefaults()
}

// validate parses the texts and returns the first flag's error.
func (s *settings) validate(unparsed texts) (err error) {
	if s.allowed, err = provider.ParseAllowList(list(unparsed.allowed)); err != nil {
		return fmt.Errorf("--allowed-base-urls: %w", err)
	}
	if s.selector, err = labels.Parse(unparsed.selector); err != nil {
		return fmt.Errorf("--watch-label-selector: %w", err)
	}
	if s.concurrency < 1 || s.concurrency > 1000 {
		return fmt.Errorf("--concurrency: %d is not between 1 and 1000", s.concurrency)
	}
	s.namespaces = list(unparsed.namespaces)
	return cmp.Or(
		s.election.validate(),
		s.checkProxy(),
		checkAddress("metrics-bind-address", s.metricsAddress),
		checkAddress("health-probe-bind-address", s.healthProbeAddress),
		checkAddress("pprof-bind-address", s.pprofAddress),
	)
}

// proxyOf returns the proxy for a request to the provider; it is nil if the flag does
// not ask for one.
func (s *settings) proxyOf() func(*http.Request) (*url.URL, error) {
	if !s.proxy {
		return nil
	}
	return http.ProxyFromEnvironment
}

// checkProxy validates what the environment says of proxies, of which net/http
// ignores what it can't parse. The error does not quote it: there may be a password
// in it.
func (s *settings) checkProxy() error {
	if !s.proxy {
		return nil
	}
	for _, name := range []string{"HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"} {
		value := os.Getenv(name)
		if value != "" && !strings.Contains(value, "://") {
			value = "http://" + value
		}
		if proxy, err := url.Parse(value); value != "" && (err != nil || proxy.Host == "") {
			return fmt.Errorf("--proxy-from-environment: %s is not the URL of a proxy", name)
		}
	}
	return nil
}

// checkAddress validates an address to serve on; 0 means none.
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

// list returns the items of a comma-separated value, without the spaces around
// them and without empty ones.
func list(text string) []string {
	var items []string
	for item := range strings.SplitSeq(text, ",") {
		if item = strings.TrimSpace(item); item != "" {
			items = append(items, item)
		}
	}
	return items
}
