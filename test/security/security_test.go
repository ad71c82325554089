// Package security is what an attacker would try: to have the
// operator dial where it must not, to reach into another namespace or another
// account, to smuggle something into a request, to read a secret.
package security

import (
	"context"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
	"unicode"

	corev1 "k8s.io/api/core/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/provider"
	"github.com/voiceops/conference-operator/internal/testkit"
	"github.com/voiceops/conference-operator/internal/voice"
	"github.com/voiceops/conference-operator/test/sim"
)

// counter is a listener that counts connections.
type counter struct {
	net.Listener
	accepted atomic.Int32
}

func (c *counter) Accept() (net.Conn, error) {
	connection, err := c.Listener.Accept()
	if err == nil {
		c.accepted.Add(1)
	}
	return connection, err
}

// bait is a server on loopback that must get no connection.
func bait(t *testing.T) (*counter, string) {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	counted := &counter{Listener: listener}
	server := &http.Server{Handler: http.NotFoundHandler(), ReadHeaderTimeout: time.Second}
	go func() { _ = server.Serve(counted) }()
	t.Cleanup(func() { _ = server.Close() })
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	return counted, port
}

func TestABaseURLThatIsNotAllowedIsNotDialled(t *testing.T) {
	counted, port := bait(t)
	for _, base := range []string{"http://127.0.0.1:" + port, "https://localhost:" + port, "http://[::ffff:127.0.0.1]:" + port} {
		env := sim.New(t)
		env.CreateAccount("hostile", func(s *v1alpha1.VoiceAccountSpec) { s.BaseURL = base })
		env.CreateParticipant("agent", env.Join(), func(s *sim.Spec) { sim.Mute(s); s.AccountRef.Name = "hostile" })
		env.Elapse(5 * time.Minute)
		env.WantReady("agent", "False", v1alpha1.ReasonWaitingForAccount)
		if reason := env.Account("hostile").Status.Conditions[0].Reason; reason != v1alpha1.ReasonBaseURLNotAllowed {
			t.Errorf("%s: the account says %s", base, reason)
		}
	}
	if n := counted.accepted.Load(); n != 0 {
		t.Errorf("%d connections to a base URL that is not allowed", n)
	}
}

// TestOnlyTheAddressCounts has names of allowed hosts lead to loopback: what is
// checked is the address that is dialled, so a name that changes its mind between
// a check and the dial gains nothing.
func TestOnlyTheAddressCounts(t *testing.T) {
	counted, port := bait(t)
	for _, host := range []string{"localhost", "127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0"} {
		failed := ask(t, "http://"+host+":"+port, false)
		if failed == nil || voice.ClassOf(failed) != voice.ClassNotExecuted {
			t.Errorf("%s: %v", host, failed)
		}
	}
	if n := counted.accepted.Load(); n != 0 {
		t.Errorf("%d connections to loopback", n)
	}
	_ = ask(t, "http://localhost:"+port, true)
	if counted.accepted.Load() == 0 {
		t.Error("the bait counts nothing")
	}
}

// TestAWildcardLeadsToNoPrivateAddress allows a host only by a pattern: that is
// no permission for the address behind it.
func TestAWildcardLeadsToNoPrivateAddress(t *testing.T) {
	counted, port := bait(t)
	env := sim.New(t)
	allowed, err := provider.ParseAllowList([]string{"http://*.0.0.1:" + port})
	if err != nil {
		t.Fatal(err)
	}
	env.Controllers.Accounts.Allowed = allowed
	env.CreateAccount("hostile", func(s *v1alpha1.VoiceAccountSpec) { s.BaseURL = "http://127.0.0.1:" + port })
	env.Elapse(5 * time.Minute)
	if reason := env.Account("hostile").Status.Conditions[0].Reason; reason != v1alpha1.ReasonAddressNotAllowed {
		t.Errorf("the account says %s", reason)
	}
	if n := counted.accepted.Load(); n != 0 {
		t.Errorf("%d connections to loopback", n)
	}
}

func TestARedirectLeadsNowhere(t *testing.T) {
	counted, port := bait(t)
	for _, status := range []int{301, 302, 303, 307, 308} {
		provider := httptest.NewServer(http.RedirectHandler("http://127.0.0.1:"+port+"/steal", status))
		if err := ask(t, provider.URL, true); err == nil {
			t.Errorf("%d: no error", status)
		}
		provider.Close()
	}
	if n := counted.accepted.Load(); n != 0 {
		t.Errorf("%d redirects were followed", n)
	}
}

// ask sends one request to a base URL.
func ask(t *testing.T, base string, allowPrivate bool) error {
	t.Helper()
	api, err := voice.New(voice.Config{
		BaseURL: base, AccountSID: sim.AccountSID, Token: sim.Token, UserAgent: "test", AllowPrivate: allowPrivate,
		Now: time.Now, Observe: func(context.Context, voice.Outcome) {},
		Dialect: voice.SignalWire(),
	})
	if err != nil {
		t.Fatal(err)
	}
	defer api.Close()
	return api.VerifyToken(t.Context())
}

func TestAStrangerNeitherReadsNorBlocks(t *testing.T) {
	env := sim.New(t)
	call := env.Join()
	env.CreateAccountIn("hostile", "PT-guessed")
	env.CreateParticipantIn("hostile", "theft", call, sim.Unmute)
	env.Elapse(time.Minute)
	env.Advance(time.Second)
	env.CreateParticipant("agent", call, sim.Mute)
	env.Elapse(time.Minute)
	env.WantReady("agent", "True", v1alpha1.ReasonInSync)
	theft := &sim.Object{}
	if err := env.Client.Get(t.Context(), client.ObjectKey{Namespace: "hostile", Name: "theft"}, theft); err != nil {
		t.Fatal(err)
	}
	if theft.Status.Participant != nil || theft.Status.CallState != "" {
		t.Errorf("a stranger reads %+v", theft.Status)
	}
}

