package enqueue

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

func TestWhatIsEnqueuedBeforeTheStartWaits(t *testing.T) {
	var q Queue[string]
	q.Enqueue(PriorityEdit, time.Minute, "early")
	q.Enqueue(PriorityEdit, 0)
	queue := &recorded{}
	if err := q.Source().Start(t.Context(), queue); err != nil {
		t.Fatal(err)
	}
	q.Enqueue(PriorityDrift, -time.Minute, "a", "b")
	if len(queue.added) != 3 || queue.added[0] != "early" || queue.after[0] != time.Minute || queue.after[1] != 0 {
		t.Errorf("added %q after %v", queue.added, queue.after)
	}
}

func TestAnEditGoesBeforeDriftBeforeStartUp(t *testing.T) {
	var q Queue[string]
	queue := priorityqueue.New[string]("test")
	defer queue.ShutDown()
	q.Enqueue(PriorityStartUp, 0, "start-up")
	q.Enqueue(PriorityDrift, 0, "drift")
	q.Enqueue(PriorityEdit, 0, "edit")
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

func TestACrowdYieldsAndNeverFallsBehindDrift(t *testing.T) {
	for others, want := range map[int]int{0: 0, 7: 0, 8: -1, 80: -10, 320: -40, 5000: -40} {
		if got := InCrowd(PriorityEdit, others); got != want || got <= PriorityDrift {
			t.Errorf("among %d others: priority %d, want %d", others, got, want)
		}
	}
}
