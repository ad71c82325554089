package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/voiceops/conference-operator/pkg/voicesim"
)

// workers is how many requests the benchmark itself has in flight, as many as
// the operator may have for one account.
const workers = 32

// provider is the simulator: its API for accounts, and its control API.
type provider struct {
	api, control string
	http         *http.Client
}

func newProvider(api, control string) *provider {
	return &provider{api, control, &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: workers, MaxConnsPerHost: workers}}}
}

// base is the URL that a VoiceAccount has.
func (p *provider) base() string {
	base, _, _ := strings.Cut(p.api, "/api/")
	return base
}

// request sends a request to the control API of the simulator.
func (p *provider) request(ctx context.Context, method, path string, body, into any) error {
	content := []byte(nil)
	if body != nil {
		var err error
		if content, err = json.Marshal(body); err != nil {
			return err
		}
	}
	request, err := http.NewRequestWithContext(ctx, method, p.control+path, bytes.NewReader(content))
	if err != nil {
		return err
	}
	return p.do(request, into)
}

func (p *provider) do(request *http.Request, into any) error {
	response, err := p.http.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	answer, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode/100 != 2 {
		return fmt.Errorf("%s %s: %s: %s", request.Method, request.URL.Path, response.Status, answer)
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(answer, into)
}

// mute sends the one update that the floor consists of.
func (p *provider) mute(ctx context.Context, c call) error {
	target := fmt.Sprintf("%s/Accounts/%s/Conferences/%s/Participants/%s", p.api, c.account, c.conference, c.sid)
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, target, strings.NewReader(url.Values{"Muted": {"true"}}.Encode()))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.SetBasicAuth(c.account, token)
	return p.do(request, &struct{}{})
}

// call is a call leg in a conference.
type call struct {
	account, conference, sid string
}

// fill opens conferences and has calls join them, each the next conference.
func (p *provider) fill(ctx context.Context, account string, calls, conferences int) ([]call, error) {
	sids := make([]string, conferences)
	for i := range sids {
		var opened struct {
			SID string `json:"sid"`
		}
		body := map[string]string{"accountSID": account, "friendlyName": fmt.Sprintf("%s-%d-%d", account, i, time.Now().UnixNano())}
		if err := p.request(ctx, http.MethodPost, "/conferences", body, &opened); err != nil {
			return nil, err
		}
		sids[i] = opened.SID
	}
	joined := make([]call, calls)
	err := each(ctx, calls, func(ctx context.Context, i int) error {
		conference := sids[i%conferences]
		var who struct {
			CallSID string `json:"callSID"`
		}
		err := p.request(ctx, http.MethodPost, "/conferences/"+conference+"/participants", nil, &who)
		joined[i] = call{account, conference, who.CallSID}
		return err
	})
	return joined, err
}

// journal are the requests of an account since a moment.
func (p *provider) journal(ctx context.Context, account string, since time.Time) ([]voicesim.Request, error) {
	var answer struct {
		Requests []voicesim.Request `json:"requests"`
	}
	if err := p.request(ctx, http.MethodGet, "/journal", nil, &answer); err != nil {
		return nil, err
	}
	var found []voicesim.Request
	for _, request := range answer.Requests {
		if request.AccountSID == account && request.Time.After(since) {
			found = append(found, request)
		}
	}
	return found, nil
}

// of counts the requests of an operation.
func of(journal []voicesim.Request, operation string) (count int) {
	for _, request := range journal {
		if request.Operation == operation {
			count++
		}
	}
	return count
}

// each does something n times, with as many workers as there may be.
func each(ctx context.Context, n int, do func(ctx context.Context, i int) error) error {
	group, ctx := errgroup.WithContext(ctx)
	next := make(chan int)
	group.Go(func() error {
		defer close(next)
		for i := range n {
			select {
			case next <- i:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	})
	for range workers {
		group.Go(func() error {
			for i := range next {
				if err := do(ctx, i); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return group.Wait()
}
