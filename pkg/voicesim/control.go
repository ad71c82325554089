package voicesim

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
)

// ControlHandler serves the control API, which the documentation of the package
// describes. It requires no credentials: do not expose it.
func (s *Simulator) ControlHandler() http.Handler {
	mux := http.NewServeMux()
	for pattern, handle := range map[string]controlFunc{
		"POST /control/accounts":                                s.controlAddAccount,
		"PUT /control/accounts/{sid}/tokens":                    s.controlSetTokens,
		"POST /control/accounts/{sid}/revoke":                   s.controlRevoke,
		"POST /control/conferences":                             s.controlOpen,
		"GET /control/conferences/{sid}":                        s.controlConference,
		"POST /control/conferences/{sid}/end":                   s.controlEnd,
		"POST /control/conferences/{sid}/participants":          s.controlJoin,
		"GET /control/conferences/{sid}/participants/{call}":    s.controlParticipant,
		"PATCH /control/conferences/{sid}/participants/{call}":  s.controlDrift,
		"DELETE /control/conferences/{sid}/participants/{call}": s.controlLeave,
		"GET /control/calls/{call}":                             s.controlCall,
		"POST /control/calls/{call}/hangup":                     s.controlHangUp,
		"GET /control/rooms":                                    s.controlRoom,
		"POST /control/rooms/join":                              s.controlJoinRoom,
		"POST /control/rooms/end":                               s.controlEndRoom,
		"POST /control/faults":                                  s.controlInject,
		"DELETE /control/faults":                                s.controlClearFaults,
		"DELETE /control/faults/{id}":                           s.controlClearFault,
		"GET /control/settings":                                 s.controlGetSettings,
		"PUT /control/settings":                                 s.controlSetSettings,
		"GET /control/journal":                                  s.controlJournal,
		"DELETE /control/journal":                               s.controlResetJournal,
		"GET /control/counts":                                   s.controlCounts,
	} {
		mux.Handle(pattern, handle)
	}
	return mux
}

// controlFunc handles a request and returns the body of the response: status 200
// with a value, 204 for nil, the status of a *problem, or 500 for other errors.
type controlFunc func(r *http.Request) (any, error)

// problem is an error in a request to the control API.
type problem struct {
	status int
	text   string
}

func (p *problem) Error() string { return p.text }

func missing(what string) error {
	return &problem{status: http.StatusNotFound, text: "there is no such " + what}
}

func invalid(err error) error {
	return &problem{status: http.StatusBadRequest, text: err.Error()}
}

// ServeHTTP makes controlFunc an http.Handler.
func (f controlFunc) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	value, err := f(r)
	status := http.StatusOK
	if err != nil {
		status = http.StatusInternalServerError
		if p, ok := errors.AsType[*problem](err); ok {
			status = p.status
		}
		value = map[string]string{"error": err.Error()}
	}
	if value == nil {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	w.Header().Set("Content-Type", typeJSON)
	w.WriteHeader(status)
	// An error means that the client has gone away.
	_, _ = w.Write(mustJSON(value))
}

// readJSON decodes the body into value, which stays as it is if there is no body.
// An unknown field is an error, since it is a misspelled one.
func readJSON(r *http.Request, value any) error {
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields()
	err := d.Decode(value)
	if err == nil || errors.Is(err, io.EOF) {
		return nil
	}
	return invalid(fmt.Errorf("reading the body: %w", err))
}

func (s *Simulator) controlGetSettings(*http.Request) (any, error) {
	settings := s.Settings()
	return settingsBody{Settings: settings, VisibleAfter: duration(settings.VisibleAfter), ListLag: duration(settings.ListLag)}, nil
}

func (s *Simulator) controlSetSettings(r *http.Request) (any, error) {
	var body settingsBody
	if err := readJSON(r, &body); err != nil {
		return nil, err
	}
	settings := body.settings()
	if err := settings.Validate(); err != nil {
		return nil, invalid(err)
	}
	s.SetSettings(settings)
	return s.controlGetSettings(r)
}

func (s *Simulator) controlInject(r *http.Request) (any, error) {
	var body faultBody
	if err := readJSON(r, &body); err != nil {
		return nil, err
	}
	f := body.fault()
	if err := f.Validate(); err != nil {
		return nil, invalid(err)
	}
	return map[string]int{"id": s.Inject(f)}, nil
}

func (s *Simulator) controlClearFaults(*http.Request) (any, error) {
	s.ClearFaults()
	return nil, nil
}

func (s *Simulator) controlClearFault(r *http.Request) (any, error) {
	id, err := strconv.Atoi(r.PathValue("id"))
	if err != nil || !s.ClearFault(id) {
		return nil, missing("fault")
	}
	return nil, nil
}

func (s *Simulator) controlJournal(r *http.Request) (any, error) {
	query := r.URL.Query()
	since := 0
	if v := query.Get("since"); v != "" {
		var err error
		if since, err = strconv.Atoi(v); err != nil {
			return nil, invalid(fmt.Errorf("since: %w", err))
		}
	}
	requests := []Request{}
	for _, request := range s.JournalSince(since) {
		if emptyOr(query.Get("operation"), request.Operation) {
			requests = append(requests, request)
		}
	}
	return map[string]any{"requests": requests}, nil
}

func (s *Simulator) controlResetJournal(*http.Request) (any, error) {
	s.ResetJournal()
	return nil, nil
}

func (s *Simulator) controlCounts(*http.Request) (any, error) {
	return s.Counts(), nil
}
