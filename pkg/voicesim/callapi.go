package voicesim

import "time"

// callBody is a call in a response.
type callBody struct {
	SID           string  `json:"sid"`
	AccountSID    string  `json:"account_sid"`
	ParentCallSID *string `json:"parent_call_sid"`
	From          string  `json:"from"`
	To            string  `json:"to"`
	Direction     string  `json:"direction"`
	Status        string  `json:"status"`
	APIVersion    string  `json:"api_version"`
	DateCreated   string  `json:"date_created"`
	DateUpdated   string  `json:"date_updated"`
	URI           string  `json:"uri"`
}

func (k Call) body(oddDates bool) callBody {
	b := callBody{
		SID: k.SID, AccountSID: k.AccountSID, From: k.From, To: k.To, Direction: k.Direction, Status: k.Status,
		APIVersion:  apiVersion,
		DateCreated: wireDate(k.DateCreated, oddDates),
		DateUpdated: wireDate(k.DateUpdated, oddDates),
		URI:         callsPath(k.AccountSID) + "/" + k.SID + ".json",
	}
	if k.ParentCallSID != "" {
		b.ParentCallSID = &k.ParentCallSID
	}
	return b
}

func callsPath(accountSID string) string {
	return apiRoot + "/Accounts/" + accountSID + "/Calls"
}

type callPage struct {
	envelope

	Calls []callBody `json:"calls"`
}

func (s *Simulator) getCall(x *exchange, a *account, now time.Time) reply {
	k := s.calls[x.CallSID]
	if k == nil || k.AccountSID != a.sid || now.Before(k.visibleAt) {
		return failed(notFound())
	}
	return found(k.body(s.settings.OddDates))
}

func (s *Simulator) listCalls(x *exchange, a *account, now time.Time) reply {
	q, f := parsePage(x.Request, callsPath(a.sid))
	if f != nil {
		return failed(f)
	}
	at := s.lag(x, now)
	from, to := x.Form.Get("From"), x.Form.Get("To")
	status, parent := x.Form.Get("Status"), x.Form.Get("ParentCallSid")
	chosen, e := cut(a.calls, q, func(k *call) bool {
		return !now.Before(k.visibleAt) && !k.DateCreated.After(at) && emptyOr(from, k.From) && emptyOr(to, k.To) &&
			emptyOr(status, k.past.at(at, k.Call).Status) && emptyOr(parent, k.ParentCallSID)
	})
	page := callPage{envelope: e, Calls: make([]callBody, 0, len(chosen))}
	for _, k := range chosen {
		page.Calls = append(page.Calls, k.past.at(at, k.Call).body(s.settings.OddDates))
	}
	return found(page)
}
