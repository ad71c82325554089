package voice

import (
	"encoding/json"
	"fmt"
	"time"
)

// ListPage is one page of a list of conferences or calls.
type ListPage[T any] struct {
	// Items are the rows that can be read.
	Items []T
	// Unreadable are the SIDs of the other rows, "" where that can't be read either:
	// what such a row is about is neither known nor missing.
	Unreadable []string
	// Date is the time of the response by the provider's clock, zero if its header
	// can't be read.
	Date time.Time
}

// readRows returns the rows of a list, those that can't be read apart. The function
// read makes an item of a row and returns its SID. A row that is no object is zero.
func readRows[W, T any](raw json.RawMessage, date time.Time, read func(W) (T, string, error)) (page ListPage[T], sids []string, err error) {
	var rows []W
	if err := decodeRows(raw, &rows); err != nil || rows == nil {
		return ListPage[T]{}, nil, fmt.Errorf("%w: it has no list", errUnreadable)
	}
	page = ListPage[T]{Items: make([]T, 0, len(rows)), Date: date}
	sids = make([]string, len(rows))
	for i, row := range rows {
		item, sid, err := read(row)
		if len(sid) <= maxField {
			sids[i] = sid
		}
		if err == nil {
			page.Items = append(page.Items, item)
		} else {
			page.Unreadable = append(page.Unreadable, sids[i])
		}
	}
	return page, sids, nil
}
