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

// provider is a client of the simulated provider: of its API, as users call it,
// and of the interface that controls the simulator.
type provider struct {
	// apiURL and controlURL are where the two are served.
	apiURL, controlURL string
	// token is the API token of the account.
	token string
}

// base returns the baseURL of a VoiceAccount: scheme and host.
func (p *provider) base() string {
	base, _, _ := strings.Cut(p.apiURL, "/api/")
	return base
}

// find returns the SID of the conference in progress with a name, and those of its
// call legs, from the API.
func (p *provider) find(ctx context.Context, name string) (conference string, calls []string, err error) {
	query := url.Values{"FriendlyName": {name}, "Status": {"in-progress"}}
	var conferences struct {
		Conferences []struct {
			SID string `json:"sid"`
		} `json:"conferences"`
	}
	path := p.apiURL + "/Accounts/" + accountSID + "/Conferences"
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

// callState is the state of a call leg in the simulator.
type callState struct {
	Muted, Hold, Coaching   bool
	CallSIDToCoach, HoldURL string
}

// state returns the state of a call leg from the simulator, past the API.
func (p *provider) state(ctx context.Context, conference, call string) (callState, error) {
	var found callState
	return found, p.do(ctx, http.MethodGet, p.controlURL+"/conferences/"+conference+"/participants/"+call, nil, &found)
}

// control changes a call leg or a setting of the simulator.
func (p *provider) control(ctx context.Context, method, path string, body any) error {
	return p.do(ctx, method, p.controlURL+path, body, nil)
}

// joinRoom has a phone call into a room, which opens with the first one, and returns the
// SIDs of the conference and the call. The host's end ends the conference.
func (p *provider) joinRoom(ctx context.Context, name string, host bool) (conference, call string, err error) {
	var joined struct{ ConferenceSID, CallSID string }
	err = p.do(ctx, http.MethodPost, p.controlURL+"/rooms/join", map[string]any{"friendlyName": name, "endConferenceOnExit": host}, &joined)
	return joined.ConferenceSID, joined.CallSID, err
}

// exchange is a request that the provider got, with the status code of its
// response.
type exchange struct {
	Seq       int        `json:"seq"`
	Time      time.Time  `json:"time"`
	Operation string     `json:"operation"`
	CallSID   string     `json:"callSID"`
	Form      url.Values `json:"form"`
	Status    int        `json:"status"`
}

// String returns the exchange on one line.
func (e exchange) String() string {
	var fields []string
	for _, name := range slices.Sorted(maps.Keys(e.Form)) {
		fields = append(fields, name+"="+e.Form.Get(name))
	}
	return fmt.Sprintf("POST …/Participants/%.8s…  %s  → %d", e.CallSID, strings.Join(fields, " "), e.Status)
}

// journal returns the updates of participants that the provider got after the
// request with a number.
func (p *provider) journal(ctx context.Context, since int) ([]exchange, error) {
	var journal struct {
		Requests []exchange `json:"requests"`
	}
	err := p.do(ctx, http.MethodGet, fmt.Sprintf("%s/journal?since=%d&operation=update_participant", p.controlURL, since), nil, &journal)
	return journal.Requests, err
}

// do sends a request with a JSON body, if there is one, and decodes the response
// into a value, if there is one. A status code other than 2xx is an error.
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
	received, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode/100 != 2 {
		return fmt.Errorf("%s %s: %s: %s", method, request.URL.Path, response.Status, received)
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(received, into)
}
