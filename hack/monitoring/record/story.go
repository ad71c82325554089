package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/testkit"
	"github.com/voiceops/conference-operator/pkg/voicesim"
)

const (
	namespace = "support"
	allHands  = "all-hands"
)

// story is what happens, second by second.
type story struct {
	*stage
	random *rand.Rand
	// calls are those in all-hands, and rooms those of the call centre.
	calls []string
	rooms int
	// act is what happens at a second, once.
	act map[int]func(context.Context) error
}

// newStory returns the story; it always is the same one.
func newStory(s *stage) *story {
	t := &story{stage: s, random: rand.New(rand.NewPCG(1, 1))}
	t.act = map[int]func(context.Context) error{
		0:   t.declare,
		5:   func(context.Context) error { t.join(voicesim.JoinOptions{EndConferenceOnExit: true}); return nil },
		60:  t.watchOne,
		75:  t.announce,
		90:  t.missingSecret,
		120: t.fault(voicesim.Fault{Operation: voicesim.OpUpdateParticipant, Delay: 1500 * time.Millisecond}),
		150: t.fault(voicesim.Fault{Operation: voicesim.OpUpdateParticipant, Every: 2, Status: 429, Header: http.Header{"Retry-After": {"3"}}}),
		175: t.fault(voicesim.Fault{}),
		180: func(context.Context) error { t.sim.RevokeTokens(otherSID); return nil },
		200: func(context.Context) error { return t.stopFirst() },
		225: t.fault(voicesim.Fault{Operation: voicesim.OpListParticipants, Row: &voicesim.RowFault{Omit: []string{"muted"}}, Every: 3}),
		245: t.fault(voicesim.Fault{}),
		250: func(context.Context) error { t.sim.SetTokens(otherSID, token); return nil },
	}
	return t
}

// tell does what happens at a second.
func (t *story) tell(ctx context.Context, second int) error {
	if act := t.act[second]; act != nil {
		if err := act(ctx); err != nil {
			return err
		}
	}
	t.comeAndGo(second)
	if second >= 95 && second < 240 && second%4 == 0 {
		t.unmute(1 + second%3)
	}
	return nil
}

// comeAndGo has calls join, and later leave as well.
func (t *story) comeAndGo(second int) {
	if second > 10 && second%2 == 0 && len(t.calls) < 60 {
		t.join(voicesim.JoinOptions{From: fmt.Sprintf("+1555555%04d", second)})
	}
	if second%12 == 11 && t.rooms < 15 {
		t.openCase()
	}
	if second > 100 && second%9 == 0 {
		t.sim.HangUp(t.calls[1+t.random.IntN(len(t.calls)-1)])
	}
}

// join has a call join all-hands.
func (t *story) join(options voicesim.JoinOptions) {
	_, call := t.sim.JoinRoom(accountSID, allHands, options)
	t.calls = append(t.calls, call)
}

// openCase opens a room of the call centre with three calls.
func (t *story) openCase() {
	t.rooms++
	for i := range 3 {
		t.sim.JoinRoom(accountSID, fmt.Sprintf("case-%d", t.rooms), voicesim.JoinOptions{From: fmt.Sprintf("+15555550%d%02d", i, t.rooms)})
	}
}

// unmute is the other writer: a call leg of all-hands is unmuted past the operator.
func (t *story) unmute(call int) {
	if room, there := t.sim.Room(accountSID, allHands); there && call < len(t.calls) {
		t.sim.Drift(room.SID, t.calls[call], func(p *voicesim.Participant) { p.Muted = false })
	}
}

// fault replaces the fault there is; the empty one is none.
func (t *story) fault(fault voicesim.Fault) func(context.Context) error {
	return func(context.Context) error {
		t.sim.ClearFaults()
		if fault.Operation != "" {
			t.sim.Inject(fault)
		}
		return nil
	}
}

// declare declares two accounts and the policies of the rooms.
func (t *story) declare(ctx context.Context) error {
	crowd := conference(allHands, "acme")
	crowd.Spec.FriendlyName = allHands
	crowd.Spec.Roles = []v1alpha1.Role{
		{Name: "host", Match: []v1alpha1.RoleTerm{{EndConferenceOnExit: new(true)}}, AudioControls: v1alpha1.AudioControls{Muted: new(false)}},
		{Name: "audience", AudioControls: v1alpha1.AudioControls{Muted: new(true)}},
	}
	cases := conference("case-rooms", "acme")
	cases.Spec.FriendlyNamePrefix = "case-"
	cases.Spec.Roles = []v1alpha1.Role{
		{Name: "agent", Match: []v1alpha1.RoleTerm{{Numbers: []v1alpha1.PhoneNumber{"+15555550001"}}}, AudioControls: v1alpha1.AudioControls{Muted: new(false)}},
		{Name: "caller", AudioControls: v1alpha1.AudioControls{Muted: new(true)}},
	}
	return t.create(ctx,
		&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}}, testkit.Secret(namespace, "token", token),
		testkit.Account(namespace, "acme", t.provider.URL, accountSID, "token"),
		testkit.Account(namespace, "globex", t.provider.URL, otherSID, "token"), crowd, cases)
}

// watchOne has one call leg only observed, which differs from what is declared.
func (t *story) watchOne(ctx context.Context) error {
	conference := t.sim.OpenConference(accountSID, "watched")
	call := t.sim.Join(conference, voicesim.JoinOptions{})
	t.sim.Join(conference, voicesim.JoinOptions{})
	watched := testkit.Participant(namespace, "watched", "acme", conference, call)
	watched.Spec.Mode, watched.Spec.Muted = v1alpha1.ModeObserve, new(true)
	return t.create(ctx, watched)
}

// announce plays an announcement to each of three call legs.
func (t *story) announce(ctx context.Context) error {
	conference := t.sim.OpenConference(accountSID, "announced")
	for i := range 3 {
		greeted := testkit.Participant(namespace, fmt.Sprintf("greeted-%d", i), "acme", conference, t.sim.Join(conference, voicesim.JoinOptions{}))
		greeted.Spec.Announcement = &v1alpha1.Announcement{ID: "welcome", URL: "https://media.example.com/welcome.xml"}
		if err := t.create(ctx, greeted); err != nil {
			return err
		}
	}
	return nil
}

// missingSecret declares a room by numbers that are not there, and another one of an
// account that will be refused.
func (t *story) missingSecret(ctx context.Context) error {
	missing := conference("board", "acme")
	missing.Spec.FriendlyName = "board"
	missing.Spec.Roles = []v1alpha1.Role{{
		Name: "members", Match: []v1alpha1.RoleTerm{{NumbersSecretRef: &v1alpha1.SecretKeySelector{Name: "members", Key: "numbers"}}},
		AudioControls: v1alpha1.AudioControls{Muted: new(false)},
	}}
	other := conference("globex-rooms", "globex")
	other.Spec.FriendlyNamePrefix = "globex-"
	return t.create(ctx, missing, other)
}

// conference returns a Conference without a name of a room.
func conference(name, account string) *v1alpha1.Conference {
	c := &v1alpha1.Conference{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}}
	c.Spec.AccountRef.Name = account
	return c
}

// create creates objects.
func (t *story) create(ctx context.Context, objects ...client.Object) error {
	for _, object := range objects {
		if err := t.client.Create(ctx, object); err != nil {
			return err
		}
	}
	return nil
}
