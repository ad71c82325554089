package voice

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"net/url"
	"time"
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

// Conference is a conference as the provider describes it. Only SID is sure to be
// there, and in a list FriendlyName and Status.
type Conference struct {
	// SID of the conference.
	SID string
	// AccountSID is the account.
	AccountSID string
	// FriendlyName is the name in <Conference>. Later conferences may have the
	// same one. Names are the same if their bytes are.
	FriendlyName string
	// Status is ConferenceInit, ConferenceInProgress or ConferenceCompleted.
	Status string
	// DateCreated is as the provider wrote it, usually RFC 2822.
	DateCreated string
	// DateUpdated is as the provider wrote it.
	DateUpdated string
	// APIVersion is the version of the API, such as 2010-04-01.
	APIVersion string
	// Region is where the audio is mixed, such as us1.
	Region string
	// URI of the conference, relative to the base URL.
	URI string
}

// ConferenceFilter selects conferences of a list; an empty field selects all.
type ConferenceFilter struct {
	// FriendlyName of the conferences.
	FriendlyName string
	// Status of the conferences: init, in-progress or completed.
	Status string
	// PageSize is how many conferences a page has at most, no more than the
	// dialect's largest size, which 0 stands for.
	PageSize int
}

func (f ConferenceFilter) query(paging Paging) url.Values {
	query := paging.query(cmp.Or(f.PageSize, paging.MaxSize))
	if f.FriendlyName != "" {
		query.Set("FriendlyName", f.FriendlyName)
	}
	if f.Status != "" {
		query.Set("Status", f.Status)
	}
	return query
}

// ConferencePage is one page of a list of conferences.
type ConferencePage = ListPage[Conference]

// ConferencePages lists conferences. Each page is one request, sent when the
// iteration gets there. The iteration ends after the first error: the pages before
// it count, but what is not on them may be there. How the provider compares the
// names of a filter is not known, so that a caller has to compare those it gets.
func (c *Client) ConferencePages(ctx context.Context, filter ConferenceFilter) iter.Seq2[ConferencePage, error] {
	return pages(ctx, c, c.config.Dialect.conferenceList(filter))
}

// conferencesKey is the JSON key of the rows of a list of conferences.
const conferencesKey = "conferences"

func (d Dialect) conferenceList(filter ConferenceFilter) listing[ConferencePage] {
	return listing[ConferencePage]{
		operation: OpListConferences,
		segments:  []string{"Conferences"},
		query:     filter.query(d.Conferences),
		items:     conferencesKey,
		next:      d.Conferences.NextKey,
		read: func(rows json.RawMessage, date time.Time) (ConferencePage, []string, error) {
			return readRows(rows, date, wireConference.row)
		},
	}
}

// GetConference reads one conference. The error is of ClassGone if there is none.
func (c *Client) GetConference(ctx context.Context, sid string) (Conference, error) {
	return c.conference(ctx, request{operation: OpGetConference}, sid)
}

// UpdateConference changes a conference and returns the conference in the response.
// It is safe to repeat, unless the update has an announcement, which is played each
// time. The error is of ClassGone if there is no such conference, or if it is over.
func (c *Client) UpdateConference(ctx context.Context, sid string, u ConferenceUpdate) (Conference, error) {
	form, lacking := c.config.Dialect.form(u.Form())
	if err := c.refusal(OpUpdateConference, "conference", lacking); err != nil {
		return Conference{}, err
	}
	return c.conference(ctx, request{operation: OpUpdateConference, form: form}, sid)
}

// conference sends a request about one conference and returns the conference in the
// response.
func (c *Client) conference(ctx context.Context, r request, sid string) (Conference, error) {
	return one(ctx, c, r, []string{"Conferences", sid}, func(body []byte) (Conference, error) {
		var wire wireConference
		if err := decode(body, &wire); err != nil {
			return Conference{}, err
		}
		conference, err := wire.conference()
		if err == nil && conference.SID != sid {
			err = fmt.Errorf("%w: it is about another conference than the requested one", errUnreadable)
		}
		return conference, err
	})
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
		operation: OpListConferences,
		target:    c.target(path, ConferenceFilter{PageSize: 1}.query(c.config.Dialect.Conferences)),
		read: func(body []byte) error {
			var envelope map[string]json.RawMessage
			if err := decode(body, &envelope); err != nil {
				return err
			}
			_, _, err := readRows(envelope[conferencesKey], time.Time{}, wireConference.row)
			return err
		},
	})
}
