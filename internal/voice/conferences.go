package voice

import (
	"context"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"strconv"
)

// Conference is a conference, as far as this client is concerned.
type Conference struct {
	// SID of the conference.
	SID string `json:"sid"`
	// AccountSID is the account.
	AccountSID string `json:"account_sid"`
	// FriendlyName is what <Conference> calls it. It recurs over time.
	FriendlyName string `json:"friendly_name"`
	// Status is init, in-progress or completed.
	Status string `json:"status"`
	// DateCreated is as the provider wrote it, usually RFC 2822.
	DateCreated string `json:"date_created"`
	// DateUpdated is as the provider wrote it.
	DateUpdated string `json:"date_updated"`
	// APIVersion is 2010-04-01.
	APIVersion string `json:"api_version"`
	// Region is where it is mixed, such as us1.
	Region string `json:"region"`
	// URI of the conference, relative to the base URL.
	URI string `json:"uri"`
}

func (conference Conference) check() (Conference, error) {
	if conference.SID == "" {
		return Conference{}, fmt.Errorf("%w: it is no conference", errUnreadable)
	}
	err := checkLength(conference.SID, conference.AccountSID, conference.FriendlyName, conference.Status, conference.DateCreated,
		conference.DateUpdated, conference.APIVersion, conference.Region, conference.URI)
	return conference, err
}

// ConferenceFilter narrows a list of conferences; what is empty does not.
type ConferenceFilter struct {
	// FriendlyName of the conferences.
	FriendlyName string
	// Status of the conferences: init, in-progress or completed.
	Status string
	// PageSize is from 1 to 1000; the provider's default of 50 if 0.
	PageSize int
}

func (f ConferenceFilter) query() url.Values {
	query := url.Values{}
	if f.FriendlyName != "" {
		query.Set("FriendlyName", f.FriendlyName)
	}
	if f.Status != "" {
		query.Set("Status", f.Status)
	}
	if f.PageSize > 0 {
		query.Set("PageSize", strconv.Itoa(f.PageSize))
	}
	return query
}

// ConferencePages lists conferences, a request and a page at a time. It ends
// after the first error.
func (c *Client) ConferencePages(ctx context.Context, filter ConferenceFilter) iter.Seq2[[]Conference, error] {
	return pages(ctx, c, listing[Conference, Conference]{
		operation: OpListConferences,
		segments:  []string{"Conferences"},
		query:     filter.query(),
		items:     "conferences",
		convert:   Conference.check,
	})
}

// GetConference reads one conference.
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
				return fmt.Errorf("%w: it is not about the conference that was asked for", errUnreadable)
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

// VerifyToken proves the credentials with the cheapest request there is: a list
// of one conference. Anything but such a list is an error.
func (c *Client) VerifyToken(ctx context.Context) error {
	for _, err := range c.ConferencePages(ctx, ConferenceFilter{PageSize: 1}) {
		return err
	}
	return nil
}
