package testkit

import (
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/voiceops/conference-operator/api/v1alpha1"
)

type status = v1alpha1.ConferenceParticipantStatus

func set(conditionType string, value metav1.ConditionStatus, reason string) func(*status) {
	return func(s *status) {
		meta.SetStatusCondition(&s.Conditions, metav1.Condition{
			Type: conditionType, Status: value, Reason: reason, Message: "a message", ObservedGeneration: 2,
		})
	}
}

func about(generation int64) func(*status) {
	return func(s *status) { s.Conditions[0].ObservedGeneration = generation }
}

func silent(s *status)     { s.Conditions[0].Message = "" }
func unreasoned(s *status) { s.Conditions[0].Reason = "Whatever" }

func observed(generation int64) func(*status) {
	return func(s *status) { s.ObservedGeneration = generation }
}

func TestCheckStatus(t *testing.T) {
	const canary = `PT-"<canary>`
	ready := set(v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonInSync)
	notReady := set(v1alpha1.ConditionReady, metav1.ConditionFalse, v1alpha1.ReasonConflict)
	unknown := set(v1alpha1.ConditionReady, metav1.ConditionUnknown, v1alpha1.ReasonSuspended)
	reconciling := set(v1alpha1.ConditionReconciling, metav1.ConditionTrue, v1alpha1.ReasonConverging)
	stalled := set(v1alpha1.ConditionStalled, metav1.ConditionTrue, v1alpha1.ReasonConflict)
	suspended := set(v1alpha1.ConditionSuspended, metav1.ConditionTrue, v1alpha1.ReasonSuspended)
	drifted := set(v1alpha1.ConditionDrifted, metav1.ConditionFalse, v1alpha1.ReasonInSync)
	leak := func(s *status) { s.Conditions[0].Message = "refused: " + canary }
	for name, test := range map[string]struct {
		build []func(*status)
		want  string
	}{
		"never looked at":                   {[]func(*status){observed(-1)}, ""},
		"ready":                             {[]func(*status){ready}, ""},
		"ready in silence":                  {[]func(*status){ready, silent}, ""},
		"ready and drift looked for":        {[]func(*status){ready, drifted}, ""},
		"ready and suspended":               {[]func(*status){ready, suspended}, ""},
		"waiting":                           {[]func(*status){notReady, reconciling}, ""},
		"waiting since the last generation": {[]func(*status){notReady, about(1), stalled}, ""},
		"stalled":                           {[]func(*status){notReady, stalled}, ""},
		"suspended at once":                 {[]func(*status){suspended}, ""},
		"suspended since the last one":      {[]func(*status){ready, about(1), suspended}, ""},
		"suspended and edited":              {[]func(*status){suspended, observed(1)}, ""},
		"looked at without Ready":           {[]func(*status){drifted}, "no condition Ready"},
		"suspended and not known":           {[]func(*status){unknown, suspended}, "kstatus calls the object InProgress"},
		"suspended and not ready":           {[]func(*status){notReady, suspended}, "Ready is False beside Suspended"},
		"suspended and stalled":             {[]func(*status){suspended, stalled}, "Suspended is True beside [Stalled]"},
		"unknown":                           {[]func(*status){unknown}, "Ready is Unknown"},
		"ready for an old generation":       {[]func(*status){ready, about(1)}, "Ready is True for generation 1"},
		"ready and the status is old":       {[]func(*status){ready, observed(1)}, "observedGeneration 1"},
		"ready and both are old":            {[]func(*status){ready, about(1), observed(1)}, "generation 2"},
		"a generation to come":              {[]func(*status){notReady, stalled, about(3)}, "about generation 3"},
		"a reason nobody knows":             {[]func(*status){ready, unreasoned}, `unknown reason "Whatever"`},
		"ready and reconciling":             {[]func(*status){ready, reconciling}, "Ready is True beside 1"},
		"ready and stalled":                 {[]func(*status){ready, stalled}, "Ready is True beside 1"},
		"unknown and stalled":               {[]func(*status){unknown, stalled}, "Ready is Unknown beside 1"},
		"reconciling and stalled":           {[]func(*status){notReady, reconciling, stalled}, "Ready is False beside 2"},
		"not ready, and nobody acts":        {[]func(*status){notReady}, "Ready is False beside 0"},
		"not ready in silence":              {[]func(*status){notReady, silent, stalled}, "without a message"},
		"a secret":                          {[]func(*status){ready, leak}, "shows secret 1"},
		"a secret before the first look":    {[]func(*status){ready, leak, observed(-1)}, "shows secret 1"},
		"not reconciling": {[]func(*status){notReady, stalled,
			set(v1alpha1.ConditionReconciling, metav1.ConditionFalse, v1alpha1.ReasonInSync)}, "Reconciling is there with status False"},
		"not stalled": {[]func(*status){notReady,
			set(v1alpha1.ConditionStalled, metav1.ConditionFalse, v1alpha1.ReasonInSync)}, "Stalled is there with status False"},
		"perhaps suspended": {[]func(*status){ready,
			set(v1alpha1.ConditionSuspended, metav1.ConditionUnknown, v1alpha1.ReasonInSync)}, "Suspended is there with status Unknown"},
	} {
		t.Run(name, func(t *testing.T) {
			found := status{ObservedGeneration: 2}
			for _, step := range test.build {
				step(&found)
			}
			participant := Participant("support", "agent", "acme", "conference", "call")
			participant.Generation, participant.Status = 2, found
			account := Account("support", "acme", "https://acme.signalwire.com", "account", "acme-voice")
			account.Generation = 2
			account.Status = v1alpha1.VoiceAccountStatus{ObservedGeneration: found.ObservedGeneration, Conditions: found.Conditions}
			for _, err := range []error{CheckStatus(participant, "", canary), CheckStatus(account, "", canary)} {
				wantError(t, err, test.want)
				if err != nil && strings.Contains(err.Error(), canary) {
					t.Error("the error repeats the secret")
				}
			}
		})
	}
}

