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
// round-robin, so that a crowd in one keeps no other waiting; within a flow what
// restricts goes first, else first come, first served.
type fairQueue struct {
	// flows are the queued requests by flow, and order is the flows' order of
	// service, next first.
	flows map[string]*flow
	order []string
	// queued says of each key whether it is queued as one that restricts.
	queued map[any]bool
}

// flow holds the queued requests of one conference.
type flow struct {
	restricting, rest []Request
}

func newFairQueue() *fairQueue {
	return &fairQueue{flows: map[string]*flow{}, queued: map[any]bool{}}
}

func (q *fairQueue) empty() bool { return len(q.queued) == 0 }

// length is how many requests of a flow are queued, those included that have gone
// ahead as restricting.
func (q *fairQueue) length(name string) int {
	if f := q.flows[name]; f != nil {
		return len(f.restricting) + len(f.rest)
	}
	return 0
}

// add queues a request. One that is queued already keeps its place, save that a
// request which restricts by now goes before those that don't.
func (q *fairQueue) add(request Request) {
	restricts, there := q.queued[request.Key]
	if there && (restricts || !request.Restricts) {
		return
	}
	q.queued[request.Key] = request.Restricts
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
	for {
		name := q.order[0]
		q.order = q.order[1:]
		request, found := q.first(q.flows[name])
		if f := q.flows[name]; len(f.restricting)+len(f.rest) > 0 {
			q.order = append(q.order, name)
		} else {
			delete(q.flows, name)
		}
		if found {
			delete(q.queued, request.Key)
			return request
		}
	}
}

// first takes the first request of a flow, past those that have gone ahead as
// restricting.
func (q *fairQueue) first(f *flow) (request Request, found bool) {
	for _, requests := range []*[]Request{&f.restricting, &f.rest} {
		for len(*requests) > 0 {
			// Clear the element: the backing array would keep the wake function, and
			// the reconcile it closes over, alive.
			request, (*requests)[0] = (*requests)[0], Request{}
			*requests = (*requests)[1:]
			if restricts, there := q.queued[request.Key]; there && restricts == request.Restricts {
				return request, true
			}
		}
	}
	return Request{}, false
}
