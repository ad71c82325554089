package v1alpha1_test

import (
	"maps"
	"reflect"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	applyv1alpha1 "github.com/voiceops/conference-operator/api/v1alpha1/applyconfiguration/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/testkit"
)

// R1: what is left out of the spec stays out, whatever goes through our types.
func (s *apiServer) unsetStaysUnset(t *testing.T) {
	for name, test := range map[string]struct{ declared, defaulted fields }{
		"nothing declared": {fields{}, fields{"joinDeadlineSeconds": int64(900)}},
		"hold alone":       {fields{"hold": true}, fields{"joinDeadlineSeconds": int64(900)}},
		"false and zero": {fields{
			"muted": false, "hold": false, "coaching": false, "joinDeadlineSeconds": int64(0), "ttlSecondsAfterFinished": int64(0),
		}, fields{}},
	} {
		t.Run(name, func(t *testing.T) {
			object := s.participant(test.declared)
			want := maps.Clone(object.Object["spec"].(fields))
			maps.Copy(want, fields{"mode": "Enforce", "driftPolicy": "Enforce", "deletionPolicy": "Retain"})
			maps.Copy(want, test.defaulted)
			s.create(t, object)
			wantSpec(t, object, want)

			typed := &v1alpha1.ConferenceParticipant{}
			s.get(t, object, typed)
			typed.Labels = map[string]string{"written": "again"}
			if err := s.client.Update(t.Context(), typed); err != nil {
				t.Fatal(err)
			}
			s.get(t, object, object)
			wantSpec(t, object, want)
		})
	}
}

// appliedConfiguration: the fields of an inlined type are set and written like
// the other fields of the spec.
func (s *apiServer) appliedConfiguration(t *testing.T) {
	config := applyv1alpha1.ConferenceParticipant("applied", s.namespace).WithSpec(
		applyv1alpha1.ConferenceParticipantSpec().
			WithAccountRef(applyv1alpha1.LocalReference().WithName("acme")).WithConferenceSID(conferenceSID).WithCallSID(callSID).
			WithMuted(false).WithHold(true).WithHoldURL(music).WithHoldMethod(v1alpha1.MethodGet))
	if err := s.client.Apply(t.Context(), config, client.FieldOwner("test")); err != nil {
		t.Fatal(err)
	}
	object := s.participant(nil)
	s.get(t, testkit.Participant(s.namespace, "applied", "acme", conferenceSID, callSID), object)
	want := maps.Clone(s.participant(nil).Object["spec"].(fields))
	maps.Copy(want, fields{
		"muted": false, "hold": true, "holdURL": music, "holdMethod": "GET",
		"mode": "Enforce", "driftPolicy": "Enforce", "deletionPolicy": "Retain", "joinDeadlineSeconds": int64(900),
	})
	wantSpec(t, object, want)
}

func (s *apiServer) accountDefaults(t *testing.T) {
	limits := func(rate, burst int64) fields { return fields{"requestsPerSecond": rate, "burst": burst} }
	for name, test := range map[string]struct{ declared, want fields }{
		"nothing":         {fields{}, fields{}},
		"no resync":       {fields{"resyncIntervalSeconds": int64(0)}, fields{"resyncIntervalSeconds": int64(0)}},
		"no discovery":    {fields{"discoveryIntervalSeconds": int64(0)}, fields{"discoveryIntervalSeconds": int64(0)}},
		"an empty limit":  {fields{"rateLimit": fields{}}, fields{}},
		"the rate alone":  {fields{"rateLimit": fields{"requestsPerSecond": int64(5)}}, fields{"rateLimit": limits(5, 400)}},
		"the burst alone": {fields{"rateLimit": fields{"burst": int64(5)}}, fields{"rateLimit": limits(200, 5)}},
	} {
		t.Run(name, func(t *testing.T) {
			object := s.account(test.declared)
			want := maps.Clone(object.Object["spec"].(fields))
			maps.Copy(want, fields{
				"provider": "SignalWire", "tokenSecretRef": fields{"name": "acme-voice", "key": "token"},
				"resyncIntervalSeconds": int64(30), "discoveryIntervalSeconds": int64(5), "rateLimit": limits(200, 400),
			})
			maps.Copy(want, test.want)
			s.create(t, object)
			wantSpec(t, object, want)
		})
	}
	typed := testkit.Account(s.namespace, "typed", space, accountSID, "acme-voice")
	typed.Spec.ResyncIntervalSeconds = new(int32(0))
	s.create(t, typed)
	want := v1alpha1.VoiceAccountSpec{
		Provider: v1alpha1.ProviderSignalWire, BaseURL: space, AccountSID: accountSID,
		TokenSecretRef:        v1alpha1.SecretKeyReference{Name: "acme-voice", Key: v1alpha1.DefaultTokenKey},
		ResyncIntervalSeconds: new(int32(0)), DiscoveryIntervalSeconds: new(int32(5)),
		RateLimit: v1alpha1.RateLimit{RequestsPerSecond: 200, Burst: 400},
	}
	if !reflect.DeepEqual(typed.Spec, want) {
		t.Errorf("found %+v, want %+v", typed.Spec, want)
	}
}

