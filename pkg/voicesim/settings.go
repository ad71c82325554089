package voicesim

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"time"
)

// The responses about a participant of a conference that is over.
const (
	// CompletedNotFound is 404 with code 20404.
	CompletedNotFound = "404"
	// CompletedBadRequest is 400 with code 10000.
	CompletedBadRequest = "400-10000"
	// CompletedUnprocessable is 422 with code 10000.
	CompletedUnprocessable = "422-10000"
)

// The lists of participants of a conference that is over.
const (
	// CompletedListEmpty is an empty list.
	CompletedListEmpty = "empty"
	// CompletedListNotFound is 404 with code 20404.
	CompletedListNotFound = "404"
)

// The state of a coach after the coachee has left.
const (
	// CoacheeLeavesReset: the coaching has ended and has no target.
	CoacheeLeavesReset = "reset"
	// CoacheeLeavesKeep: coaching and target are unchanged.
	CoacheeLeavesKeep = "keep"
)

// Settings are switches for behaviour that the documents of the provider leave
// open, or that differs between versions. The zero value is the default.
type Settings struct {
	// AbsentCoachingResets ends coaching with every update that has neither
	// Coaching nor CallSidToCoach. Without it, missing fields change nothing.
	AbsentCoachingResets bool `json:"absentCoachingResets"`
	// IgnoreChangesOnHold accepts updates of a participant on hold and changes
	// nothing, unless the update also ends the hold. The response has the
	// unchanged values.
	IgnoreChangesOnHold bool `json:"ignoreChangesOnHold"`
	// StrictFields refuses unknown form fields with 422. Without it, they are
	// ignored.
	StrictFields bool `json:"strictFields"`
	// StrictBooleans refuses booleans other than true and false with 422.
	// Without it, everything but true is false.
	StrictBooleans bool `json:"strictBooleans"`
	// MissingScopeStatus is the status for a token without the scope Voice: 401,
	// the default, or 403.
	MissingScopeStatus int `json:"missingScopeStatus"`
	// UnknownAccountStatus is the status for an account that does not exist: 401,
	// the default, or 404.
	UnknownAccountStatus int `json:"unknownAccountStatus"`
	// CompletedConference is the response to requests about one participant of a
	// conference that is over, and to updates of that conference. It is one of
	// the Completed constants, by default CompletedNotFound.
	CompletedConference string `json:"completedConference"`
	// CompletedList is the response to a list of the participants of a conference
	// that is over. It is one of the CompletedList constants, by default
	// CompletedListEmpty.
	CompletedList string `json:"completedList"`
	// MissingCoacheeStatus is the status for an update that names a coachee that is not
	// in the conference or is on hold: 422, the default, or 400. The code is 16002.
	MissingCoacheeStatus int `json:"missingCoacheeStatus"`
	// CoacheeLeaves is one of the CoacheeLeaves constants, by default
	// CoacheeLeavesReset.
	CoacheeLeaves string `json:"coacheeLeaves"`
	// NamePrefix has the filter FriendlyName find all conferences with a name that
	// begins with it. Without it, the whole name has to be the same.
	NamePrefix bool `json:"namePrefix"`
	// OddDates writes dates as the samples of the provider have them: with "Sept",
	// and with days of one digit.
	OddDates bool `json:"oddDates"`
	// VisibleAfter is how long conferences and participants are hidden from every
	// request after they were created. A change applies to those created later.
	VisibleAfter time.Duration `json:"visibleAfter"`
	// ListLag is how long ago lists of conferences, participants and calls show what
	// was, at most a minute. Other reads show what is.
	ListLag time.Duration `json:"listLag"`
	// StartAlone starts a conference with its first participant with
	// StartConferenceOnEnter, also if there is no other.
	StartAlone bool `json:"startAlone"`
	// WaitingUnlisted leaves the participants of a conference that has not started out
	// of its list.
	WaitingUnlisted bool `json:"waitingUnlisted"`
	// RateLimit is how many POST requests each account may send in 10 s; the
	// response to more is 429. Every response then has the X-Ratelimit headers. 0
	// means neither limit nor headers.
	RateLimit int `json:"rateLimit"`
}

// Validate returns an error that names the first field with an invalid value.
func (s Settings) Validate() error {
	s = s.withDefaults()
	return cmp.Or(
		oneOf("missingScopeStatus", s.MissingScopeStatus, http.StatusUnauthorized, http.StatusForbidden),
		oneOf("unknownAccountStatus", s.UnknownAccountStatus, http.StatusUnauthorized, http.StatusNotFound),
		oneOf("missingCoacheeStatus", s.MissingCoacheeStatus, http.StatusUnprocessableEntity, http.StatusBadRequest),
		oneOf("completedConference", s.CompletedConference,
			CompletedNotFound, CompletedBadRequest, CompletedUnprocessable),
		oneOf("completedList", s.CompletedList, CompletedListEmpty, CompletedListNotFound),
		oneOf("coacheeLeaves", s.CoacheeLeaves, CoacheeLeavesReset, CoacheeLeavesKeep),
		notNegative("visibleAfter", s.VisibleAfter),
		validateLag(s.ListLag),
		notNegative("rateLimit", s.RateLimit),
	)
}

func (s Settings) withDefaults() Settings {
	s.MissingScopeStatus = cmp.Or(s.MissingScopeStatus, http.StatusUnauthorized)
	s.UnknownAccountStatus = cmp.Or(s.UnknownAccountStatus, http.StatusUnauthorized)
	s.MissingCoacheeStatus = cmp.Or(s.MissingCoacheeStatus, http.StatusUnprocessableEntity)
	s.CompletedConference = cmp.Or(s.CompletedConference, CompletedNotFound)
	s.CompletedList = cmp.Or(s.CompletedList, CompletedListEmpty)
	s.CoacheeLeaves = cmp.Or(s.CoacheeLeaves, CoacheeLeavesReset)
	return s
}

func oneOf[T comparable](field string, got T, allowed ...T) error {
	if slices.Contains(allowed, got) {
		return nil
	}
	return fmt.Errorf("%s: %v is not one of %v", field, got, allowed)
}

func notNegative[T int | time.Duration](field string, got T) error {
	if got >= 0 {
		return nil
	}
	return fmt.Errorf("%s: %v is negative", field, got)
}

func validateLag(lag time.Duration) error {
	if lag >= 0 && lag <= longestLag {
		return nil
	}
	return fmt.Errorf("listLag: %v is not between 0s and %v", lag, longestLag)
}
