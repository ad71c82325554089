// Package e2e runs the operator against a real API server and the simulated
// provider, as the service account that it has in a cluster.
package e2e

import (
	"bytes"
	"context"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/prometheus/client_golang/prometheus"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/config"
	logf "sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/operator"
	voiceprovider "github.com/voiceops/conference-operator/internal/provider"
	"github.com/voiceops/conference-operator/internal/testkit"
	"github.com/voiceops/conference-operator/internal/tracing"
	"github.com/voiceops/conference-operator/pkg/voicesim"
)

const (
	accountSID = "6f1c1f0e-6c0a-4d6e-9a55-2f6f3a0f1c11"
	canary     = "PT-canary-4b1d-token"
)

var (
	plane    *testkit.ControlPlane
	sim      *voicesim.Simulator
	provider *httptest.Server
	admin    client.Client
	log      = &lockedBuffer{}
	metrics  = prometheus.NewRegistry()
	process  *running
	// spans are those that have ended.
	spans = tracetest.NewSpanRecorder()
	// wire is between the operator and the API server.
	wire *link
)

func TestE2E(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "End to end")
}

var _ = BeforeSuite(func() {
	logf.SetLogger(zap.New(zap.WriteTo(log), zap.UseDevMode(true)))
	var err error
	plane, err = testkit.StartControlPlane()
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(func() { Expect(plane.Stop()).To(Succeed()) })

	sim = voicesim.New(voicesim.Config{})
	sim.AddAccount(accountSID, canary)
	provider = httptest.NewServer(sim.Handler())
	DeferCleanup(provider.Close)

	admin, err = client.New(plane.Config, client.Options{Scheme: newScheme()})
	Expect(err).NotTo(HaveOccurred())
	wire, err = newLink(plane.Config.Host)
	Expect(err).NotTo(HaveOccurred())
	process = start(metrics)
	DeferCleanup(func() { process.stop() })
})

// running is one process of the operator.
type running struct {
	cancel context.CancelFunc
	done   chan error
}

// start runs the operator as its service account, as cmd/manager does.
func start(registry prometheus.Registerer, adjust ...func(*ctrl.Options)) *running {
	GinkgoHelper()
	config, err := plane.OperatorConfig(context.Background())
	Expect(err).NotTo(HaveOccurred())
	config.QPS, config.Burst, config.Host = -1, -1, wire.host()
	options := ctrl.Options{
		Scheme:     newScheme(),
		Metrics:    metricsserver.Options{BindAddress: "0"},
		Controller: controllerOptions(),
		Client:     client.Options{Cache: &client.CacheOptions{DisableFor: []client.Object{&corev1.Secret{}}}},
	}
	for _, change := range adjust {
		change(&options)
	}
	manager, err := ctrl.NewManager(config, options)
	Expect(err).NotTo(HaveOccurred())
	allowed, err := voiceprovider.ParseAllowList([]string{provider.URL})
	Expect(err).NotTo(HaveOccurred())
	ctx, cancel := context.WithCancel(context.Background())
	Expect(operator.SetupWithManager(ctx, manager, operator.Config{
		Allowed: allowed, Concurrency: 32, UserAgent: "conference-operator/e2e", Metrics: registry, Audit: logf.Log.WithName("audit"),
		Tracer: tracing.New(sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans))),
	})).To(Succeed())
	started := &running{cancel: cancel, done: make(chan error, 1)}
	go func() { started.done <- manager.Start(ctx) }()
	return started
}

func (r *running) stop() {
	GinkgoHelper()
	r.cancel()
	Eventually(r.done, 20*time.Second).Should(Receive(BeNil()))
}

// controllerOptions lets a second manager of the same test process have
// controllers of the same names.
func controllerOptions() config.Controller { return config.Controller{SkipNameValidation: new(true)} }

func newScheme() *runtime.Scheme {
	GinkgoHelper()
	scheme := runtime.NewScheme()
	Expect(clientgoscheme.AddToScheme(scheme)).To(Succeed())
	Expect(v1alpha1.AddToScheme(scheme)).To(Succeed())
	return scheme
}

// lockedBuffer keeps the log.
type lockedBuffer struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.String()
}