// schemas are those of the specs of all kinds.
func schemas(t *testing.T) map[string]apiextensionsv1.JSONSchemaProps {
	t.Helper()
	paths, err := filepath.Glob("../../config/crd/bases/*.yaml")
	if err != nil || len(paths) != 3 {
		t.Fatalf("%d CRDs (%v)", len(paths), err)
	}
	found := map[string]apiextensionsv1.JSONSchemaProps{}
	for _, path := range paths {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		definition := &apiextensionsv1.CustomResourceDefinition{}
		if err := yaml.UnmarshalStrict(content, definition); err != nil {
			t.Fatal(err)
		}
		found[definition.Spec.Names.Kind] = definition.Spec.Versions[0].Schema.OpenAPIV3Schema.Properties["spec"]
	}
	return found
}

// element is a path's step into a list.
const element = "[]"

// walk visits every property below a schema, and every element of a list.
func walk(path []string, schema apiextensionsv1.JSONSchemaProps, visit func([]string, apiextensionsv1.JSONSchemaProps)) {
	for _, name := range slices.Sorted(maps.Keys(schema.Properties)) {
		below := append(slices.Clone(path), name)
		visit(below, schema.Properties[name])
		walk(below, schema.Properties[name], visit)
	}
	if schema.Items != nil && schema.Items.Schema != nil {
		below := append(slices.Clone(path), element)
		visit(below, *schema.Items.Schema)
		walk(below, *schema.Items.Schema, visit)
	}
}

// put returns a value with another one at a path in it. Of a list it changes the first
// element.
func put(value any, path []string, smuggled any) any {
	if len(path) == 0 {
		return smuggled
	}
	if path[0] == element {
		list, _ := value.([]any)
		if len(list) == 0 {
			list = []any{nil}
		}
		return append([]any{put(list[0], path[1:], smuggled)}, list[1:]...)
	}
	object, _ := value.(map[string]any)
	changed := maps.Clone(object)
	if changed == nil {
		changed = map[string]any{}
	}
	changed[path[0]] = put(object[path[0]], path[1:], smuggled)
	return changed
}

func TestNoReferenceNamesANamespace(t *testing.T) {
	visited := 0
	for kind, spec := range schemas(t) {
		walk(nil, spec, func(path []string, _ apiextensionsv1.JSONSchemaProps) {
			visited++
			if strings.Contains(strings.ToLower(path[len(path)-1]), "namespace") {
				t.Errorf("%s: spec.%s reaches into another namespace", kind, strings.Join(path, "."))
			}
		})
	}
	if visited < 30 {
		t.Errorf("%d fields visited", visited)
	}
}

// TestNothingIsSmuggledThroughAField puts line breaks, path separators and the
// like into every string of all specs: the API server refuses each of them.
func TestNothingIsSmuggledThroughAField(t *testing.T) {
	plane, err := testkit.StartControlPlane()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := plane.Stop(); err != nil {
			t.Error(err)
		}
	})
	admin, err := client.New(plane.Config, client.Options{})
	if err != nil {
		t.Fatal(err)
	}
	bases := map[string]map[string]any{
		"VoiceAccount": {"baseURL": "https://acme.signalwire.com", "accountSID": sim.AccountSID, "tokenSecretRef": map[string]any{"name": "token"}},
		"Conference": {
			"accountRef": map[string]any{"name": "acme"}, "friendlyName": "all-hands", "roles": []any{
				map[string]any{"name": "host", "hold": true, "match": []any{map[string]any{"endConferenceOnExit": true}}},
				map[string]any{"name": "audience", "muted": true},
			},
		},
		"ConferenceParticipant": {
			"accountRef": map[string]any{"name": "acme"}, "conferenceSID": sim.AccountSID, "callSID": sim.AccountSID,
			"hold": true, "announcement": map[string]any{"id": "closing", "url": sim.Music},
		},
	}
	create := func(kind string, spec any) error {
		return admin.Create(t.Context(), &unstructured.Unstructured{Object: map[string]any{
			"apiVersion": v1alpha1.GroupVersion.String(), "kind": kind, "spec": spec,
			"metadata": map[string]any{"generateName": "smuggler-", "namespace": corev1.NamespaceDefault},
		}}, &client.CreateOptions{DryRun: []string{metav1.DryRunAll}})
	}
	tried := 0
	for kind, spec := range schemas(t) {
		if err := create(kind, bases[kind]); err != nil {
			t.Fatalf("%s with nothing smuggled: %v", kind, err)
		}
		walk(nil, spec, func(path []string, schema apiextensionsv1.JSONSchemaProps) {
			if schema.Type != "string" {
				return
			}
			for _, smuggled := range []string{"x\r\nX-Injected: 1", "../../other", "x\x00y", "x\u2028y"} {
				// The name of a room is shown, and part of no request.
				if name := path[len(path)-1]; strings.HasPrefix(name, "friendlyName") && !strings.ContainsFunc(smuggled, unicode.IsControl) {
					continue
				}
				tried++
				err := create(kind, put(bases[kind], path, smuggled))
				if !apierrors.IsInvalid(err) && !apierrors.IsBadRequest(err) {
					t.Errorf("%s: spec.%s may be %q: %v", kind, strings.Join(path, "."), smuggled, err)
				}
			}
		})
	}
	if tried < 60 {
		t.Errorf("%d tried", tried)
	}
}
