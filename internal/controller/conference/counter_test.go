package conference

import (
	"reflect"
	"testing"

	"k8s.io/apimachinery/pkg/types"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/directory"
	"github.com/voiceops/conference-operator/internal/metrics"
)

func TestRoomsAreCounted(t *testing.T) {
	store := NewStore()
	live := newRoomMemory(directory.Room{SID: "live"}, false)
	live.result.counts = v1alpha1.RoomCounts{Participants: 5, Unidentified: 2}
	waiting := newRoomMemory(directory.Room{SID: "waiting", Waiting: true}, false)
	waiting.result.counts.Participants = 1
	store.conferences[types.NamespacedName{Name: "all-hands"}] = &memory{rooms: map[string]*roomMemory{"live": live, "waiting": waiting}}
	want := metrics.Rooms{
		States: map[string]int{"live": 1, "waiting": 1}, Legs: map[string]int{"identified": 4, "unidentified": 2},
	}
	if found := store.Count(); !reflect.DeepEqual(found, want) {
		t.Errorf("%+v", found)
	}
	if found := NewStore().Count(); len(found.States) != 2 || len(found.Legs) != 2 {
		t.Errorf("of no room not every series is there: %+v", found)
	}
}
