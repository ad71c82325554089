package main

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/voiceops/conference-operator/internal/roster"
	"github.com/voiceops/conference-operator/pkg/voicesim"
)

// burst creates all objects at once and measures until all are Ready, against
// the floor in the same run.
func burst(ctx context.Context, s *stage, n int, _ tempo) ([]result, error) {
	const conferences = 50
	bare, err := s.newScene(ctx)
	if err != nil {
		return nil, err
	}
	// What the benchmark itself watches costs something, in both.
	defer bare.stop()
	calls, err := s.provider.fill(ctx, bare.account, n, conferences)
	if err != nil {
		return nil, err
	}
	// Half of the floor comes before, half after: the machine's speed drifts.
	before, err := bare.floor(ctx, calls[:n/2])
	if err != nil {
		return nil, err
	}
	sc, err := s.newScene(ctx)
	if err != nil {
		return nil, err
	}
	defer sc.stop()
	m, err := sc.start(ctx)
	if err != nil {
		return nil, err
	}
	results, rate, err := sc.burst(ctx, n, conferences)
	if err != nil {
		return results, err
	}
	late, err := sc.quiet(ctx)
	if err != nil {
		return results, err
	}
	if err := m.Stop(); err != nil {
		return results, err
	}
	s.drop(m)
	after, err := bare.floor(ctx, calls[n/2:])
	floor := 2 / (1/before + 1/after)
	return slices.Concat([]result{
		figure("rate / floor", rate/floor, "").atLeast(0.8).with("%.0f/s of %.0f/s", rate, floor),
	}, results, []result{
		figure("last event after", late.Seconds(), "s"),
	}), err
}

func (sc *scene) burst(ctx context.Context, n, conferences int) (_ []result, rate float64, err error) {
	calls, err := sc.provider.fill(ctx, sc.account, n, min(conferences, n))
	if err != nil {
		return nil, 0, err
	}
	written, _, err := sc.writes(ctx)
	if err != nil {
		return nil, 0, err
	}
	began := time.Now()
	names, asks, err := sc.declare(ctx, calls)
	if err == nil {
		err = sc.watched.until(ctx, names, ready)
	}
	took := time.Since(began)
	if err != nil {
		return nil, 0, err
	}
	journal, err := sc.provider.journal(ctx, sc.account, began)
	if err != nil {
		return nil, 0, err
	}
	status, _, err := sc.writes(ctx)
	seconds := math.Ceil(took.Seconds())
	lists := float64(len(conferencesOf(journal))) * (seconds + math.Ceil(took.Seconds()/roster.Settle.Seconds()))
	return slices.Concat([]result{
		exactly("updates", of(journal, voicesim.OpUpdateParticipant), n),
		exactly("status writes", status-written, n),
		figure("list calls", float64(of(journal, voicesim.OpListParticipants)), "").atMost(lists).counted(),
	}, percentiles("creation to POST", latencies(journal, asks), 0, 0)), float64(n) / took.Seconds(), err
}

func conferencesOf(journal []voicesim.Request) []string {
	found := map[string]bool{}
	for _, request := range journal {
		if request.ConferenceSID != "" {
			found[request.ConferenceSID] = true
		}
	}
	return slices.Collect(maps.Keys(found))
}

// latencies are from when something was asked for to the update that does it.
func latencies(journal []voicesim.Request, asks []ask) (took []time.Duration) {
	for _, found := range updatesFor(journal, asks) {
		took = append(took, found.took)
	}
	return took
}

// sinceStored are from when the API server has stored what was asked for.
func sinceStored(journal []voicesim.Request, asks []ask) (took []time.Duration) {
	for _, found := range updatesFor(journal, asks) {
		took = append(took, max(found.took-found.stored, 0))
	}
	return took
}

// storing are how long the API server took to store what was asked for.
func storing(asks []ask) (took []time.Duration) {
	for _, edit := range asks {
		took = append(took, edit.stored)
	}
	return took
}

// found is an ask and how long it took to be on the wire.
type found struct {
	ask
	took time.Duration
}

// updatesFor finds the update that does what was asked for.
func updatesFor(journal []voicesim.Request, asks []ask) (all []found) {
	updates := map[string][]voicesim.Request{}
	for _, request := range journal {
		if request.Operation == voicesim.OpUpdateParticipant {
			updates[request.CallSID] = append(updates[request.CallSID], request)
		}
	}
	for _, asked := range asks {
		for _, update := range updates[asked.call] {
			if update.Time.After(asked.at) && update.Form.Get("Muted") == strconv.FormatBool(asked.muted) {
				all = append(all, found{asked, update.Time.Sub(asked.at)})
				break
			}
		}
	}
	return all
}

// trickle has new objects come in on top of idle ones.
func trickle(ctx context.Context, s *stage, n int, t tempo) ([]result, error) {
	const perSecond = 50
	sc, err := s.newScene(ctx, resync(30))
	if err != nil {
		return nil, err
	}
	defer sc.stop()
	if _, err := sc.start(ctx); err != nil {
		return nil, err
	}
	idle, _, err := sc.populate(ctx, n, max(n/20, 1))
	if err != nil {
		return nil, err
	}
	if err := wait(ctx, t.settle/4); err != nil {
		return nil, err
	}
	count := int(t.trickle.Seconds() * perSecond)
	calls := make([]call, count)
	for i := range calls {
		calls[i] = idle[i%len(idle)]
	}
	began := time.Now()
	asks, names, err := sc.comeIn(ctx, calls, time.Second/perSecond)
	if err == nil {
		err = sc.watched.until(ctx, names, ready)
	}
	if err != nil {
		return nil, err
	}
	journal, err := sc.provider.journal(ctx, sc.account, began)
	return slices.Concat(
		percentiles("creation to POST", latencies(journal, asks), 20, 100),
		[]result{exactly("updates", of(journal, voicesim.OpUpdateParticipant), count)},
	), err
}

// comeIn has newcomers join the conferences of others one after the other, and
// declares each at once.
func (sc *scene) comeIn(ctx context.Context, with []call, apart time.Duration) (asks []ask, names []string, err error) {
	ticker := time.NewTicker(apart)
	defer ticker.Stop()
	for _, other := range with {
		var who struct {
			CallSID string `json:"callSID"`
		}
		path := "/conferences/" + other.conference + "/participants"
		if err := sc.provider.request(ctx, "POST", path, nil, &who); err != nil {
			return nil, nil, err
		}
		<-ticker.C
		sc.made++
		names = append(names, fmt.Sprintf("newcomer-%d", sc.made))
		object := sc.object(names[len(names)-1], call{sc.account, other.conference, who.CallSID})
		asks = append(asks, ask{call: who.CallSID, muted: true, at: time.Now()})
		if err := sc.client.Create(ctx, object); err != nil {
			return nil, nil, err
		}
	}
	return asks, names, nil
}
