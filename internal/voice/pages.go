package voice

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// maxPages bounds a list: a provider that never stops must not keep us.
const maxPages = 200

// listing is a list of items as they are on the wire, W, and as they are
// returned, T.
type listing[W, T any] struct {
	operation Operation
	segments  []string
	query     url.Values
	// items is the key of the items in a page.
	items   string
	convert func(W) (T, error)
}

// pages follows the pages of a list. An error ends it.
func pages[W, T any](ctx context.Context, c *Client, l listing[W, T]) iter.Seq2[[]T, error] {
	return func(yield func([]T, error) bool) {
		path, err := c.path(l.operation, l.segments...)
		if err != nil {
			yield(nil, err)
			return
		}
		seen := map[string]bool{}
		for target := c.target(path, l.query); target != nil; {
			items, next, err := page(ctx, c, l, target, seen)
			if !yield(items, err) || err != nil {
				return
			}
			target = next
		}
	}
}

// page reads one page, and where the next one is, if there is one. It adds its
// own place to those that were seen.
func page[W, T any](ctx context.Context, c *Client, l listing[W, T], target *url.URL, seen map[string]bool) ([]T, *url.URL, error) {
	var items []T
	var next *url.URL
	seen[target.String()] = true
	err := c.do(ctx, request{
		operation: l.operation, method: http.MethodGet, target: target,
		read: func(body []byte) (err error) {
			var nextURI string
			if items, nextURI, err = decodePage(body, l.items, l.convert); err != nil {
				return err
			}
			next, err = c.follow(nextURI, seen)
			return err
		},
	})
	if err != nil {
		return nil, nil, err
	}
	return items, next, nil
}

// decodePage reads the items under a key, and the URI of the next page. One bad
// item spoils the page: half a list would look like departures.
func decodePage[W, T any](body []byte, key string, convert func(W) (T, error)) (items []T, next string, err error) {
	var envelope map[string]json.RawMessage
	if err := decode(body, &envelope); err != nil {
		return nil, "", err
	}
	var wire []W
	if err := decode(envelope[key], &wire); err != nil || wire == nil {
		return nil, "", fmt.Errorf("%w: it has no list of %s", errUnreadable, key)
	}
	items = make([]T, len(wire))
	for i, item := range wire {
		if items[i], err = convert(item); err != nil {
			return nil, "", err
		}
	}
	if uri, ok := envelope["next_page_uri"]; ok {
		var found *string
		if err := decode(uri, &found); err != nil {
			return nil, "", err
		}
		if found != nil {
			next = *found
		}
	}
	return items, next, nil
}

// follow resolves the URI of a next page. It must stay with the account on the
// same host, or the credentials would go elsewhere, and lead onwards.
func (c *Client) follow(uri string, seen map[string]bool) (*url.URL, error) {
	if uri == "" {
		return nil, nil
	}
	next, err := c.base.Parse(uri)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w: the next page has no usable URI", errUnreadable)
	case !c.owns(next):
		return nil, fmt.Errorf("%w: the next page is elsewhere", errUnreadable)
	case seen[next.String()]:
		return nil, fmt.Errorf("%w: the next page was there before", errUnreadable)
	case len(seen) >= maxPages:
		return nil, fmt.Errorf("%w: the list has more than %d pages", errUnreadable, maxPages)
	}
	return next, nil
}

// owns says whether a URL is one of the account of this client.
func (c *Client) owns(target *url.URL) bool {
	if target.Scheme != c.base.Scheme || target.Host != c.base.Host || target.User != nil {
		return false
	}
	// Dots that were escaped are still there: a server may resolve them.
	dots := func(segment string) bool { return segment == "." || segment == ".." }
	return strings.HasPrefix(target.EscapedPath(), c.home()+"/") && !slices.ContainsFunc(strings.Split(target.Path, "/"), dots)
}
