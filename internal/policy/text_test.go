package policy

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/voiceops/conference-operator/api/v1alpha1"
)

// says is what the last decision has the child of a call leg say.
func (s *stage) says(sid string) string {
	for _, w := range s.last.Children {
		if w.CallSID == sid {
			return text(w)
		}
	}
	return "none"
}

func (s *stage) want(sid, want string) {
	s.t.Helper()
	s.apply()
	if got := s.says(sid); got != want {
		s.t.Errorf("%s: %q, want %q", sid, got, want)
	}
}

// text is a child in short.
func text(w Want) string {
	words := []string{string(w.Role) + ":"}
	add := func(format string, arguments ...any) { words = append(words, fmt.Sprintf(format, arguments...)) }
	bools := func(name string, b *bool) {
		if b != nil {
			add("%s=%v", name, *b)
		}
	}
	bools("muted", w.Spec.Muted)
	bools("hold", w.Spec.Hold)
	if w.Spec.HoldURL != "" {
		add("music=%s", strings.TrimPrefix(string(w.Spec.HoldURL), "https://"))
	}
	bools("coaching", w.Spec.Coaching)
	if w.Spec.CallSIDToCoach != "" {
		add("of %s", w.Spec.CallSIDToCoach)
	}
	if w.Spec.Once != nil {
		bools("once.muted", w.Spec.Once.Muted)
		bools("once.hold", w.Spec.Once.Hold)
	}
	for _, flag := range []struct {
		is   bool
		name string
	}{{w.Record.Muted, "(muted)"}, {w.Record.Hold, "(hold)"}, {w.Record.Waits, "(waits)"}, {w.Spec.DeletionPolicy == v1alpha1.DeletionReset, "Reset"}} {
		if flag.is {
			add("%s", flag.name)
		}
	}
	return strings.Join(words, " ")
}

func dump(value any) string {
	encoded, err := json.Marshal(value)
	if err != nil {
		return err.Error()
	}
	return string(encoded)
}

// roundTrip is a child as the API server gives it back.
func roundTrip(t testing.TB, w Want) (stored Want) {
	t.Helper()
	if err := json.Unmarshal([]byte(dump(w)), &stored); err != nil {
		t.Fatal(err)
	}
	return stored
}

// The changes of a call leg.

func calledBy(number string) func(*Leg) {
	return func(l *Leg) {
		l.Caller = Caller{State: CallerKnown, Direction: v1alpha1.CallInbound, Far: hasher.Hash(number), Dialed: hasher.Hash(ourNumber)}
	}
}

func missing(l *Leg)   { l.Caller.State = CallerMissing }
func endsRoom(l *Leg)  { l.EndsRoom = new(true) }
func muted(l *Leg)     { l.Muted = true }
func onHold(l *Leg)    { l.Hold = true }
func present(l *Leg)   { l.Joiner, l.Entered = false, false }
func override(l *Leg)  { l.Overridden = true }
func stranger(l *Leg)  { calledBy(guestNumber)(l) }
func hostCalls(l *Leg) { calledBy(hostNumber)(l) }
