package voice

import (
	"context"
	"encoding/json"
	"iter"
	"net/http"
	"net/url"
	"time"
)

// maxPages is the most pages of a list that are read.
const maxPages = 200

// listing describes a list, the pages of which are returned as P.
type listing[P any] struct {
	operation Operation
	segments  []string
	query     url.Values
	// items is the JSON key of the rows in a page, next that of the next URI.
	items, next string
	// read decodes the rows of a page that was sent at a date, and returns the SID of
	// each; "" where that can't be read.
	read func(rows json.RawMessage, date time.Time) (page P, sids []string, err error)
}

// course is how far a list was followed.
type course struct {
	pages map[string]bool
	sids  map[string]bool
}

// pages iterates over the pages of a list, and ends after the first error. A page
// that can be read counts, wherever it leads: the error comes after it.
func pages[P any](ctx context.Context, c *Client, l listing[P]) iter.Seq2[P, error] {
	return func(yield func(P, error) bool) {
		var none P
		path, err := c.path(l.operation, l.segments...)
		if err != nil {
			yield(none, err)
			return
		}
		passed := course{map[string]bool{}, map[string]bool{}}
		for target := c.target(path, l.query); target != nil; {
			page, leads, err := fetch(ctx, c, l, target)
			if !yield(page, err) || err != nil {
				return
			}
			query, err := passed.follow(target, leads)
			if err != nil {
				yield(none, c.broken(&Error{Operation: l.operation, Class: ClassUnknownOutcome, HTTPStatus: http.StatusOK}, err))
				return
			}
			if target = nil; query != nil {
				target = c.target(path, query)
			}
		}
	}
}

// lead is where a page leads: the value of its next URI, and the SIDs on it.
type lead struct {
	next json.RawMessage
	sids []string
}

// fetch reads one page.
func fetch[P any](ctx context.Context, c *Client, l listing[P], target *url.URL) (page P, leads lead, err error) {
	var date time.Time
	err = c.do(ctx, request{
		operation: l.operation, target: target, date: &date,
		read: func(body []byte) (err error) {
			var envelope map[string]json.RawMessage
			if err := decode(body, &envelope); err != nil {
				return err
			}
			leads.next = envelope[l.next]
			page, leads.sids, err = l.read(envelope[l.items], date)
			return err
		},
	})
	return page, leads, err
}

// follow returns the query of the next page, nil if there is none. Nothing else of
// its URI counts: the page is read from the path that was asked for, so that the
// credentials stay there. It must be a page that was not read before, and one with
// nothing new on it leads nowhere.
func (c *course) follow(target *url.URL, leads lead) (url.Values, error) {
	c.pages[target.RawQuery] = true
	fresh := c.note(leads.sids)
	query, further := leads.query()
	switch {
	case !further:
		return nil, nil
	case len(query) == 0, c.pages[query.Encode()], !fresh, len(c.pages) >= maxPages:
		return nil, flawError{FlawNextPage}
	}
	return query, nil
}

// query returns the query of the next page, empty if it can't be read; further
// reports whether there is such a page.
func (l lead) query() (query url.Values, further bool) {
	var uri *string
	if l.next != nil && json.Unmarshal(l.next, &uri) != nil {
		return nil, true
	}
	if uri == nil || *uri == "" {
		return nil, false
	}
	next, err := url.Parse(*uri)
	if err != nil {
		return nil, true
	}
	query, err = url.ParseQuery(next.RawQuery)
	if err != nil {
		return nil, true
	}
	return query, true
}

// note remembers the SIDs of a page, and reports whether any row may be a new one.
func (c *course) note(sids []string) (fresh bool) {
	for _, sid := range sids {
		fresh = fresh || sid == "" || !c.sids[sid]
		c.sids[sid] = true
	}
	return fresh
}
