package voicesim

import (
	"strings"
	"time"
)

const (
	// apiVersion is the only version of the API.
	apiVersion = "2010-04-01"
	// apiRoot is the path in front of /Accounts.
	apiRoot = "/api/laml/" + apiVersion
	// bareRoot is where the API is served as well: the vendor's own client asks there.
	bareRoot = "/" + apiVersion
)

// participantBody is a participant in a response, which has these fields and no
// others.
type participantBody struct {
	AccountSID             string  `json:"account_sid"`
	CallSID                string  `json:"call_sid"`
	CallSIDToCoach         *string `json:"call_sid_to_coach"`
	Coaching               bool    `json:"coaching"`
	ConferenceSID          string  `json:"conference_sid"`
	DateCreated            string  `json:"date_created"`
	Status                 string  `json:"status"`
	DateUpdated            string  `json:"date_updated"`
	EndConferenceOnExit    bool    `json:"end_conference_on_exit"`
	Muted                  bool    `json:"muted"`
	Hold                   bool    `json:"hold"`
	StartConferenceOnEnter bool    `json:"start_conference_on_enter"`
	URI                    string  `json:"uri"`
}

func (p Participant) body(oddDates bool) participantBody {
	b := participantBody{
		AccountSID: p.AccountSID, CallSID: p.CallSID, ConferenceSID: p.ConferenceSID,
		Coaching: p.Coaching, Muted: p.Muted, Hold: p.Hold, Status: p.Status,
		EndConferenceOnExit:    p.EndConferenceOnExit,
		StartConferenceOnEnter: p.StartConferenceOnEnter,
		DateCreated:            wireDate(p.DateCreated, oddDates),
		DateUpdated:            wireDate(p.DateUpdated, oddDates),
		URI:                    conferencePath(p.AccountSID, p.ConferenceSID) + "/Participants/" + p.CallSID + ".json",
	}
	if p.CallSIDToCoach != "" {
		b.CallSIDToCoach = &p.CallSIDToCoach
	}
	return b
}

// conferenceBody is a conference in a response.
type conferenceBody struct {
	SID             string            `json:"sid"`
	AccountSID      string            `json:"account_sid"`
	FriendlyName    string            `json:"friendly_name"`
	Status          string            `json:"status"`
	APIVersion      string            `json:"api_version"`
	Region          string            `json:"region"`
	DateCreated     string            `json:"date_created"`
	DateUpdated     string            `json:"date_updated"`
	URI             string            `json:"uri"`
	SubresourceURIs map[string]string `json:"subresource_uris"`
}

func (c Conference) body(oddDates bool) conferenceBody {
	path := conferencePath(c.AccountSID, c.SID)
	return conferenceBody{
		SID: c.SID, AccountSID: c.AccountSID, FriendlyName: c.FriendlyName, Status: c.Status,
		APIVersion: apiVersion, Region: "us1",
		DateCreated: wireDate(c.DateCreated, oddDates),
		DateUpdated: wireDate(c.DateUpdated, oddDates),
		URI:         path + ".json",
		SubresourceURIs: map[string]string{
			"participants": path + "/Participants.json",
			"recordings":   path + "/Recordings.json",
		},
	}
}

func conferencePath(accountSID, conferenceSID string) string {
	return conferencesPath(accountSID) + "/" + conferenceSID
}

func conferencesPath(accountSID string) string {
	return apiRoot + "/Accounts/" + accountSID + "/Conferences"
}

// wireDate writes a time as in RFC 2822, or if odd as in the samples of the
// provider.
func wireDate(t time.Time, odd bool) string {
	t = t.UTC()
	if !odd {
		return t.Format(time.RFC1123Z)
	}
	return strings.Replace(t.Format("Mon, 2 Jan 2006 15:04:05 -0700"), " Sep ", " Sept ", 1)
}
