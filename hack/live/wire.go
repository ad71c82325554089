package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/voiceops/conference-operator/internal/voice"
)

const (
	// patience is how long a request may take.
	patience = 15 * time.Second
	// longestBody is how much of a body is read, in bytes.
	longestBody = 4 << 20
	// formType and jsonType are the types of bodies that are sent.
	formType = "application/x-www-form-urlencoded"
	jsonType = "application/json"
)

// wire sends requests as they are, since the operator's client sends none that the
// questions are about.
type wire struct {
	http    *http.Client
	baseURL string
	// account is that of the path and of the credentials.
	account, token string
}

// response is what the questions look at.
type response struct {
	status int
	header http.Header
	body   object
}

// object is a JSON object. Its methods return the zero value for what is not there, or is
// of another type.
type object map[string]any

func (o object) text(key string) string { value, _ := o[key].(string); return value }
func (o object) is(key string) bool     { value, _ := o[key].(bool); return value }

// code is the code of an error, which the provider has written as a number and as a text;
// "none" for anything else.
func (o object) code() string {
	code := fmt.Sprint(o["code"])
	if !regexp.MustCompile(`^\d{1,6}$`).MatchString(code) {
		return "none"
	}
	return code
}

// date is a date, or what is wrong with it: nothing else of a body is printed.
func (o object) date(key string) string {
	date := o.text(key)
	if !regexp.MustCompile(`^[A-Za-z]{3,5}, \d{1,2} [A-Za-z]{3,5} \d{4} [\d:]{8} [+-]\d{4}$`).MatchString(date) {
		return "(not like a date)"
	}
	return date
}

// rows returns the items of a list.
func (o object) rows(key string) (rows []object) {
	items, _ := o[key].([]any)
	for _, item := range items {
		if row, ok := item.(map[string]any); ok {
			rows = append(rows, row)
		}
	}
	return rows
}

// send sends a request below the account, with a body of a type unless that is "". The
// error has neither the URL nor the body.
func (w *wire) send(ctx context.Context, method, path, kind, body string) (response, error) {
	address := strings.TrimRight(w.baseURL, "/") + voice.SignalWire().Root + "/Accounts/" + url.PathEscape(w.account) + path
	request, err := http.NewRequestWithContext(ctx, method, address, strings.NewReader(body))
	if err != nil {
		return response{}, errors.New("the base URL can't be parsed")
	}
	request.SetBasicAuth(w.account, w.token)
	if kind != "" {
		request.Header.Set("Content-Type", kind)
	}
	got, err := w.http.Do(request)
	if err != nil {
		return response{}, fmt.Errorf("no response to a %s: %w", method, reasonOf(err))
	}
	defer func() { _ = got.Body.Close() }()
	content, err := io.ReadAll(io.LimitReader(got.Body, longestBody))
	if err != nil {
		return response{}, fmt.Errorf("no whole response to a %s: %w", method, reasonOf(err))
	}
	r := response{status: got.StatusCode, header: got.Header}
	// A body that is no object has no fields.
	_ = json.Unmarshal(content, &r.body)
	return r, nil
}

// reasonOf takes the URL from an error, which has names and numbers in its query.
func reasonOf(err error) error {
	if failed, ok := errors.AsType[*url.Error](err); ok {
		return failed.Err
	}
	return err
}

// get reads a path with a query.
func (w *wire) get(ctx context.Context, path string, query url.Values) (response, error) {
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	return w.send(ctx, http.MethodGet, path, "", "")
}

// post sends a form.
func (w *wire) post(ctx context.Context, path string, form url.Values) (response, error) {
	return w.send(ctx, http.MethodPost, path, formType, form.Encode())
}

// with returns a wire with other credentials.
func (w *wire) with(account, token string) *wire {
	other := *w
	other.account, other.token = account, token
	return &other
}
