package admission

import "slices"

// Request is one request that waits for admission.
type Request struct {
	// Key identifies the sender; asking again keeps the place in the queue.
	Key any
	// Flow is what the request is served in turn with others of: the conference.
	Flow string
	// Write says that a token of the rate limit is needed, too.
	Write bool
	// Restricts says that the request keeps people from hearing or being heard:
	// it goes before others of its flow.
	Restricts bool
	// Wake is called once, when the request may be tried again; crowd is how many
	// others of its flow are queued or granted. It must not block.
	Wake func(crowd int)
}

// fairQueue holds requests that wait for the same thing. Flows are served
// round-robin, so that many requests in one keep no other waiting; within a flow what
// restricts goes first, else first come, first served.
type fairQueue struct {
	// flows are the queued requests by flow, and order is the flows' order of
	// service, next first.
	flows map[string]*flow
	order []string
	// queued are the requests by key.
	queued map[any]Request
}

// flow holds the queued requests of one conference.
type flow struct {
	restricting, rest []Request
}

func newFairQueue() *fairQueue {
	return &fairQueue{flows: map[string]*flow{}, queued: map[any]Request{}}
}

func (q *fairQueue) empty() bool { return len(q.queued) == 0 }

// length is how many requests of a flow are queued.
func (q *fairQueue) length(name string) int {
	if f := q.flows[name]; f != nil {
		return len(f.restricting) + len(f.rest)
	}
	return 0
}

// add queues a request. One that is queued already keeps its place, save that a
// request which restricts by now goes before those that don't.
func (q *fairQueue) add(request Request) {
	earlier, there := q.queued[request.Key]
	if there && (earlier.Restricts || !request.Restricts) {
		return
	}
	q.queued[request.Key] = request
	f := q.flows[request.Flow]
	if f == nil {
		f = &flow{}
		q.flows[request.Flow] = f
		q.order = append(q.order, request.Flow)
	}
	if request.Restricts {
		f.restricting = append(f.restricting, request)
	} else {
		f.rest = append(f.rest, request)
	}
	if there {
		q.remove(earlier)
	}
}

// remove takes a request that doesn't restrict out of the queue, and its flow with
// the last one.
func (q *fairQueue) remove(request Request) {
	f := q.flows[request.Flow]
	f.rest = slices.DeleteFunc(f.rest, func(r Request) bool { return r.Key == request.Key })
	if f.empty() {
		delete(q.flows, request.Flow)
		q.order = slices.DeleteFunc(q.order, func(name string) bool { return name == request.Flow })
	}
}

// ready reports whether a flow is queued that is not at its quota, and has it
// served next.
func (q *fairQueue) ready(atQuota func(flow string) bool) bool {
	for i, name := range q.order {
		if !atQuota(name) {
			if i > 0 {
				q.order = slices.Concat(q.order[i:], q.order[:i])
			}
			return true
		}
	}
	return false
}

// pop takes the next request out of a queue that is not empty.
func (q *fairQueue) pop() Request {
	name := q.order[0]
	q.order = q.order[1:]
	f := q.flows[name]
	request := f.pop()
	delete(q.queued, request.Key)
	if f.empty() {
		delete(q.flows, name)
	} else {
		q.order = append(q.order, name)
	}
	return request
}

func (f *flow) empty() bool { return len(f.restricting)+len(f.rest) == 0 }

// pop takes the first request of a flow that is not empty.
func (f *flow) pop() (request Request) {
	requests := &f.restricting
	if len(*requests) == 0 {
		requests = &f.rest
	}
	// Clear the element: the backing array would keep the wake function, and the
	// reconcile it closes over, alive.
	request, (*requests)[0] = (*requests)[0], Request{}
	*requests = (*requests)[1:]
	return request
}
