package voicesim

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"time"
)

// What the API says about the participants of a conference that is over.
const (
	// CompletedNotFound answers 404 with code 20404.
	CompletedNotFound = "404"
	// CompletedBadRequest answers 400 with code 10000.
	CompletedBadRequest = "400-10000"
	// CompletedUnprocessable answers 422 with code 10000.
	CompletedUnprocessable = "422-10000"
)

// What the list of participants of a conference that is over looks like.
const (
	// CompletedListEmpty answers with an empty list.
	CompletedListEmpty = "empty"
	// CompletedListNotFound answers 404 with code 20404.
	CompletedListNotFound = "404"
)

// What becomes of a coach whose coachee leaves.
const (
	// CoacheeLeavesReset ends the coaching and clears its target.
	CoacheeLeavesReset = "reset"
	// CoacheeLeavesKeep leaves both as they were.
	CoacheeLeavesKeep = "keep"
)

// Settings are the switches for behaviour that the provider's documents leave
// open or that differs between providers. The zero value is the default.
type Settings struct {
	// AbsentCoachingResets ends coaching with every update that carries neither
	// Coaching nor CallSidToCoach. Without it, absent fields stay as they are.
	AbsentCoachingResets bool `json:"absentCoachingResets"`
	// IgnoreChangesOnHold accepts updates of a participant on hold and changes
	// nothing, unless the update also ends the hold. The answer shows the
	// unchanged values.
	IgnoreChangesOnHold bool `json:"ignoreChangesOnHold"`
	// StrictFields refuses unknown form fields with 422. Without it, they are
	// ignored.
	StrictFields bool `json:"strictFields"`
	// StrictBooleans refuses booleans other than true and false with 422.
	// Without it, everything but true is false.
	StrictBooleans bool `json:"strictBooleans"`
	// MissingScopeStatus answers requests whose token lacks the scope Voice:
	// 401, the default, or 403.
	MissingScopeStatus int `json:"missingScopeStatus"`
	// UnknownAccountStatus answers requests for an account that does not exist:
	// 401, the default, or 404.
	UnknownAccountStatus int `json:"unknownAccountStatus"`
	// CompletedConference answers requests about one participant of a
	// conference that is over, and updates of that conference. It is one of the
	// Completed constants, by default CompletedNotFound.
	CompletedConference string `json:"completedConference"`
	// CompletedList answers the list of participants of a conference that is
	// over. It is one of the CompletedList constants, by default
	// CompletedListEmpty.
	CompletedList string `json:"completedList"`
	// CoacheeLeaves is one of the CoacheeLeaves constants, by default
	// CoacheeLeavesReset.
	CoacheeLeaves string `json:"coacheeLeaves"`
	// OddDates writes dates as the provider's samples have them: "Sept" and
	// days of one digit.
	OddDates bool `json:"oddDates"`
	// VisibleAfter hides conferences and participants from every request for so
	// long after they were created. It counts for those created from now on.
	VisibleAfter time.Duration `json:"visibleAfter"`
	// RateLimit allows each account so many POST requests in 10 s and refuses
	// more with 429. Every reply then carries the X-Ratelimit headers. 0 means
	// neither limit nor headers.
	RateLimit int `json:"rateLimit"`
}

// Validate returns an error that names the first field with a value that it
// cannot have.
func (s Settings) Validate() error {
	s = s.withDefaults()
	return cmp.Or(
		oneOf("missingScopeStatus", s.MissingScopeStatus, http.StatusUnauthorized, http.StatusForbidden),
		oneOf("unknownAccountStatus", s.UnknownAccountStatus, http.StatusUnauthorized, http.StatusNotFound),
		oneOf("completedConference", s.CompletedConference,
			CompletedNotFound, CompletedBadRequest, CompletedUnprocessable),
		oneOf("completedList", s.CompletedList, CompletedListEmpty, CompletedListNotFound),
		oneOf("coacheeLeaves", s.CoacheeLeaves, CoacheeLeavesReset, CoacheeLeavesKeep),
		notNegative("visibleAfter", s.VisibleAfter),
		notNegative("rateLimit", s.RateLimit),
	)
}

func (s Settings) withDefaults() Settings {
	s.MissingScopeStatus = cmp.Or(s.MissingScopeStatus, http.StatusUnauthorized)
	s.UnknownAccountStatus = cmp.Or(s.UnknownAccountStatus, http.StatusUnauthorized)
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
