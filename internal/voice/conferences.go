package voice

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"net/http"
	"net/url"
)

// The statuses of a conference, the same for all providers of this family.
const (
	// ConferenceInit is a conference that has not begun.
	ConferenceInit = "init"
	// ConferenceInProgress is a conference that has begun.
	ConferenceInProgress = "in-progress"
	// ConferenceCompleted is a conference that is over. It never begins again.
	ConferenceCompleted = "completed"
)

// Conference is a conference as the provider describes it. Only SID is sure to
// be there.
type Conference struct {
	// SID of the conference.
	SID string `json:"sid"`
	// AccountSID is the account.
	AccountSID string `json:"account_sid"`
	// FriendlyName is the name in <Conference>. Later conferences may have the
	// same one.
	FriendlyName string `json:"friendly_name"`
	// Status is ConferenceInit, ConferenceInProgress or ConferenceCompleted.
	Status string `json:"status"`
	// DateCreated is as the provider wrote it, usually RFC 2822.
	DateCreated string `json:"date_created"`
	// DateUpdated is as the provider wrote it.
	DateUpdated string `json:"date_updated"`
	// APIVersion is the version of the API, such as 2010-04-01.
	APIVersion string `json:"api_version"`
	// Region is where the audio is mixed, such as us1.
	Region string `json:"region"`
	// URI of the conference, relative to the base URL.
	URI string `json:"uri"`
}

// check returns the conference, or an error if it has no SID or a field that is
// too long.
func (conference Conference) check() (Conference, error) {
	if conference.SID == "" {
		return Conference{}, fmt.Errorf("%w: it is not a conference", errUnreadable)
	}
	err := checkLength(conference.SID, conference.AccountSID, conference.FriendlyName, conference.Status, conference.DateCreated,
		conference.DateUpdated, conference.APIVersion, conference.Region, conference.URI)
	return conference, err
}

// ConferenceFilter selects conferences of a list; an empty field selects all.
type ConferenceFilter struct {
	// FriendlyName of the conferences.
	FriendlyName string
	// Status of the conferences: init, in-progress or completed.
	Status string
	// PageSize is how many conferences a page has at most, no more than the
	// dialect's largest size; the provider's default if 0.
	PageSize int
}

func (f ConferenceFilter) query(paging Paging) url.Values {
	query := paging.query(f.PageSize)
	if f.FriendlyName != "" {
		query.Set("FriendlyName", f.FriendlyName)
	}
	if f.Status != "" {
		query.Set("Status", f.Status)
	}
	return query
}

// ConferencePages lists conferences. Each page is one request, sent when the
// iteration gets there. The iteration ends after the first error. A conference that
// can't be read is left out: one that is missing may be there.
func (c *Client) ConferencePages(ctx context.Context, filter ConferenceFilter) iter.Seq2[[]Conference, error] {
	return pages(ctx, c, listing[[]Conference]{
		operation: OpListConferences,
		segments:  []string{"Conferences"},
		query:     filter.query(c.config.Dialect.Conferences),
		items:     conferencesKey,
		next:      c.config.Dialect.Conferences.NextKey,
		read:      readConferences,
	})
}

// conferencesKey is the JSON key of the rows of a list of conferences.
const conferencesKey = "conferences"

func readConferences(raw json.RawMessage) (conferences []Conference, sids []string, err error) {
	rows, err := rowsOf(raw)
	if err != nil {
		return nil, nil, err
	}
	conferences = make([]Conference, 0, len(rows))
	for _, row := range rows {
		var conference Conference
		err := json.Unmarshal(row, &conference)
		if err == nil {
			conference, err = conference.check()
		}
		if err == nil {
			conferences = append(conferences, conference)
		}
		sids = append(sids, conference.SID)
	}
	return conferences, sids, nil
}

// rowsOf returns the rows of a list of conferences, whatever they are.
func rowsOf(raw json.RawMessage) (rows []json.RawMessage, err error) {
	if json.Unmarshal(raw, &rows) != nil || rows == nil {
		return nil, fmt.Errorf("%w: it has no list of conferences", errUnreadable)
	}
	return rows, nil
}

// GetConference reads one conference. The error is of ClassGone if there is none.
func (c *Client) GetConference(ctx context.Context, sid string) (Conference, error) {
	var conference Conference
	path, err := c.path(OpGetConference, "Conferences", sid)
	if err != nil {
		return Conference{}, err
	}
	err = c.do(ctx, request{
		operation: OpGetConference, method: http.MethodGet, target: c.target(path, nil),
		read: func(body []byte) (err error) {
			if err := decode(body, &conference); err != nil {
				return err
			}
			if conference.SID != sid {
				return fmt.Errorf("%w: it is about another conference than the requested one", errUnreadable)
			}
			conference, err = conference.check()
			return err
		},
	})
	if err != nil {
		return Conference{}, err
	}
	return conference, nil
}

// VerifyToken checks the credentials with the cheapest request of the API, a list
// of at most one conference. Any other response than a list is an error; what is in
// it, and where it leads, does not matter.
func (c *Client) VerifyToken(ctx context.Context) error {
	path, err := c.path(OpListConferences, "Conferences")
	if err != nil {
		return err
	}
	return c.do(ctx, request{
		operation: OpListConferences, method: http.MethodGet,
		target: c.target(path, ConferenceFilter{PageSize: 1}.query(c.config.Dialect.Conferences)),
		read: func(body []byte) error {
			var envelope map[string]json.RawMessage
			if err := decode(body, &envelope); err != nil {
				return err
			}
			_, err := rowsOf(envelope[conferencesKey])
			return err
		},
	})
}
