package voicesim

import (
	"context"
	"net"
	"net/http"
	"net/url"
	"time"
)

// maxBody is how much of a request's body is read.
const maxBody = 1 << 20

// exchange is one request on its way through the simulator.
type exchange struct {
	Request

	user, token string
	// refused is why the request can't be carried out, nil if it can.
	refused *failure
	fault   Fault
	// applied is set when a POST or DELETE was carried out.
	applied bool
	answer  reply
}

// serve takes a request through arrival, outcome and answer. The journal has
// the status before the client can have it.
func (s *Simulator) serve(w http.ResponseWriter, r *http.Request) {
	x := s.arrive(w, r)
	if !s.outcome(r.Context(), x) {
		s.finish(x.Seq, 0)
		abort(w)
		return
	}
	s.finish(x.Seq, x.answer.status)
	x.answer.send(r.Context(), w, x.fault)
}

// arrive reads a request, puts it into the journal and finds its fault. Unless
// that forbids it, the request is carried out in the same moment: whoever sees
// it in the journal can rely on its answer being settled.
func (s *Simulator) arrive(w http.ResponseWriter, r *http.Request) *exchange {
	t := route(r.Method, r.URL.Path)
	x := &exchange{refused: t.refused}
	x.user, x.token, _ = r.BasicAuth()
	form, err := readForm(w, r)
	if err != nil {
		x.refused = newFailure(http.StatusBadRequest, codeInvalidArgument)
	}
	x.Request = Request{
		Operation: t.operation, Method: r.Method, Path: r.URL.Path, AccountSID: t.accountSID,
		ConferenceSID: t.conferenceSID, CallSID: t.callSID, Form: form, UserAgent: r.UserAgent(),
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	x.Time = s.now()
	x.fault, x.Fault = s.faults.take(x.Request)
	x.Seq = s.journal.add(x.Request)
	if !x.fault.BeforeApply && x.fault.Reset != ResetBefore {
		s.settle(x)
	}
	return x
}

// readForm returns the fields of the body of a POST, else those of the query.
// Bodies that are no forms count as empty.
func readForm(w http.ResponseWriter, r *http.Request) (url.Values, error) {
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	err := r.ParseForm()
	if r.Method == http.MethodPost {
		return r.PostForm, err
	}
	return r.Form, err
}

// outcome waits as the fault wants, and carries the request out if that comes
// after. It returns false if there is no answer, because the connection is to be
// reset or the client has gone away.
func (s *Simulator) outcome(ctx context.Context, x *exchange) bool {
	if x.fault.Reset == ResetBefore || !x.fault.pause(ctx) {
		return false
	}
	if x.fault.BeforeApply {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.settle(x)
	}
	return x.fault.Reset != ResetAfter
}

// pause waits as long as the fault wants. It returns false if the client went
// away.
func (f Fault) pause(ctx context.Context) bool {
	if f.Delay > 0 {
		timer := time.NewTimer(f.Delay)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
			return false
		}
	}
	if f.Hold != nil {
		select {
		case <-f.Hold:
		case <-ctx.Done():
			return false
		}
	}
	return true
}

// settle carries the request out unless its fault forbids it, notes in the
// journal whether it was, and decides the answer.
func (s *Simulator) settle(x *exchange) {
	if x.fault.applies() {
		x.answer = s.perform(x)
	}
	if x.applied {
		s.journal.amend(x.Seq, func(r *Request) { r.Applied = true })
	}
	if status := x.fault.Status; status != 0 {
		x.answer = reply{status: status, failure: newFailure(status, x.fault.Code), header: x.answer.header}
	}
}

func (s *Simulator) finish(seq, status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.journal.amend(seq, func(r *Request) {
		r.Status = status
		r.Done = s.now()
	})
}

// abort resets the connection.
func abort(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		// Nothing left to linger for makes Close send a reset.
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}
