package operator_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/test/sim"
)

// TestR10ADeletionTellsWhatBecameOfIt deletes objects whose announcement is not
// done with.
func TestR10ADeletionTellsWhatBecameOfIt(t *testing.T) {
	for name, c := range map[string]struct {
		failure sim.Failure
		suspend bool
		want    string
	}{
		"claimed, and not sent": {sim.CrashBefore, false, v1alpha1.EventAnnouncementUnknown},
		"claimed, and sent":     {sim.CrashAfter, false, v1alpha1.EventAnnouncementUnknown},
		"pending":               {sim.None, true, v1alpha1.EventSuperseded},
	} {
		t.Run(name, func(t *testing.T) {
			env := sim.New(t)
			env.AtBoundary = func(boundary sim.Boundary) sim.Failure {
				if !boundary.Provider || !strings.HasPrefix(boundary.What, "POST") {
					return sim.None
				}
				env.AtBoundary = nil
				return c.failure
			}
			env.CreateParticipant("agent", env.Join(), func(s *sim.Spec) {
				announce("closing")(s)
				s.DeletionPolicy, s.Suspend = v1alpha1.DeletionReset, c.suspend
			})
			env.RunUntilIdle()
			env.Delete(env.Get("agent"))
			env.Elapse(time.Minute)
			told := slices.DeleteFunc(env.TakeEvents(), func(e string) bool { return !strings.Contains(e, "closing") })
			if len(told) != 1 || !strings.Contains(told[0], c.want) {
				t.Errorf("%q, want %s", told, c.want)
			}
		})
	}
}
