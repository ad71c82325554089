package conference

import (
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/voiceops/conference-operator/api/v1alpha1"
)

func TestWhenAStatusIsWritten(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*v1alpha1.ConferenceStatus)
		want   time.Duration
	}{
		{"another generation", func(s *v1alpha1.ConferenceStatus) { s.ObservedGeneration++ }, 0},
		{"another state of the room", func(s *v1alpha1.ConferenceStatus) { s.RoomState = v1alpha1.RoomLive }, 0},
		{"the room waits", func(s *v1alpha1.ConferenceStatus) {
			s.Conditions = append(s.Conditions, metav1.Condition{Type: v1alpha1.ConditionWaiting, Status: metav1.ConditionTrue})
		}, 0},
		{"it is not known who joins", func(s *v1alpha1.ConferenceStatus) {
			s.Conditions = append(s.Conditions, metav1.Condition{Type: v1alpha1.ConditionIdentified, Status: metav1.ConditionFalse})
		}, reportEvery - time.Second},
		{"counts", func(s *v1alpha1.ConferenceStatus) { s.Counts = &v1alpha1.RoomCounts{Participants: 1} }, reportEvery - time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			f, m := live(), &memory{report: schedule{writtenAt: start.Add(-time.Second)}}
			after := f.object.Status.DeepCopy()
			c.change(after)
			if found := newReporter(Config{}).turn(f, m, *after).Sub(start); found != c.want {
				t.Errorf("written after %s, want %s", found, c.want)
			}
		})
	}
}
