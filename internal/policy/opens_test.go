package policy

import (
	"testing"
	"time"

	"github.com/voiceops/conference-operator/api/v1alpha1"
)

// closed is a child that has closed a field for a while, or opens it once.
func closed(record Record, once *v1alpha1.Once, done ...v1alpha1.OnceStatus) *Child {
	return &Child{Record: record, Spec: v1alpha1.ConferenceParticipantSpec{Once: once}, Once: done}
}

// opening is once of a child that opens fields.
func opening(muted, hold *bool) *v1alpha1.Once {
	return &v1alpha1.Once{AudioControls: v1alpha1.AudioControls{Muted: muted, Hold: hold}}
}

func TestR23AChildOpensWhatItClosedForAWhileAndNothingElse(t *testing.T) {
	isOpen := v1alpha1.OnceStatus{Field: v1alpha1.OnceMuted, Value: new(false), State: v1alpha1.OnceDone}
	for name, c := range map[string]struct {
		child      *Child
		overridden Fields
		want       Fields
	}{
		"nothing":                         {closed(Record{}, nil), Fields{}, Fields{}},
		"what it closed":                  {closed(Record{Muted: true, Hold: true}, nil), Fields{}, Fields{Muted: true, Hold: true}},
		"save what is overridden":         {closed(Record{Muted: true, Hold: true}, nil), Fields{Muted: true}, Fields{Hold: true}},
		"what it is opening":              {closed(Record{}, opening(new(false), nil)), Fields{}, Fields{Muted: true}},
		"what it has opened":              {closed(Record{}, opening(new(false), nil), isOpen), Fields{}, Fields{}},
		"what it closes once, for good":   {closed(Record{}, opening(new(true), nil)), Fields{}, Fields{}},
		"what it closes once for a while": {closed(Record{Muted: true}, opening(new(true), nil)), Fields{}, Fields{Muted: true}},
		"what is open, and closed anew":   {closed(Record{Muted: true}, opening(new(true), nil), isOpen), Fields{}, Fields{Muted: true}},
	} {
		if got := c.child.Opens(c.overridden); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

func TestR22AChildThatIsReleasedKeepsItsCallLegUntilItIsDone(t *testing.T) {
	released := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	isOpen := v1alpha1.OnceStatus{Field: v1alpha1.OnceMuted, Value: new(false), State: v1alpha1.OnceDone}
	for name, c := range map[string]struct {
		child *Child
		want  time.Time
	}{
		"not released":  {closed(Record{}, opening(new(false), nil)), time.Time{}},
		"released":      {closed(Record{Released: released}, opening(new(false), nil)), released.Add(30 * time.Second)},
		"done":          {closed(Record{Released: released}, opening(new(false), nil), isOpen), time.Time{}},
		"half done":     {closed(Record{Released: released}, opening(new(false), new(false)), isOpen), released.Add(30 * time.Second)},
		"without once":  {closed(Record{Released: released}, nil), time.Time{}},
		"closing, once": {closed(Record{Released: released}, opening(new(true), nil)), time.Time{}},
	} {
		if got := c.child.KeepsUntil(); !got.Equal(c.want) {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

func TestAnAnnotationThatCanNotBeReadIsNoRecord(t *testing.T) {
	object := &v1alpha1.ConferenceParticipant{}
	object.Annotations = map[string]string{v1alpha1.PolicyAnnotation: "{"}
	object.Labels = map[string]string{v1alpha1.RoleLabel: "host"}
	if child := ChildOf(object); child.Record != (Record{}) || child.Role != "host" {
		t.Errorf("read as %+v", child)
	}
}
