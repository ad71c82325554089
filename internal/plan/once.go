package plan

import (
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/roster"
	"github.com/voiceops/conference-operator/internal/voice"
)

// Once is what is brought about one time and then left alone.
type Once struct {
	// Muted and Hold are the values; a nil field is left alone.
	Muted, Hold *bool
	// HoldURL and HoldMethod are the music of a hold; the method is explicit.
	HoldURL, HoldMethod string
	// Pending are the fields that are not done so far.
	Pending [fieldCount]bool
	// Since is from when on an observation counts: one from before may be from
	// before the action was asked for.
	Since time.Time
}

// onceOf is what a spec asks for; a field that is declared is not done once.
func onceOf(spec *v1alpha1.ConferenceParticipantSpec) (once Once) {
	if spec.Once == nil {
		return once
	}
	if spec.Muted == nil {
		once.Muted = spec.Once.Muted
	}
	if spec.Hold == nil {
		once.Hold = spec.Once.Hold
		once.HoldURL, once.HoldMethod = musicOf(spec.Once.AudioControls)
	}
	return once
}

// value is what a field is brought to; nil leaves it alone.
func (o Once) value(field Field) *bool {
	return [fieldCount]*bool{FieldMute: o.Muted, FieldHold: o.Hold}[field]
}

// Refresh brings the record of a status in line with what is asked for, and with the
// latest join that is known: an action that is not asked for any more is forgotten,
// and one for an earlier join begins anew (R7).
func (o Once) Refresh(known []v1alpha1.OnceStatus, joined time.Time) (record []v1alpha1.OnceStatus) {
	for field := range Field(fieldCount) {
		if value := o.value(field); value != nil {
			record = append(record, refreshed(known, field, *value, joined))
		}
	}
	return record
}

// refreshed is the entry of one field: the known one if it is about the same action.
func refreshed(known []v1alpha1.OnceStatus, field Field, value bool, joined time.Time) v1alpha1.OnceStatus {
	fresh := v1alpha1.OnceStatus{Field: v1alpha1.OnceField(field.Name()), Value: &value, State: v1alpha1.OncePending}
	if !joined.IsZero() {
		fresh.DateCreated = ptr.To(metav1.NewTime(joined))
	}
	for _, entry := range known {
		stale := entry.DateCreated != nil && joined.After(entry.DateCreated.Time)
		undated := entry.DateCreated == nil && entry.State == v1alpha1.OncePending
		if entry.Field == fresh.Field && ptr.Equal(entry.Value, &value) && !stale && !undated {
			return entry
		}
	}
	return fresh
}

// For returns what is left to do by the record of a status, judged by observations
// since a time.
func (o Once) For(record []v1alpha1.OnceStatus, since time.Time) Once {
	o.Since = since
	for field := range Field(fieldCount) {
		o.Pending[field] = o.value(field) != nil && slices.ContainsFunc(record, func(entry v1alpha1.OnceStatus) bool {
			return string(entry.Field) == field.Name() && entry.State == v1alpha1.OncePending
		})
	}
	return o
}

// CompleteOnce is the record after fields were done.
func CompleteOnce(record []v1alpha1.OnceStatus, done []Field) []v1alpha1.OnceStatus {
	record = slices.Clone(record)
	for i := range record {
		if slices.ContainsFunc(done, func(field Field) bool { return field.Name() == string(record[i].Field) }) {
			record[i].State = v1alpha1.OnceDone
		}
	}
	return record
}

// OnceForgotten reports whether an action that is done in one record is not in
// another: nothing may be sent for its field before that is written down.
func OnceForgotten(before, after []v1alpha1.OnceStatus) bool {
	return slices.ContainsFunc(before, func(was v1alpha1.OnceStatus) bool {
		return was.State == v1alpha1.OnceDone && !slices.ContainsFunc(after, func(is v1alpha1.OnceStatus) bool {
			return is.State == v1alpha1.OnceDone && is.Field == was.Field && ptr.Equal(is.Value, was.Value) && is.DateCreated.Equal(was.DateCreated)
		})
	})
}

// withOnce is the state to go for: what is declared, and what is to be done once.
func (d Desired) withOnce() Desired {
	if d.Once.Pending[FieldMute] {
		d.Muted = d.Once.Muted
	}
	if d.Once.Pending[FieldHold] {
		d.Hold, d.HoldURL, d.HoldMethod = d.Once.Hold, d.Once.HoldURL, d.Once.HoldMethod
	}
	return d
}

// judge returns what is left to do after an observation, and what it shows to be
// done. look is when to observe again what is so, and not proven by any update of
// this process; zero is never.
func (o Once) judge(seen roster.Observation, assumed voice.Participant, h History) (left Once, done []Field, look time.Time) {
	left = o
	for field, pending := range o.Pending {
		field := Field(field)
		switch {
		case !pending || o.differs(field, assumed, h):
		case o.proves(field, seen, h):
			left.Pending[field], done = false, append(done, field)
		case h.Sent[field] == Sent{}:
			look = o.Since.Add(roster.Settle)
		}
	}
	return left, done, look
}

// differs reports whether a field, with its music, is not as it is to be.
func (o Once) differs(field Field, assumed voice.Participant, h History) bool {
	want := *o.value(field)
	return valueOf(field, assumed).On != want || field == FieldHold && want && h.otherMusic(o.HoldURL, o.HoldMethod)
}

// proves reports whether an observation shows that a field is done. What restricts is
// done with the first that shows it, an echo too, since what opens it after that is
// another party. What opens needs one that is late enough to be proof (R6), whichever
// process has sent the last update.
func (o Once) proves(field Field, seen roster.Observation, h History) bool {
	want := *o.value(field)
	switch {
	case seen.Flaw != "" || seen.ObservedAt.Before(o.Since) || valueOf(field, seen.Participant).On != want:
		return false
	case restricts(Value{On: want}):
		return true
	default:
		return !seen.Echo && !h.Sent[field].settling(seen) && !seen.ObservedAt.Before(o.Since.Add(roster.Settle))
	}
}

// declared reports whether a field is not pending here, so that a difference in it is
// one of the declared state.
func (o Once) declared(field Field) bool { return !o.Pending[field] }

// pending returns the fields that are not done.
func (o Once) pending() (fields []Field) {
	for field, pending := range o.Pending {
		if pending {
			fields = append(fields, Field(field))
		}
	}
	return fields
}
