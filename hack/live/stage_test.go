package main

import (
	"bufio"
	"bytes"
	"context"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/voiceops/conference-operator/pkg/voicesim"
)

const (
	account  = "6f1c1f0e-6c0a-4d6e-9a55-2f6f3a0f1c11"
	token    = "PTcanary-token"
	noVoice  = "PTcanary-other"
	caller   = "9b1f6a52-7d1e-4c7e-b1c9-3f1f5b8a2c31"
	trainee  = "2c7e4b18-5a0f-4d39-8d66-7b1e0c9f3a52"
	roomName = "canary-name"
	number   = "+15555550123"
)

// stage is a simulator with a conference of two calls, and the settings of a probe of it.
type stage struct {
	*voicesim.Simulator

	settings   settings
	conference string
}

// newStage returns a stage in September, on a day of one digit, where dates may be odd.
// The clock moves only while the probe pauses.
func newStage(t *testing.T, switches voicesim.Settings, calls ...string) *stage {
	t.Helper()
	var mu sync.Mutex
	now := time.Date(2026, time.September, 7, 10, 15, 42, 0, time.UTC)
	move := func(d time.Duration) time.Time {
		mu.Lock()
		defer mu.Unlock()
		now = now.Add(d)
		return now
	}
	clock := func() time.Time { return move(0) }
	sim := voicesim.New(voicesim.Config{Settings: switches, Now: clock})
	sim.AddAccount(account, token)
	sim.SetTokensWithoutVoice(account, noVoice)
	s := &stage{Simulator: sim, conference: sim.OpenConference(account, roomName)}
	for _, call := range calls {
		sim.Join(s.conference, voicesim.JoinOptions{CallSID: call, From: number})
		move(time.Minute)
	}
	// What lists show lags behind.
	move(time.Minute)
	server := httptest.NewServer(sim.Handler())
	t.Cleanup(server.Close)
	s.settings = settings{
		baseURL: server.URL, account: account, token: token, conference: s.conference, call: caller,
		secondCall: trainee, withoutVoice: noVoice, now: clock,
		pause: func(_ context.Context, d time.Duration) { move(d) },
	}
	return s
}

// probe returns a probe with a person that types lines, and what is printed.
func (s *stage) probe(t *testing.T, lines ...string) (*probe, *bytes.Buffer) {
	t.Helper()
	out := &bytes.Buffer{}
	p, err := newProbe(s.settings, person{lines: bufio.NewReader(strings.NewReader(strings.Join(lines, "\n"))), out: out})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.close)
	return p, out
}

// writes returns how many requests were to change something.
func (s *stage) writes() int {
	counts := s.Counts()
	return counts[voicesim.OpUpdateParticipant] + counts[voicesim.OpRemoveParticipant] + counts[voicesim.OpUpdateConference]
}
