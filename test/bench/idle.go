package main

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/voiceops/conference-operator/pkg/voicesim"
)

// many has two objects in each conference.
func many(ctx context.Context, s *stage, n int, t tempo) ([]result, error) {
	sc, m, _, err := s.crowd(ctx, n, n/2, 2*t.resync, t)
	if err != nil {
		return nil, err
	}
	defer sc.stop()
	lists := float64(n/2) / float64(2*t.resync) * 1.02
	return sc.silence(ctx, m, t.watch/2, silence{lists: lists, cores: 0.3})
}

// idle has twenty objects in each conference.
func idle(ctx context.Context, s *stage, n int, t tempo) ([]result, error) {
	sc, m, _, err := s.crowd(ctx, n, n/20, t.resync, t)
	if err != nil {
		return nil, err
	}
	defer sc.stop()
	return sc.silence(ctx, m, t.watch, silence{lists: float64(max(n/20, 1)) / float64(t.resync) * 1.2, cores: 0.15, memory: 130})
}

// crowd starts a manager and has objects converge and come to rest.
func (s *stage) crowd(ctx context.Context, objects, conferences int, every int32, t tempo) (*scene, *manager, []call, error) {
	sc, err := s.newScene(ctx, resync(every))
	if err != nil {
		return nil, nil, nil, err
	}
	m, err := sc.start(ctx)
	if err != nil {
		return nil, nil, nil, err
	}
	calls, _, err := sc.populate(ctx, objects, conferences)
	if err != nil {
		return nil, nil, nil, err
	}
	if _, err := s.quiet(ctx); err != nil {
		return nil, nil, nil, err
	}
	return sc, m, calls, wait(ctx, t.settle)
}

// silence are the aims for idle objects: list calls a second, cores, and MiB,
// where 0 is none.
type silence struct{ lists, cores, memory float64 }

// silence watches what a manager does with nothing to do.
func (sc *scene) silence(ctx context.Context, m *manager, during time.Duration, aims silence) ([]result, error) {
	_, written, err := sc.writes(ctx)
	if err != nil {
		return nil, err
	}
	used, err := processor(m.PID())
	if err != nil {
		return nil, err
	}
	began := time.Now()
	if err := wait(ctx, during); err != nil {
		return nil, err
	}
	after, err := processor(m.PID())
	if err != nil {
		return nil, err
	}
	took := time.Since(began)
	journal, err := sc.provider.journal(ctx, sc.account, began)
	if err != nil {
		return nil, err
	}
	_, writes, err := sc.writes(ctx)
	if err != nil {
		return nil, err
	}
	memory, err := resident(m.PID())
	results := []result{
		figure("list calls", float64(of(journal, voicesim.OpListParticipants))/took.Seconds(), "/s").atMost(aims.lists),
		exactly("updates", of(journal, voicesim.OpUpdateParticipant), 0),
		exactly("writes to the API server", writes-written, 0),
		figure("processor", (after-used).Seconds()/took.Seconds(), "cores").atMost(aims.cores),
	}
	if aims.memory == 0 {
		return append(results, figure("resident", memory, "MiB")), err
	}
	return append(results, figure("resident", memory, "MiB").atMost(aims.memory)), err
}

// drift changes one in twenty of the objects behind the operator's back.
func drift(ctx context.Context, s *stage, n int, t tempo) ([]result, error) {
	sc, _, calls, err := s.crowd(ctx, n, n/20, t.resync, t)
	if err != nil {
		return nil, err
	}
	defer sc.stop()
	count := max(n/20, 1)
	asks := make([]ask, count)
	began := time.Now()
	err = each(ctx, count, func(ctx context.Context, i int) error {
		c := calls[i*len(calls)/count]
		asks[i] = ask{call: c.sid, muted: true, at: time.Now()}
		return sc.provider.request(ctx, http.MethodPatch, "/conferences/"+c.conference+"/participants/"+c.sid, map[string]bool{"muted": false}, nil)
	})
	limit := time.Duration(t.resync)*time.Second*11/10 + 2*time.Second
	if err != nil {
		return nil, err
	}
	if err := wait(ctx, limit+5*time.Second); err != nil {
		return nil, err
	}
	journal, err := sc.provider.journal(ctx, sc.account, began)
	took := latencies(journal, asks)
	longest := time.Duration(0)
	if len(took) > 0 {
		longest = slices.Max(took)
	}
	return []result{
		exactly("corrected", len(took), count),
		exactly("updates", of(journal, voicesim.OpUpdateParticipant), count),
		figure("longest drift", longest.Seconds(), "s").atMost(limit.Seconds()).with("resync %d s ±10 %% + 2 s", t.resync),
	}, err
}

// restart kills the manager and starts it again.
func restart(ctx context.Context, s *stage, n int, t tempo) ([]result, error) {
	sc, m, calls, err := s.crowd(ctx, n, n/20, t.resync, t)
	if err != nil {
		return nil, err
	}
	defer sc.stop()
	_, written, err := sc.writes(ctx)
	if err != nil {
		return nil, err
	}
	if err := m.Kill(); err != nil {
		return nil, err
	}
	s.drop(m)
	began := time.Now()
	if _, err := sc.start(ctx); err != nil {
		return nil, err
	}
	// The next list of a conference is due after nine tenths of the resync interval
	// at the soonest, counted from its first one, not from the end of the start.
	round := time.Duration(t.resync) * time.Second * 8 / 10
	if err := wait(ctx, round); err != nil {
		return nil, err
	}
	journal, err := sc.provider.journal(ctx, sc.account, began)
	if err != nil {
		return nil, err
	}
	_, writes, err := sc.writes(ctx)
	looked, lists, last := firstLooks(journal, began, round)
	conferences := len(conferencesOfCalls(calls))
	return []result{
		exactly("conferences looked at", looked, conferences),
		exactly("list calls", lists, conferences).timed(),
		exactly("updates", of(journal, voicesim.OpUpdateParticipant), 0),
		exactly("writes to the API server", writes-written, 0),
		figure("all looked at after", last.Sub(began).Seconds(), "s").atMost(15),
	}, err
}

// firstLooks is how many conferences were looked at since a moment, with how many lists
// before their next one is due, and when the last of them was listed first.
func firstLooks(journal []voicesim.Request, began time.Time, round time.Duration) (looked, lists int, last time.Time) {
	first := map[string]time.Time{}
	last = began
	for _, request := range journal {
		if request.Operation != voicesim.OpListParticipants {
			continue
		}
		if first[request.ConferenceSID].IsZero() {
			first[request.ConferenceSID], last = request.Time, request.Time
		}
		if request.Time.Sub(first[request.ConferenceSID]) < round {
			lists++
		}
	}
	return len(first), lists, last
}

func conferencesOfCalls(calls []call) map[string]bool {
	found := map[string]bool{}
	for _, c := range calls {
		found[c.conference] = true
	}
	return found
}