// R1: only what says how a Conference works has defaults, and of a role only its
// driftPolicy.
func (s *apiServer) conferenceDefaults(t *testing.T) {
	prefix := fields{"friendlyName": nil, "friendlyNamePrefix": "case-"}
	for name, test := range map[string]struct{ declared, want fields }{
		"nothing":  {fields{}, fields{}},
		"a prefix": {prefix, fields{}},
		"a role": {roles(audience()), fields{"roles": terms(
			merged(host(), fields{"driftPolicy": "Restrict"}), merged(audience(), fields{"driftPolicy": "Restrict"}))}},
		"another policy": {declaring(fields{"driftPolicy": "Report"}), fields{"roles": terms(
			merged(host(), fields{"driftPolicy": "Restrict"}), fields{"name": "audience", "driftPolicy": "Report"})}},
		"zero and false": {fields{"identifyWithinSeconds": int64(0), "suspend": false}, fields{"identifyWithinSeconds": int64(0)}},
		"a waiting room": {merged(roles(), fields{"waitForRole": fields{"role": "host"}}), fields{"roles": terms(
			merged(host(), fields{"driftPolicy": "Restrict"}))}},
	} {
		t.Run(name, func(t *testing.T) {
			object := s.conference(test.declared)
			want := merged(object.Object["spec"].(fields), fields{
				"mode": "Enforce", "identifyWithinSeconds": int64(2), "participantTTLSeconds": int64(180),
			})
			maps.Copy(want, test.want)
			s.create(t, object)
			wantSpec(t, object, want)
		})
	}
}

// statusDefaults: an object that was never looked at does not pass for current.
func (s *apiServer) statusDefaults(t *testing.T) {
	for name, object := range map[string]*unstructured.Unstructured{
		"participant": s.participant(nil), "account": s.account(nil), "conference": s.conference(nil),
		"participant that knows better": s.participant(nil), "account that knows better": s.account(nil),
		"conference that knows better": s.conference(nil),
	} {
		t.Run(name, func(t *testing.T) {
			if len(name) > len("participant") {
				object.Object["status"] = fields{"observedGeneration": int64(1)}
			}
			s.create(t, object)
			if want := (fields{"observedGeneration": int64(-1)}); !reflect.DeepEqual(object.Object["status"], want) {
				t.Errorf("found %v, want %v", object.Object["status"], want)
			}
		})
	}
}

// statusAsReturned stores what no specification allows and the provider may
// well return.
func (s *apiServer) statusAsReturned(t *testing.T) {
	object := testkit.Participant(s.namespace, "odd", "acme", conferenceSID, callSID)
	s.create(t, object)
	want := &v1alpha1.ParticipantState{
		AccountSID: "AC1", CallSID: "b3877c40-da60-4998-90ad-b792e98472pa", CallSIDToCoach: "xxxx", Coaching: true,
		ConferenceSID: "co", DateCreated: "Mon, 24 Sept 2018 21:00:00 +0000", DateUpdated: "now", EndConferenceOnExit: new(false),
		Hold: true, Muted: true, StartConferenceOnEnter: new(true), Status: "complete (?)", URI: "not a uri",
	}
	object.Status.Participant = want.DeepCopy()
	if err := s.client.Status().Update(t.Context(), object); err != nil {
		t.Fatal(err)
	}
	s.get(t, object, object)
	if !reflect.DeepEqual(object.Status.Participant, want) {
		t.Errorf("found %+v, want %+v", object.Status.Participant, want)
	}
	object.Status.CallState = "Ringing"
	s.wantVerdict(t, s.client.Status().Update(t.Context(), object),
		verdict{"status.callState", `supported values: "Waiting", "Live", "Left"`})
}

// get reads what is stored under the name of one object into another.
func (s *apiServer) get(t *testing.T, named, into client.Object) {
	t.Helper()
	if err := s.client.Get(t.Context(), client.ObjectKeyFromObject(named), into); err != nil {
		t.Fatal(err)
	}
}

func wantSpec(t *testing.T, object *unstructured.Unstructured, want fields) {
	t.Helper()
	if !reflect.DeepEqual(object.Object["spec"], want) {
		t.Errorf("found %v, want %v", object.Object["spec"], want)
	}
}
