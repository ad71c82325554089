package voicesim

import (
	"net/http"
	"net/url"
	"strings"
	"time"
)

// perform checks credentials and rate limit, then carries a request out as the
// provider would.
func (s *Simulator) perform(x *exchange) reply {
	if x.AccountSID == "" {
		return failed(x.refused)
	}
	a, f := s.authorize(x)
	if f != nil {
		return failed(f)
	}
	now := s.now()
	if s.settings.RateLimit == 0 {
		return s.operate(x, a, now)
	}
	header, allowed := a.spend(x.Method, s.settings.RateLimit, now)
	response := failed(newFailure(http.StatusTooManyRequests, 0))
	if allowed {
		response = s.operate(x, a, now)
	}
	response.header = header
	return response
}

func (s *Simulator) operate(x *exchange, a *account, now time.Time) reply {
	if x.refused != nil {
		return failed(x.refused)
	}
	switch x.Operation {
	case OpListConferences:
		return s.listConferences(x, a, now)
	case OpListCalls:
		return s.listCalls(x, a, now)
	case OpGetCall:
		return s.getCall(x, a, now)
	}
	return s.operateOnConference(x, a, now)
}

func (s *Simulator) operateOnConference(x *exchange, a *account, now time.Time) reply {
	c := s.conferences[x.ConferenceSID]
	if c == nil || c.account != a || now.Before(c.visibleAt) {
		return failed(notFound())
	}
	switch x.Operation {
	case OpGetConference:
		return found(c.body(s.settings.OddDates))
	case OpUpdateConference:
		return s.updateConference(x, c, now)
	case OpListParticipants:
		return s.listParticipants(x, c, now)
	}
	return s.operateOnParticipant(x, c, now)
}

func (s *Simulator) operateOnParticipant(x *exchange, c *conference, now time.Time) reply {
	if c.Status == StatusCompleted {
		return failed(s.over())
	}
	m := c.byCall[x.CallSID]
	if m == nil || now.Before(m.visibleAt) {
		return failed(notFound())
	}
	switch x.Operation {
	case OpUpdateParticipant:
		return s.updateParticipant(x, m, now)
	case OpRemoveParticipant:
		s.hangUp(m.CallSID, now)
		x.applied = true
		return reply{status: http.StatusNoContent}
	}
	return found(m.shown(now, now).body(s.settings.OddDates))
}

// over returns the failure for a participant of a conference that is over.
func (s *Simulator) over() *failure {
	switch s.settings.CompletedConference {
	case CompletedBadRequest:
		return newFailure(http.StatusBadRequest, codeInvalidArgument)
	case CompletedUnprocessable:
		return unprocessable(codeInvalidArgument)
	}
	return notFound()
}

func (s *Simulator) updateConference(x *exchange, c *conference, now time.Time) reply {
	if c.Status == StatusCompleted {
		return failed(s.over())
	}
	r := newFormReader(x.Form, s.settings)
	status, ending := r.text("Status")
	_, announcing := r.url("AnnounceUrl")
	r.method("AnnounceMethod")
	if f := r.done(); f != nil {
		return failed(f)
	}
	if ending && status != StatusCompleted {
		return failed(unprocessable(codeInvalidStatus))
	}
	if announcing {
		c.Announced++
	}
	if ending {
		s.complete(c, now)
	}
	x.applied = true
	return found(c.body(s.settings.OddDates))
}

type conferencePage struct {
	envelope

	Conferences []conferenceBody `json:"conferences"`
}

func (s *Simulator) listConferences(x *exchange, a *account, now time.Time) reply {
	q, f := parsePage(x.Request, conferencesPath(a.sid))
	if f != nil {
		return failed(f)
	}
	created, createdFailure := parseDays(x.Form, "DateCreated")
	updated, updatedFailure := parseDays(x.Form, "DateUpdated")
	if createdFailure != nil || updatedFailure != nil {
		return failed(newFailure(http.StatusBadRequest, codeInvalidArgument))
	}
	at := s.lag(x, now)
	name, status := x.Form.Get("FriendlyName"), x.Form.Get("Status")
	chosen, e := cut(a.conferences, q, func(c *conference) bool {
		was := c.past.at(at, c.Conference)
		return !now.Before(c.visibleAt) && !c.DateCreated.After(at) && s.named(name, c) &&
			emptyOr(status, was.Status) && created.include(c.DateCreated) && updated.include(was.DateUpdated)
	})
	page := conferencePage{envelope: e, Conferences: make([]conferenceBody, 0, len(chosen))}
	for _, c := range chosen {
		page.Conferences = append(page.Conferences, c.past.at(at, c.Conference).body(s.settings.OddDates))
	}
	return found(page)
}

// named reports whether a conference has the name of a filter.
func (s *Simulator) named(filter string, c *conference) bool {
	if s.settings.NamePrefix {
		return strings.HasPrefix(c.FriendlyName, filter)
	}
	return emptyOr(filter, c.FriendlyName)
}

type participantPage struct {
	envelope

	Participants []participantBody `json:"participants"`
}

func (s *Simulator) listParticipants(x *exchange, c *conference, now time.Time) reply {
	at := s.lag(x, now)
	members, f := s.roster(c, now, at)
	if f != nil {
		return failed(f)
	}
	q, f := parsePage(x.Request, conferencePath(c.AccountSID, c.SID)+"/Participants")
	if f != nil {
		return failed(f)
	}
	r := newFormReader(x.Form, s.settings)
	muted, hold := r.boolean("Muted"), r.boolean("Hold")
	if r.failure != nil {
		return failed(r.failure)
	}
	chosen, e := cut(members, q, func(m *member) bool {
		p := m.shown(now, at)
		return m.present(now, at) && nilOr(muted, p.Muted) && nilOr(hold, p.Hold)
	})
	page := participantPage{envelope: e, Participants: make([]participantBody, 0, len(chosen))}
	for _, m := range chosen {
		page.Participants = append(page.Participants, m.shown(now, at).body(s.settings.OddDates))
	}
	return found(page)
}

func nilOr(want *bool, got bool) bool { return want == nil || *want == got }

// days is a filter by date; an empty field does not filter.
type days struct{ exact, from, to string }

// parseDays reads a date filter. The sign < or > is part of the name of the
// parameter.
func parseDays(form url.Values, name string) (days, error) {
	d := days{exact: form.Get(name), from: form.Get(name + ">"), to: form.Get(name + "<")}
	for _, day := range []string{d.exact, d.from, d.to} {
		if day == "" {
			continue
		}
		if _, err := time.Parse(time.DateOnly, day); err != nil {
			return d, err
		}
	}
	return d, nil
}

func (d days) include(t time.Time) bool {
	day := t.UTC().Format(time.DateOnly)
	return emptyOr(d.exact, day) && day >= d.from && (d.to == "" || day <= d.to)
}
