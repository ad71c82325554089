package voice

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Dialect is everything in which the providers of this family of APIs differ.
// The rest of the package is the same for all of them. A Dialect is a value:
// the client reads it and never changes it.
type Dialect struct {
	// Name of the provider, by which DialectFor finds the dialect.
	Name string
	// BaseURLs is a pattern of the base URLs of the provider's own hosts; a host
	// that begins with "*." stands for any name of one more label.
	BaseURLs string
	// Root is the path in front of /Accounts, without a slash at its end.
	Root string
	// Suffix is appended to every path, such as ".json"; "" for none.
	Suffix string
	// Authenticate sets the credentials in the header of a request. It must not
	// do anything else. Each value that it sets is a scheme and a secret, with a
	// space between them, or a secret alone: the secret is kept out of errors.
	Authenticate func(request *http.Request, accountSID string, token Secret)
	// SIDs are the forms of the provider's identifiers.
	SIDs SIDForms
	// UpdateFields are the form fields of updates, by the names that this
	// package has for them. An update with a field that is not in the table is
	// refused without a request: the provider can't do it, and would ignore it
	// in silence. A field with the name "" is left out: the provider does the
	// same without it.
	UpdateFields map[UpdateField]string
	// ParticipantKeys are the JSON keys of a participant that differ: the
	// provider's key, and the one of wireParticipant in its place.
	ParticipantKeys map[string]string
	// OptionalKeys are those of muted, hold and coaching that a participant may
	// lack, which then means false. A participant without one of the others
	// can't be read.
	OptionalKeys []string
	// EndStatuses are the statuses of a participant or call after the end of the call, and
	// RingingStatuses those before it is answered. Any other status, also an unknown
	// or empty one, is that of a call that was answered.
	EndStatuses, RingingStatuses []string
	// Codes are the provider's documented error codes.
	Codes map[int]Code
	// Directions are the words for the directions of a call; any other word is
	// DirectionUnknown.
	Directions map[string]Direction
	// Conferences, Participants and Calls are the paging of the lists.
	Conferences, Participants, Calls Paging
	// RateLimitReset is the header of a 429 that says when the limit is reset,
	// in seconds, or as a Unix time if the number is that large; "" for none.
	// Retry-After is understood from every provider, and is preferred.
	RateLimitReset string
	// RequestID is the header of a response with the provider's name for the request;
	// "" for none.
	RequestID string
}

// SIDForms are regular expressions for whole identifiers; "" accepts any.
type SIDForms struct {
	// Account is checked by New.
	Account string
	// Conference and Call are for input of users. The client does not check
	// them: it sends whatever fits into one segment of a path.
	Conference, Call string
}

// Code is what an error code of a provider means.
type Code struct {
	// Meaning in a few words, as documented.
	Meaning string
	// Class of a 400 or 422 with this code; "" means ClassRefused. Other
	// statuses are classified without the code.
	Class Class
	// Permanent says that the code can only mean a bad request.
	Permanent bool
}

// Paging is how a list is divided into pages.
type Paging struct {
	// SizeParameter is the query parameter for the size of a page; "" if there
	// is none.
	SizeParameter string
	// MaxSize is the largest size of a page.
	MaxSize int
	// NextKey is the JSON key of the URI of the next page, of which the query
	// counts. There is no next page where it is missing, null or empty.
	NextKey string
}

// DialectFor returns the dialect of the provider with that name, and whether
// there is one. Names are compared exactly.
func DialectFor(provider string) (Dialect, bool) {
	for _, dialect := range []Dialect{SignalWire()} {
		if dialect.Name == provider {
			return dialect, true
		}
	}
	return Dialect{}, false
}

// check returns an error for a dialect that was not filled in, and for an
// account SID that the provider can't have.
func (d Dialect) check(accountSID string) error {
	if d.Name == "" || d.Authenticate == nil {
		return fmt.Errorf("the configuration has no dialect")
	}
	if err := checkSegment(accountSID); err != nil {
		return fmt.Errorf("account SID: %w", err)
	}
	form, err := regexp.Compile(d.SIDs.Account)
	if err != nil {
		return fmt.Errorf("the form of account SIDs of %s: %w", d.Name, err)
	}
	if !form.MatchString(accountSID) {
		return fmt.Errorf("account SID: %q does not match %s", accountSID, d.SIDs.Account)
	}
	return nil
}

// accountPath is the path of an account, escaped and without the suffix.
func (d Dialect) accountPath(accountSID string) string {
	return d.Root + "/Accounts/" + url.PathEscape(accountSID)
}

// secrets returns what Authenticate puts into a header, without the schemes.
func (d Dialect) secrets(accountSID string, token Secret) (secrets []string) {
	request := &http.Request{Header: http.Header{}}
	d.Authenticate(request, accountSID, token)
	for _, values := range request.Header {
		for _, value := range values {
			scheme, secret, found := strings.Cut(value, " ")
			if !found {
				secret = scheme
			}
			secrets = append(secrets, secret)
		}
	}
	return secrets
}

// form returns the form of an update under the provider's names, and the fields that the
// provider can't change, in alphabetical order.
func (d Dialect) form(update url.Values) (form url.Values, lacking []string) {
	form = url.Values{}
	for field, values := range update {
		name, known := d.UpdateFields[UpdateField(field)]
		switch {
		case !known:
			lacking = append(lacking, field)
		case name != "":
			form[name] = values
		}
	}
	slices.Sort(lacking)
	return form, lacking
}

// phase returns what a status of a participant or call means.
func (d Dialect) phase(status string) Phase {
	switch {
	case slices.Contains(d.EndStatuses, status):
		return PhaseEnded
	case slices.Contains(d.RingingStatuses, status):
		return PhaseRinging
	default:
		return PhaseActive
	}
}

// query returns the parameters for pages of a size, at most the largest one.
func (p Paging) query(size int) url.Values {
	query := url.Values{}
	if p.SizeParameter != "" && size > 0 {
		query.Set(p.SizeParameter, strconv.Itoa(min(size, cmp.Or(p.MaxSize, size))))
	}
	return query
}
