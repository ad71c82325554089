package rooms_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/pkg/voicesim"
	"github.com/voiceops/conference-operator/test/sim"
)

// canaries are numbers that may be written nowhere.
var canaries = []string{"+15550001101", "+15550001102", "+15550001103", "+15550001104", "canary-1105@pbx.example.com", "+1555000110x"}

// TestR30NoNumberIsWritten has numbers in the spec, in a Secret and in calls go through
// whatever happens to a room.
func TestR30NoNumberIsWritten(t *testing.T) {
	env := sim.New(t)
	env.Create(&corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: sim.Namespace, Name: "hosts"},
		Data:       map[string][]byte{"numbers": []byte(canaries[0] + "\nsip:" + canaries[4] + "\n")},
	})
	env.CreateConference("all-hands", func(s *v1alpha1.ConferenceSpec) {
		waitForHost(s)
		s.Roles[0].Match = []v1alpha1.RoleTerm{
			{Numbers: []v1alpha1.PhoneNumber{v1alpha1.PhoneNumber(canaries[1])}, DialedNumbers: []v1alpha1.PhoneNumber{v1alpha1.PhoneNumber(canaries[2])}},
			{NumbersSecretRef: &v1alpha1.SecretKeySelector{Name: "hosts", Key: "numbers"}},
		}
		s.Roles = append(s.Roles, v1alpha1.Role{Name: "audience", AudioControls: v1alpha1.AudioControls{Muted: new(true)}, CoachRole: "host"})
	})
	env.Elapse(20 * time.Second)
	for _, number := range []string{canaries[3], canaries[0], canaries[1], "sip:" + canaries[4]} {
		env.JoinRoom("all-hands", voicesim.JoinOptions{From: number, To: canaries[2]})
		env.Elapse(20 * time.Second)
	}
	for _, fault := range []voicesim.Fault{
		{Operation: voicesim.OpGetCall, Status: 500, Body: "no " + canaries[3]}, {Operation: voicesim.OpGetCall, Body: `{"from": "` + canaries[3]},
		{Operation: voicesim.OpListCalls, Status: 400, Body: `{"message": "` + canaries[3] + `"}`},
	} {
		env.Provider.Inject(fault)
		env.JoinRoom("all-hands", voicesim.JoinOptions{From: canaries[3], To: canaries[2]})
		env.Elapse(time.Minute)
		env.Provider.ClearFaults()
	}
	storeNumbers(t, env, "hosts", canaries[0]+"\n"+canaries[5]+"\n")
	env.Elapse(time.Minute)
	env.WantConference("all-hands", v1alpha1.ReasonInvalidNumbers)
	env.Restart()
	env.Elapse(time.Minute)
	wantNoCanary(t, "what is written", env.Output())
	for _, child := range env.Children("all-hands") {
		wantNoCanary(t, "a child", encoded(t, child))
	}
	conference := env.GetConference("all-hands")
	wantNoCanary(t, "the status", encoded(t, conference.Status))
	wantNoCanary(t, "the metadata", encoded(t, conference.ObjectMeta))
}

// encoded is an object as JSON.
func encoded(t *testing.T, object any) string {
	t.Helper()
	text, err := json.Marshal(object)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// wantNoCanary checks that no number is in a text, nor its digits.
func wantNoCanary(t *testing.T, what, text string) {
	t.Helper()
	for _, canary := range canaries {
		for line := range strings.Lines(text) {
			if strings.Contains(line, strings.TrimPrefix(canary, "+")) {
				t.Errorf("%s has %s: %.300s", what, canary, line)
				break
			}
		}
	}
}

// storeNumbers replaces the numbers of a Secret.
func storeNumbers(t *testing.T, env *sim.Sim, name, lines string) {
	t.Helper()
	secret := &corev1.Secret{}
	if err := env.Client.Get(t.Context(), client.ObjectKey{Namespace: sim.Namespace, Name: name}, secret); err != nil {
		t.Fatal(err)
	}
	secret.Data = map[string][]byte{"numbers": []byte(lines)}
	env.Update(secret)
}
