package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// provider is the simulated provider: its API as users see it, and the calls
// that are played on it.
type provider struct {
	api, control string
	token        string
}

// base is the URL that a VoiceAccount has.
func (p *provider) base() string {
	base, _, _ := strings.Cut(p.api, "/api/")
	return base
}

// find asks the API for the conference by name, and for its participants, as a
// user would.
func (p *provider) find(ctx context.Context, name string) (conference string, calls []string, err error) {
	query := url.Values{"FriendlyName": {name}, "Status": {"in-progress"}}
	var conferences struct {
		Conferences []struct {
			SID string `json:"sid"`
		} `json:"conferences"`
	}
	path := p.api + "/Accounts/" + accountSID + "/Conferences"
	if err := p.do(ctx, http.MethodGet, path+"?"+query.Encode(), nil, &conferences); err != nil {
		return "", nil, err
	}
	if len(conferences.Conferences) != 1 {
		return "", nil, fmt.Errorf("%d conferences are called %s", len(conferences.Conferences), name)
	}
	conference = conferences.Conferences[0].SID
	var list struct {
		Participants []struct {
			CallSID string `json:"call_sid"`
		} `json:"participants"`
	}
	if err := p.do(ctx, http.MethodGet, path+"/"+conference+"/Participants", nil, &list); err != nil {
		return "", nil, err
	}
	for _, participant := range list.Participants {
		calls = append(calls, participant.CallSID)
	}
	return conference, calls, nil
}

// state is what the simulator knows of a call.
type state struct {
	Muted, Hold, Coaching   bool
	CallSIDToCoach, HoldURL string
}

// look asks for the state of a call, behind the API's back.
func (p *provider) look(ctx context.Context, conference, call string) (state, error) {
	var found state
	return found, p.do(ctx, http.MethodGet, p.control+"/conferences/"+conference+"/participants/"+call, nil, &found)
}

// play does something on the phone, or to the provider.
func (p *provider) play(ctx context.Context, method, path string, body any) error {
	return p.do(ctx, method, p.control+path, body, nil)
}

// exchange is a request that the provider got.
type exchange struct {
	Seq       int        `json:"seq"`
	Time      time.Time  `json:"time"`
	Operation string     `json:"operation"`
	CallSID   string     `json:"callSID"`
	Form      url.Values `json:"form"`
	Status    int        `json:"status"`
}

// String renders the exchange on one line.
func (e exchange) String() string {
	var fields []string
	for _, name := range slices.Sorted(maps.Keys(e.Form)) {
		fields = append(fields, name+"="+e.Form.Get(name))
	}
	return fmt.Sprintf("POST …/Participants/%.8s…  %s  → %d", e.CallSID, strings.Join(fields, " "), e.Status)
}

// journal are the updates that went over the wire after a request.
func (p *provider) journal(ctx context.Context, since int) ([]exchange, error) {
	var journal struct {
		Requests []exchange `json:"requests"`
	}
	err := p.do(ctx, http.MethodGet, fmt.Sprintf("%s/journal?since=%d&operation=update_participant", p.control, since), nil, &journal)
	return journal.Requests, err
}

func (p *provider) do(ctx context.Context, method, target string, body, into any) error {
	content, err := json.Marshal(body)
	if err != nil {
		return err
	}
	if body == nil {
		content = nil
	}
	request, err := http.NewRequestWithContext(ctx, method, target, bytes.NewReader(content))
	if err != nil {
		return err
	}
	request.SetBasicAuth(accountSID, p.token)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	answer, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode/100 != 2 {
		return fmt.Errorf("%s %s: %s: %s", method, request.URL.Path, response.Status, answer)
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(answer, into)
}
