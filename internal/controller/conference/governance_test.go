package conference

import (
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/claim"
	"github.com/voiceops/conference-operator/internal/controller/index"
	"github.com/voiceops/conference-operator/internal/directory"
	"github.com/voiceops/conference-operator/internal/policy"
	"github.com/voiceops/conference-operator/internal/provider"
)

// accounts are what is known of accounts, by namespace.
type accounts map[string]provider.State

func (a accounts) Lookup(name types.NamespacedName) (*provider.Session, provider.State, bool) {
	state, known := a[name.Namespace]
	return nil, state, known
}

// conferenceOf is a Conference that is so old, in minutes.
func conferenceOf(namespace, name, selector string, age int, changes ...func(*v1alpha1.Conference)) *v1alpha1.Conference {
	object := &v1alpha1.Conference{ObjectMeta: metav1.ObjectMeta{
		Namespace: namespace, Name: name, UID: types.UID(namespace + "/" + name), CreationTimestamp: metav1.NewTime(start.Add(-time.Duration(age) * time.Minute)),
	}}
	object.Spec.AccountRef.Name = "acme"
	if prefix, found := cutStar(selector); found {
		object.Spec.FriendlyNamePrefix = v1alpha1.RoomName(prefix)
	} else {
		object.Spec.FriendlyName = v1alpha1.RoomName(selector)
	}
	for _, change := range changes {
		change(object)
	}
	return object
}

func cutStar(selector string) (string, bool) {
	if last := len(selector) - 1; selector[last] == '*' {
		return selector[:last], true
	}
	return selector, false
}

func observing(c *v1alpha1.Conference) { c.Spec.Mode = v1alpha1.ModeObserve }
func suspended(c *v1alpha1.Conference) { c.Spec.Suspend = true }
func beingEnded(c *v1alpha1.Conference) {
	c.Finalizers, c.DeletionTimestamp = []string{"test/x"}, &metav1.Time{Time: start}
}

func governanceOf(t *testing.T, known accounts, objects ...client.Object) Governance {
	t.Helper()
	scheme := runtime.NewScheme()
	if err := v1alpha1.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	builder := indexes{fake.NewClientBuilder().WithScheme(scheme).WithObjects(objects...)}
	if err := index.AddConferences(t.Context(), builder); err != nil {
		t.Fatal(err)
	}
	return Governance{
		Reader: builder.Build(), Accounts: known,
		Directory: directory.NewStore(func(types.NamespacedName) {}),
	}
}

var proven = accounts{
	"support": {ProviderAccount: "acme", Verified: true}, "rival": {ProviderAccount: "acme", Verified: true},
	"other": {ProviderAccount: "other", Verified: true}, "unproven": {ProviderAccount: "acme"},
}

func TestR19OneConferenceGovernsARoom(t *testing.T) {
	for _, c := range []struct {
		name        string
		mine, other *v1alpha1.Conference
		want        claim.State
	}{
		{"alone", conferenceOf("support", "mine", "case-7", 1), conferenceOf("rival", "other", "case-8", 9), claim.Ours},
		{"the older one of two", conferenceOf("support", "mine", "case-7", 9), conferenceOf("rival", "other", "case-7", 1), claim.Ours},
		{"the younger one of two", conferenceOf("support", "mine", "case-7", 1), conferenceOf("rival", "other", "case-7", 9), claim.Lost},
		{"exact against prefix", conferenceOf("support", "mine", "case-7", 1), conferenceOf("rival", "other", "case-*", 9), claim.Ours},
		{"prefix against exact", conferenceOf("support", "mine", "case-*", 9), conferenceOf("rival", "other", "case-7", 1), claim.Lost},
		{"longer against shorter", conferenceOf("support", "mine", "case-*", 1), conferenceOf("rival", "other", "cas*", 9), claim.Ours},
		{"shorter against longer", conferenceOf("support", "mine", "cas*", 9), conferenceOf("rival", "other", "case-*", 1), claim.Lost},
		{"an unproven rival", conferenceOf("support", "mine", "case-7", 1), conferenceOf("unproven", "other", "case-7", 9), claim.Ours},
		{"another account", conferenceOf("support", "mine", "case-7", 1), conferenceOf("other", "other", "case-7", 9), claim.Ours},
		{"a rival that observes", conferenceOf("support", "mine", "case-7", 1), conferenceOf("rival", "other", "case-7", 9, observing), claim.Ours},
		{"a rival that goes", conferenceOf("support", "mine", "case-7", 1), conferenceOf("rival", "other", "case-7", 9, beingEnded), claim.Ours},
		{"a suspended rival", conferenceOf("support", "mine", "case-7", 1), conferenceOf("rival", "other", "case-7", 9, suspended), claim.Lost},
	} {
		t.Run(c.name, func(t *testing.T) {
			verdict, err := governanceOf(t, proven, c.mine, c.other).Decide(t.Context(), c.mine, "case-7")
			if err != nil || verdict.State != c.want {
				t.Errorf("%+v, %v; want %v", verdict, err, c.want)
			}
		})
	}
}

func TestR28HowAChildStandsToItsConference(t *testing.T) {
	child := func(uid types.UID) *v1alpha1.ConferenceParticipant {
		object := &v1alpha1.ConferenceParticipant{ObjectMeta: metav1.ObjectMeta{Namespace: "support", Name: "child"}}
		object.OwnerReferences = []metav1.OwnerReference{{
			APIVersion: v1alpha1.GroupVersion.String(), Kind: Kind, Name: "mine", UID: uid, Controller: new(true),
		}}
		object.Spec.AccountRef.Name, object.Spec.ConferenceSID = "acme", "sid"
		return object
	}
	mine := func(changes ...func(*v1alpha1.Conference)) *v1alpha1.Conference {
		return conferenceOf("support", "mine", "case-7", 5, changes...)
	}
	older := conferenceOf("rival", "older", "case-7", 9)
	for _, c := range []struct {
		name    string
		child   *v1alpha1.ConferenceParticipant
		objects []client.Object
		want    policy.Standing
	}{
		{"governed", child("support/mine"), []client.Object{mine()}, policy.StandingGoverned},
		{"gone", child("support/mine"), nil, policy.StandingEnded},
		{"another one of its name", child("before"), []client.Object{mine()}, policy.StandingEnded},
		{"being deleted", child("support/mine"), []client.Object{mine(beingEnded)}, policy.StandingEnded},
		{"not governing", child("support/mine"), []client.Object{mine(), older}, policy.StandingEnded},
		{"suspended", child("support/mine"), []client.Object{mine(suspended)}, policy.StandingSuspended},
		{"observing", child("support/mine"), []client.Object{mine(observing)}, policy.StandingObserved},
		{"observing beside another", child("support/mine"), []client.Object{mine(observing), older}, policy.StandingEnded},
	} {
		t.Run(c.name, func(t *testing.T) {
			standing, err := governanceOf(t, proven, c.objects...).Standing(t.Context(), c.child)
			if err != nil || standing != c.want {
				t.Errorf("%v, %v; want %v", standing, err, c.want)
			}
		})
	}
}
