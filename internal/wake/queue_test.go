package wake

import (
	"testing"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/controller/priorityqueue"
)

// recorded notes what was added, in order.
type recorded struct {
	priorityqueue.PriorityQueue[string]
	added []string
	after []time.Duration
}

func (r *recorded) AddWithOpts(options priorityqueue.AddOpts, keys ...string) {
	r.added = append(r.added, keys...)
	r.after = append(r.after, options.After)
}

func TestWhatIsWokenBeforeTheStartWaits(t *testing.T) {
	var q Queue[string]
	q.Wake(Edit, time.Minute, "early")
	q.Wake(Edit, 0)
	queue := &recorded{}
	if err := q.Source().Start(t.Context(), queue); err != nil {
		t.Fatal(err)
	}
	q.Wake(Drift, -time.Minute, "a", "b")
	if len(queue.added) != 3 || queue.added[0] != "early" || queue.after[0] != time.Minute || queue.after[1] != 0 {
		t.Errorf("added %q after %v", queue.added, queue.after)
	}
}

func TestAnEditGoesBeforeDriftBeforeStartUp(t *testing.T) {
	var q Queue[string]
	queue := priorityqueue.New[string]("test")
	defer queue.ShutDown()
	q.Wake(StartUp, 0, "start-up")
	q.Wake(Drift, 0, "drift")
	q.Wake(Edit, 0, "edit")
	if err := q.Source().Start(t.Context(), queue); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"edit", "drift", "start-up"} {
		got, _ := queue.Get()
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		queue.Done(got)
	}
}
