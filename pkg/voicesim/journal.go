package voicesim

import (
	"maps"
	"net/url"
	"time"
)

// The operations of the provider's API, in the journal and in faults.
const (
	// OpListConferences is GET .../Conferences.
	OpListConferences = "list_conferences"
	// OpGetConference is GET .../Conferences/{Sid}.
	OpGetConference = "get_conference"
	// OpUpdateConference is POST .../Conferences/{Sid}.
	OpUpdateConference = "update_conference"
	// OpListParticipants is GET .../Conferences/{Sid}/Participants.
	OpListParticipants = "list_participants"
	// OpGetParticipant is GET .../Participants/{CallSid}.
	OpGetParticipant = "get_participant"
	// OpUpdateParticipant is POST .../Participants/{CallSid}.
	OpUpdateParticipant = "update_participant"
	// OpRemoveParticipant is DELETE .../Participants/{CallSid}.
	OpRemoveParticipant = "remove_participant"
	// OpListCalls is GET .../Calls.
	OpListCalls = "list_calls"
	// OpGetCall is GET .../Calls/{Sid}.
	OpGetCall = "get_call"
)

// Request is one request to the provider's API. It never holds credentials.
type Request struct {
	// Seq numbers requests in the order of their arrival, from 1.
	Seq int `json:"seq"`
	// Time is when the request had arrived completely.
	Time time.Time `json:"time"`
	// Operation is one of the Op constants, empty if the API has no such operation.
	Operation string `json:"operation"`
	// Method is the HTTP method.
	Method string `json:"method"`
	// Path is the path as sent, without the query.
	Path string `json:"path"`
	// AccountSID is the account in the path, empty if there is none.
	AccountSID string `json:"accountSID,omitempty"`
	// ConferenceSID is the conference in the path, empty if there is none.
	ConferenceSID string `json:"conferenceSID,omitempty"`
	// CallSID is the participant or call in the path, empty if there is none.
	CallSID string `json:"callSID,omitempty"`
	// Form holds the fields of the body of a POST, else those of the query.
	Form url.Values `json:"form,omitempty"`
	// UserAgent is the header of that name.
	UserAgent string `json:"userAgent,omitempty"`
	// Applied says that a POST or DELETE was applied, whether or not there was a
	// response. It is false for reads.
	Applied bool `json:"applied"`
	// Status is that of the response, 0 without one: the request is in progress,
	// the connection was reset, or the client went away first.
	Status int `json:"status"`
	// Fault is the id of the fault that affected the request, 0 if none did.
	Fault int `json:"fault,omitempty"`
	// Done is when the response was ready to be sent or was given up, zero while
	// the request is in progress.
	Done time.Time `json:"done,omitzero"`
}

// journal is a ring of requests. Request n is at index n-base-1, modulo the limit.
// The lock of the simulator guards it.
type journal struct {
	limit   int
	last    int
	base    int
	ring    []Request
	counts  map[string]int
	changed chan struct{}
}

func newJournal(limit int) journal {
	return journal{limit: limit, counts: map[string]int{}}
}

func (j *journal) add(r Request) int {
	j.last++
	r.Seq = j.last
	if len(j.ring) < j.limit {
		j.ring = append(j.ring, r)
	} else {
		j.ring[j.index(r.Seq)] = r
	}
	j.counts[r.Operation]++
	j.notify()
	return r.Seq
}

// amend changes a request, if the journal still has it.
func (j *journal) amend(seq int, change func(*Request)) {
	if seq <= j.base || seq <= j.last-j.limit {
		return
	}
	change(&j.ring[j.index(seq)])
	j.notify()
}

func (j *journal) since(seq int) []Request {
	first := max(seq, j.base, j.last-j.limit) + 1
	if first > j.last {
		return nil
	}
	kept := make([]Request, 0, j.last-first+1)
	for n := first; n <= j.last; n++ {
		kept = append(kept, j.ring[j.index(n)])
	}
	return kept
}

func (j *journal) reset() {
	j.base = j.last
	j.ring = nil
	clear(j.counts)
}

func (j *journal) counted() map[string]int { return maps.Clone(j.counts) }

func (j *journal) index(seq int) int { return (seq - j.base - 1) % j.limit }

// next returns a channel that is closed with the next change.
func (j *journal) next() <-chan struct{} {
	if j.changed == nil {
		j.changed = make(chan struct{})
	}
	return j.changed
}

// notify closes the channel that next has returned.
func (j *journal) notify() {
	if j.changed != nil {
		close(j.changed)
		j.changed = nil
	}
}
