package voice

import "fmt"

// Explain says in a few stable words with which code the provider refused, and
// what the code means. The provider's own words may hold anything and are left
// to the log.
func (e *Error) Explain() string {
	if e.Code == 0 {
		return fmt.Sprintf("HTTP %d", e.HTTPStatus)
	}
	if meaning := Describe(e.Code); meaning != "" {
		return fmt.Sprintf("HTTP %d, code %d: %s", e.HTTPStatus, e.Code, meaning)
	}
	return fmt.Sprintf("HTTP %d, code %d", e.HTTPStatus, e.Code)
}
