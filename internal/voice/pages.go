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

// maxPages is the most pages of a list that are read.
const maxPages = 200

// listing describes a list of items that are W on the wire and returned as T.
type listing[W, T any] struct {
	operation Operation
	segments  []string
	query     url.Values
	// items is the JSON key of the items in a page, next that of the next URI.
	items, next string
	// keys are JSON keys of an item that are to be replaced by others.
	keys map[string]string
	// convert checks an item and returns it in the other form.
	convert func(W) (T, error)
}

// pages iterates over the pages of a list, and ends after the first error.
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

// page reads one page and the URL of the next one, nil after the last. It adds
// the URL of the page to those that were seen.
func page[W, T any](ctx context.Context, c *Client, l listing[W, T], target *url.URL, seen map[string]bool) ([]T, *url.URL, error) {
	var items []T
	var next *url.URL
	seen[target.String()] = true
	err := c.do(ctx, request{
		operation: l.operation, method: http.MethodGet, target: target,
		read: func(body []byte) (err error) {
			var nextURI string
			if items, nextURI, err = decodePage(body, l); err != nil {
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

// decodePage reads the items of a page and the URI of the next one. One bad item
// makes the page unreadable: participants missing from a list count as gone.
func decodePage[W, T any](body []byte, l listing[W, T]) (items []T, next string, err error) {
	var envelope map[string]json.RawMessage
	if err := decode(body, &envelope); err != nil {
		return nil, "", err
	}
	var wire []W
	if err := decode(renameKeys(envelope[l.items], l.keys), &wire); err != nil || wire == nil {
		return nil, "", fmt.Errorf("%w: it has no list of %s", errUnreadable, l.items)
	}
	items = make([]T, len(wire))
	for i, item := range wire {
		if items[i], err = l.convert(item); err != nil {
			return nil, "", err
		}
	}
	if uri, ok := envelope[l.next]; ok {
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

// follow returns the URL of a next page, nil if there is none. The page must
// belong to the same account on the same host, since the credentials are sent
// there, and must be a new one.
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
		return nil, fmt.Errorf("%w: the next page was read before", errUnreadable)
	case len(seen) >= maxPages:
		return nil, fmt.Errorf("%w: the list has more than %d pages", errUnreadable, maxPages)
	}
	return next, nil
}

// owns reports whether a URL belongs to the account of this client.
func (c *Client) owns(target *url.URL) bool {
	if target.Scheme != c.base.Scheme || target.Host != c.base.Host || target.User != nil {
		return false
	}
	// Parse leaves escaped dots in the path, but a server may resolve them.
	dots := func(segment string) bool { return segment == "." || segment == ".." }
	account := c.config.Dialect.accountPath(c.config.AccountSID)
	return strings.HasPrefix(target.EscapedPath(), account+"/") && !slices.ContainsFunc(strings.Split(target.Path, "/"), dots)
}
