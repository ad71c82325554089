package voicesim

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

const (
	defaultPageSize = 50
	maxPageSize     = 1000
)

// placed is an item of a list, which is ordered by place.
type placed interface{ place() uint64 }

func comparePlace[T placed](item T, place uint64) int {
	return cmp.Compare(item.place(), place)
}

// envelope is the part of a page that is the same for all lists.
type envelope struct {
	URI             string  `json:"uri"`
	FirstPageURI    string  `json:"first_page_uri"`
	NextPageURI     *string `json:"next_page_uri"`
	PreviousPageURI *string `json:"previous_page_uri"`
	Page            int     `json:"page"`
	PageSize        int     `json:"page_size"`
}

// pageQuery is the requested page of a list. A token has the place of an item, not
// a count, so that pages stay the same when calls join.
type pageQuery struct {
	// list identifies the list; path is where it was asked for, under either root: so
	// are its other pages, without .json as on recorded traffic.
	list   string
	path   string
	form   url.Values
	page   int
	size   int
	prefix string
	place  uint64
}

func parsePage(r Request, list string) (pageQuery, *failure) {
	form := r.Form
	q := pageQuery{list: list, path: strings.TrimSuffix(r.Path, ".json"), form: form}
	var ok bool
	if q.size, ok = parseNumber(form.Get("PageSize"), defaultPageSize); !ok || q.size < 1 || q.size > maxPageSize {
		return q, newFailure(http.StatusBadRequest, codeInvalidPageSize)
	}
	token := form.Get("PageToken")
	if q.page, ok = parseNumber(form.Get("Page"), 0); !ok || q.page < 0 || q.page > 0 && token == "" {
		return q, newFailure(http.StatusBadRequest, codeMissingPageToken)
	}
	if token == "" {
		return q, nil
	}
	if q.prefix, q.place, ok = parsePageToken(list, token); !ok {
		return q, newFailure(http.StatusBadRequest, codeInvalidPageToken)
	}
	return q, nil
}

// parseNumber returns the number in text, or absent if text is empty, and whether
// text is valid.
func parseNumber(text string, absent int) (int, bool) {
	if text == "" {
		return absent, true
	}
	n, err := strconv.Atoi(text)
	return n, err == nil
}

// cut returns the items of a page and its envelope. Pages have only items that
// keep accepts. The cost depends on the items up to the end of the page, not on
// the length of the list.
func cut[T placed](items []T, q pageQuery, keep func(T) bool) ([]T, envelope) {
	var chosen []T
	if q.prefix == tokenBefore {
		end, _ := slices.BinarySearchFunc(items, q.place, comparePlace[T])
		chosen = takeBackward(items[:end], q.size, keep)
	} else {
		chosen = takeForward(after(items, q), q.size, keep)
	}
	e := envelope{
		URI: q.uri(q.page, q.form.Get("PageToken")), FirstPageURI: q.uri(0, ""),
		Page: q.page, PageSize: q.size,
	}
	if len(chosen) == 0 {
		return chosen, e
	}
	first, last := chosen[0].place(), chosen[len(chosen)-1].place()
	if q.page > 0 {
		e.PreviousPageURI = new(q.uri(q.page-1, newPageToken(tokenBefore, q.list, first)))
	}
	rest := after(items, pageQuery{prefix: tokenAfter, place: last})
	if slices.ContainsFunc(rest, keep) {
		e.NextPageURI = new(q.uri(q.page+1, newPageToken(tokenAfter, q.list, last)))
	}
	return chosen, e
}

// after returns the items after the place in q, all if it has none.
func after[T placed](items []T, q pageQuery) []T {
	if q.prefix == "" {
		return items
	}
	start, found := slices.BinarySearchFunc(items, q.place, comparePlace[T])
	if found {
		start++
	}
	return items[start:]
}

func takeForward[T placed](items []T, size int, keep func(T) bool) []T {
	chosen := make([]T, 0, min(size, len(items)))
	for _, item := range items {
		if len(chosen) == size {
			break
		}
		if keep(item) {
			chosen = append(chosen, item)
		}
	}
	return chosen
}

func takeBackward[T placed](items []T, size int, keep func(T) bool) []T {
	chosen := make([]T, 0, min(size, len(items)))
	for i := len(items) - 1; i >= 0 && len(chosen) < size; i-- {
		if keep(items[i]) {
			chosen = append(chosen, items[i])
		}
	}
	slices.Reverse(chosen)
	return chosen
}

// uri returns the host-relative address of a page of this list.
func (q pageQuery) uri(page int, token string) string {
	form := url.Values{}
	for name, values := range q.form {
		form[name] = values
	}
	form.Set("Page", strconv.Itoa(page))
	form.Set("PageSize", strconv.Itoa(q.size))
	form.Del("PageToken")
	if token != "" {
		form.Set("PageToken", token)
	}
	return q.path + "?" + form.Encode()
}
