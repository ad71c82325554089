package voice

import (
	"encoding/json"
	"regexp"
	"strconv"
	"strings"
	"unicode"
)

// maxMessage is how much of a text of the other side is kept, in bytes.
const maxMessage = 200

// problem is the body of an error, in the shapes that providers are known to use.
// Each field is decoded separately, so that one in an unknown shape does not
// hide the others.
type problem struct {
	Code    json.RawMessage `json:"code"`
	Message json.RawMessage `json:"message"`
	Detail  json.RawMessage `json:"detail"`
	Errors  json.RawMessage `json:"errors"`
}

// readProblem returns code and message of an error in any known shape, 0 and ""
// if there are none. The first of a list of errors takes precedence over the
// object around the list.
func readProblem(body []byte) (code int, message string) {
	var outer, inner problem
	var list []json.RawMessage
	if json.Unmarshal(body, &outer) != nil {
		return 0, ""
	}
	first := ""
	if json.Unmarshal(outer.Errors, &list) == nil && len(list) > 0 {
		first = text(list[0])
		if json.Unmarshal(list[0], &inner) != nil {
			inner = problem{}
		}
	}
	for _, raw := range []json.RawMessage{outer.Code, inner.Code} {
		if number, err := strconv.Atoi(strings.Trim(string(raw), `"`)); err == nil && number > 0 {
			code = number
		}
	}
	for _, words := range []string{text(outer.Detail), text(outer.Message), text(inner.Detail), text(inner.Message), first} {
		if words != "" {
			message = words
		}
	}
	return code, message
}

// text returns the value of a JSON string, "" if it is anything else.
func text(raw json.RawMessage) string {
	var decoded string
	if json.Unmarshal(raw, &decoded) != nil {
		return ""
	}
	return decoded
}

// withoutURLs replaces every word with a URL in it. A provider repeats the URLs
// that it refuses, and their user info and query may hold secrets.
func withoutURLs(words string) string {
	return anyURL.ReplaceAllString(words, "[URL]")
}

var anyURL = regexp.MustCompile(`(?i)\S*(://|:\\/\\/|%3a%2f%2f)\S*`)

// withoutNumbers replaces every phone number and SIP address. A provider repeats those
// that it refuses, and they are personal data.
func withoutNumbers(words string) string {
	return anyNumber.ReplaceAllString(words, "[number]")
}

var anyNumber = regexp.MustCompile(`(?i)\b(sips?|tel):[^\s,;"'<>]+|(\+|%2b)\d[\d().\- ]{5,}\d|\b\d{10,15}\b`)

// oneLine returns the beginning of a text of the other side, without anything
// that could forge a line of a log.
func oneLine(words string) string {
	words = strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return ' '
	}, words))
	words = withoutNumbers(withoutURLs(words))
	if len(words) > maxMessage {
		words = strings.ToValidUTF8(words[:maxMessage], "")
	}
	return words
}
