package voicesim

import (
	"context"
	"net"
	"net/http"
	"net/url"
	"time"
)

// maxBody is how much of the body of a request is read, in bytes.
const maxBody = 1 << 20

// exchange is one request on its way through the simulator.
type exchange struct {
	Request

	user, token string
	// refused is the response if the request is malformed, else nil.
	refused *failure
	fault   Fault
	// applied is set when a POST or DELETE was applied.
	applied bool
	reply   reply
}

// serve takes a request through arrival, outcome and reply. The journal has the
// status before the client can have it.
func (s *Simulator) serve(w http.ResponseWriter, r *http.Request) {
	x := s.arrive(w, r)
	// A fault may set another one.
	w.Header().Set("Date", x.Time.UTC().Format(http.TimeFormat))
	if !s.outcome(r.Context(), x) {
		s.finish(x.Seq, 0)
		abort(w)
		return
	}
	s.finish(x.Seq, x.reply.status)
	x.reply.send(r.Context(), w, x.fault)
}

// arrive reads a request, adds it to the journal and finds its fault. Unless the
// fault delays or prevents it, the request is carried out under the same lock: for
// every request in the journal the reply is decided.
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
		s.apply(x)
	}
	return x
}

// readForm returns the fields of the body of a POST, else those of the query. A
// body that is not a form counts as empty.
func readForm(w http.ResponseWriter, r *http.Request) (url.Values, error) {
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	err := r.ParseForm()
	if r.Method == http.MethodPost {
		return r.PostForm, err
	}
	return r.Form, err
}

// outcome waits as long as the fault says, then carries out a request with
// BeforeApply. It returns false if there is no response, because the connection is
// to be reset or the client has gone away.
func (s *Simulator) outcome(ctx context.Context, x *exchange) bool {
	if x.fault.Reset == ResetBefore || !x.fault.pause(ctx) {
		return false
	}
	if x.fault.BeforeApply {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.apply(x)
	}
	return x.fault.Reset != ResetAfter
}

// pause waits for Delay and Release. It returns false if the client went away.
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
	if f.Release != nil {
		select {
		case <-f.Release:
		case <-ctx.Done():
			return false
		}
	}
	return true
}

// apply carries the request out unless its fault prevents that, notes in the
// journal whether it was applied, and sets the reply.
func (s *Simulator) apply(x *exchange) {
	if x.fault.applies() {
		x.reply = s.perform(x)
	}
	if x.applied {
		s.journal.amend(x.Seq, func(r *Request) { r.Applied = true })
	}
	if status := x.fault.Status; status != 0 {
		x.reply = reply{status: status, failure: newFailure(status, x.fault.Code), header: x.reply.header}
	}
}

// finish writes the status of the response to the journal, 0 for no response.
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
		// With a linger of 0, Close sends a reset.
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}
