package operator_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/test/world"
)

// TestR10ADeletionTellsWhatBecameOfIt deletes objects whose announcement is not
// done with.
func TestR10ADeletionTellsWhatBecameOfIt(t *testing.T) {
	for name, c := range map[string]struct {
		fate    world.Fate
		suspend bool
		want    string
	}{
		"claimed, and not sent": {world.DiesBefore, false, v1alpha1.EventAnnouncementUnknown},
		"claimed, and sent":     {world.DiesAfter, false, v1alpha1.EventAnnouncementUnknown},
		"pending":               {world.Lives, true, v1alpha1.EventSuperseded},
	} {
		t.Run(name, func(t *testing.T) {
			w := world.New(t)
			w.Cross = func(crossing world.Crossing) world.Fate {
				if !crossing.Provider || !strings.HasPrefix(crossing.What, "POST") {
					return world.Lives
				}
				w.Cross = nil
				return c.fate
			}
			w.Declare("agent", w.Join(), func(s *world.Spec) {
				announce("closing")(s)
				s.DeletionPolicy, s.Suspend = v1alpha1.DeletionReset, c.suspend
			})
			w.Settle()
			w.Delete(w.Get("agent"))
			w.Pass(time.Minute)
			told := slices.DeleteFunc(events(w), func(e string) bool { return !strings.Contains(e, "closing") })
			if len(told) != 1 || !strings.Contains(told[0], c.want) {
				t.Errorf("%q, want %s", told, c.want)
			}
		})
	}
}