func TestProgress(t *testing.T) {
	ready := set(v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonInSync)
	notReady := set(v1alpha1.ConditionReady, metav1.ConditionFalse, v1alpha1.ReasonConflict)
	reconciling := set(v1alpha1.ConditionReconciling, metav1.ConditionTrue, v1alpha1.ReasonConverging)
	stalled := set(v1alpha1.ConditionStalled, metav1.ConditionTrue, v1alpha1.ReasonConflict)
	suspended := set(v1alpha1.ConditionSuspended, metav1.ConditionTrue, v1alpha1.ReasonSuspended)
	for name, test := range map[string]struct {
		build []func(*status)
		want  string
	}{
		"never looked at":           {[]func(*status){observed(-1)}, InProgress},
		"ready":                     {[]func(*status){ready}, Current},
		"ready before":              {[]func(*status){ready, observed(1)}, InProgress},
		"not ready":                 {[]func(*status){notReady}, InProgress},
		"reconciling":               {[]func(*status){notReady, reconciling}, InProgress},
		"stalled":                   {[]func(*status){notReady, stalled}, Failed},
		"suspended":                 {[]func(*status){suspended}, Current},
		"suspended, ready before":   {[]func(*status){ready, about(1), suspended}, Current},
		"suspended, never ready":    {[]func(*status){notReady, suspended}, InProgress},
		"suspended, not looked at":  {[]func(*status){suspended, observed(1)}, InProgress},
		"suspended and yet stalled": {[]func(*status){suspended, stalled}, Failed},
	} {
		t.Run(name, func(t *testing.T) {
			participant := Participant("support", "agent", "acme", "conference", "call")
			participant.Generation, participant.Status.ObservedGeneration = 2, 2
			for _, step := range test.build {
				step(&participant.Status)
			}
			if got, err := Progress(participant); got != test.want || err != nil {
				t.Errorf("%s (%v), want %s", got, err, test.want)
			}
			participant.DeletionTimestamp = new(metav1.Now())
			if got, err := Progress(participant); got != Terminating || err != nil {
				t.Errorf("%s (%v) while it is deleted", got, err)
			}
		})
	}
	if _, err := Progress(&corev1.Pod{}); err == nil {
		t.Error("a Pod has a progress")
	}
}

func TestCheckStatusOfAnotherKind(t *testing.T) {
	wantError(t, CheckStatus(&corev1.Pod{}), ErrUnknownKind.Error())
}

// wantError wants an error that says something, or none.
func wantError(t *testing.T, err error, want string) {
	t.Helper()
	switch {
	case want == "" && err != nil:
		t.Errorf("found %v, want nothing", err)
	case want != "" && err == nil:
		t.Errorf("found nothing, want %q", want)
	case want != "" && !strings.Contains(err.Error(), want):
		t.Errorf("found %v, want %q", err, want)
	}
}
