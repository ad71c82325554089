package voicesim

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

const maxURL = 2048

// formReader reads the fields of a form and keeps the first failure.
type formReader struct {
	form     url.Values
	settings Settings
	known    []string
	failure  *failure
}

func newFormReader(form url.Values, settings Settings) *formReader {
	return &formReader{form: form, settings: settings}
}

// text returns a field and whether it is there.
func (r *formReader) text(name string) (string, bool) {
	r.known = append(r.known, name)
	return r.form.Get(name), r.form.Has(name)
}

// boolean returns a field, nil if it is missing.
func (r *formReader) boolean(name string) *bool {
	v, ok := r.text(name)
	if !ok {
		return nil
	}
	if r.settings.StrictBooleans && v != "true" && v != "false" {
		r.fail(codeInvalidArgument)
	}
	return new(strings.EqualFold(v, "true"))
}

// url returns a field that must be a URL, and whether it is there.
func (r *formReader) url(name string) (string, bool) {
	v, ok := r.text(name)
	if ok && !validURL(v) {
		r.fail(codeInvalidURL)
	}
	return v, ok
}

func validURL(text string) bool {
	u, err := url.Parse(text)
	return err == nil && len(text) <= maxURL && u.Host != "" && (u.Scheme == "http" || u.Scheme == "https")
}

// method returns a field that must be GET or POST, and whether it is there.
func (r *formReader) method(name string) (string, bool) {
	v, ok := r.text(name)
	if ok && v != http.MethodGet && v != http.MethodPost {
		r.fail(codeInvalidMethod)
	}
	return v, ok
}

func (r *formReader) fail(code int) {
	if r.failure == nil {
		r.failure = unprocessable(code)
	}
}

// done returns the first failure. With StrictFields, a field that was not read is
// a failure.
func (r *formReader) done() *failure {
	if !r.settings.StrictFields {
		return r.failure
	}
	for name := range r.form {
		if !slices.Contains(r.known, name) {
			r.fail(codeInvalidArgument)
		}
	}
	return r.failure
}
