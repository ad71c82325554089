package events

import "slices"

// queue is a bounded FIFO of two classes: warnings come out before normal
// events. It is not safe for concurrent use.
type queue struct {
	// limit is how many events both classes hold together; at least 1.
	limit            int
	warnings, normal []*event
}

// push adds an event at the end of its class. It returns the event that is
// dropped because the queue is full, or nil: the oldest normal event, which may
// be the one that was added, or else the oldest warning.
func (q *queue) push(e *event) (dropped *event) {
	class := q.class(e)
	*class = append(*class, e)
	return q.trim()
}

// pushFront puts an event that was popped back at the front of its class. It
// returns the event that is dropped, as push does.
func (q *queue) pushFront(e *event) (dropped *event) {
	class := q.class(e)
	*class = slices.Insert(*class, 0, e)
	return q.trim()
}

// pop removes and returns the event to write next: the oldest warning, or else
// the oldest normal event; nil if the queue is empty.
func (q *queue) pop() *event {
	if len(q.warnings) > 0 {
		return shift(&q.warnings)
	}
	return shift(&q.normal)
}

func (q *queue) class(e *event) *[]*event {
	if e.warning() {
		return &q.warnings
	}
	return &q.normal
}

// trim removes and returns one event if there are more than the limit.
func (q *queue) trim() *event {
	if len(q.warnings)+len(q.normal) <= q.limit {
		return nil
	}
	if len(q.normal) > 0 {
		return shift(&q.normal)
	}
	return shift(&q.warnings)
}

// shift removes and returns the first event of a class; nil if it is empty.
func shift(class *[]*event) (first *event) {
	if len(*class) == 0 {
		return nil
	}
	// Clear the element: the backing array would keep the event alive.
	first, (*class)[0] = (*class)[0], nil
	*class = (*class)[1:]
	return first
}
