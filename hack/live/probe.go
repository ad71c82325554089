package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/voiceops/conference-operator/internal/voice"
)

// probe is a conference of a real account, and all that it is asked with.
type probe struct {
	settings
	*wire

	client *voice.Client
	person person
}

func newProbe(s settings, asked person) (*probe, error) {
	client, err := voice.New(voice.Config{
		Dialect: voice.SignalWire(), BaseURL: s.baseURL, AccountSID: s.account, Token: voice.Secret(s.token),
		// The base URL is that of the person at the terminal: a simulator of theirs will do.
		Timeout: patience, AllowPrivate: true, Now: s.now, UserAgent: "conference-operator-live",
	})
	if err != nil {
		return nil, fmt.Errorf("LIVE_BASE_URL can't be used: %w", err)
	}
	return &probe{settings: s, client: client, person: asked, wire: &wire{
		// A redirect is an answer, so that the token goes nowhere else.
		http: &http.Client{Timeout: patience, CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		}},
		baseURL: s.baseURL, account: s.account, token: s.token,
	}}, nil
}

func (p *probe) close() { p.client.Close() }

// path returns the path of the conference below the account.
func (p *probe) path() string { return "/Conferences/" + url.PathEscape(p.conference) }

// leg returns the path of a call in the conference.
func (p *probe) leg(call string) string {
	return p.path() + "/Participants/" + url.PathEscape(call)
}

// read returns the participant of a call. Any other status than 200 is an error.
func (p *probe) read(ctx context.Context, call string) (object, error) {
	return p.found(p.get(ctx, p.leg(call), nil))
}

// update changes the call that is asked about. Any other status than 200 is an error.
func (p *probe) update(ctx context.Context, fields ...string) (object, error) {
	return p.found(p.post(ctx, p.leg(p.call), form(fields...)))
}

func (p *probe) found(r response, err error) (object, error) {
	if err == nil && r.status != http.StatusOK {
		err = fmt.Errorf("status %d, code %s", r.status, r.body.code())
	}
	return r.body, err
}

// list returns the participants on the first page of the conference.
func (p *probe) list(ctx context.Context) ([]object, error) {
	body, err := p.found(p.get(ctx, p.path()+"/Participants", form("PageSize", "1000")))
	return body.rows("participants"), err
}

// form returns the values of names and values in turn.
func form(fields ...string) url.Values {
	values := url.Values{}
	for i := 0; i+1 < len(fields); i += 2 {
		values.Set(fields[i], fields[i+1])
	}
	return values
}

// putBack returns a function that gives the call the mute, hold and coaching that it has
// now. That is done also after the context has ended.
func (p *probe) putBack(ctx context.Context) (func() error, error) {
	was, err := p.read(ctx, p.call)
	if err != nil {
		return nil, err
	}
	fields := []string{
		"Muted", strconv.FormatBool(was.is("muted")), "Hold", strconv.FormatBool(was.is("hold")),
		"Coaching", strconv.FormatBool(was.is("coaching")),
	}
	if coachee := was.text("call_sid_to_coach"); coachee != "" {
		fields = append(fields, "CallSidToCoach", coachee)
	}
	return func() error {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
		defer cancel()
		// A call on hold may ignore what is not the end of the hold, so it ends first.
		if !was.is("hold") {
			if _, err := p.update(ctx, "Hold", "false"); err != nil {
				return err
			}
		}
		_, err := p.update(ctx, fields...)
		return err
	}, nil
}

// until looks each quarter of a second whether something is so, for as long as the limit
// says. It returns how long that took, and whether it came.
func (p *probe) until(ctx context.Context, limit time.Duration, is func() (bool, error)) (time.Duration, bool, error) {
	const step = 250 * time.Millisecond
	began := p.now()
	for {
		came, err := is()
		took := p.now().Sub(began)
		if err != nil || came || took >= limit || ctx.Err() != nil {
			return took, came, err
		}
		p.pause(ctx, step)
	}
}
