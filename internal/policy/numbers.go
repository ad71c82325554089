package policy

import (
	"fmt"
	"strings"
)

const (
	// maxNumbers is how many numbers a key of a Secret may have.
	maxNumbers = 1000
	// maxNumberLength is that of the API's PhoneNumber.
	maxNumberLength = 64
)

// NumbersError is a list of numbers that can't be used. It says where, and never
// what stands there: numbers are personal data (R30).
type NumbersError struct {
	// Line is the number of the line, from 1 on.
	Line int
	// TooMany says that the list is too long there, not that the line is no number.
	TooMany bool
}

// Error says which line is wrong.
func (e *NumbersError) Error() string {
	if e.TooMany {
		return fmt.Sprintf("line %d is beyond the %d numbers that a list may have", e.Line, maxNumbers)
	}
	return fmt.Sprintf("line %d is neither a number in the form E.164 nor a SIP address", e.Line)
}

// ParseNumbers reads numbers, one a line and at most 1,000. Lines that are blank or
// begin with # are left out. The error is a *NumbersError.
func ParseNumbers(data []byte) ([]string, error) {
	var numbers []string
	line := 0
	for text := range strings.SplitSeq(string(data), "\n") {
		line++
		text = strings.TrimSpace(text)
		switch {
		case text == "" || strings.HasPrefix(text, "#"):
			continue
		case !isNumber(text):
			return nil, &NumbersError{Line: line}
		case len(numbers) == maxNumbers:
			return nil, &NumbersError{Line: line, TooMany: true}
		}
		numbers = append(numbers, text)
	}
	return numbers, nil
}

// isNumber reports whether a text is one that the API takes for a PhoneNumber, in
// which the scheme may be of any case: the provider and a Secret have no schema.
func isNumber(text string) bool {
	if len(text) > maxNumberLength {
		return false
	}
	if digits, found := strings.CutPrefix(text, "+"); found {
		return len(digits) >= 2 && len(digits) <= 15 && digits[0] != '0' && only(digits, '0', '9')
	}
	scheme, address, _ := strings.Cut(text, ":")
	scheme = strings.ToLower(scheme)
	return (scheme == "sip" || scheme == "sips") && address != "" && only(address, '!', '~')
}

// only reports whether all bytes of a text are in a range.
func only(text string, first, last byte) bool {
	for i := range len(text) {
		if text[i] < first || text[i] > last {
			return false
		}
	}
	return true
}
