package main

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/testkit"
	"github.com/voiceops/conference-operator/pkg/voicesim"
)

// fairness mutes one crowded conference while single edits come in for another
// one of the same account.
func fairness(ctx context.Context, s *stage, n int, _ tempo) ([]result, error) {
	return s.fairness(ctx, n, 200, 150)
}

// fairness50 is the same with a limit that leaves the API server idle.
func fairness50(ctx context.Context, s *stage, n int, _ tempo) ([]result, error) {
	return s.fairness(ctx, n, 50, 100)
}

// fairness has so many updates a second; the p99 of an edit, from when it was
// stored, is to be at most so many milliseconds.
func (s *stage) fairness(ctx context.Context, n, limit int, aim float64) ([]result, error) {
	sc, err := s.newScene(ctx, rateLimit(int32(limit), int32(limit/10)), resync(30))
	if err != nil {
		return nil, err
	}
	defer sc.stop()
	m, err := sc.start(ctx)
	if err != nil {
		return nil, err
	}
	open := func(p *v1alpha1.ConferenceParticipant) { p.Spec.Muted = new(false) }
	_, crowd, err := sc.populate(ctx, n, 1, open)
	if err != nil {
		return nil, err
	}
	quiet, others, err := sc.populate(ctx, 20, 1)
	if err != nil {
		return nil, err
	}
	// The crowd is muted while no manager runs: then the edits wait in the
	// operator's queue, if anywhere, and not in the API server's.
	if err := m.Stop(); err != nil {
		return nil, err
	}
	s.drop(m)
	err = each(ctx, len(crowd), func(ctx context.Context, i int) error { return sc.mute(ctx, crowd[i], true) })
	if err != nil {
		return nil, err
	}
	if _, err := sc.start(ctx); err != nil {
		return nil, err
	}
	began := time.Now()
	asks, err := sc.edits(ctx, quiet, others, 100*time.Millisecond, max(time.Duration(n/limit)*time.Second, time.Second))
	if err == nil {
		err = sc.watched.until(ctx, crowd, ready)
	}
	if err != nil {
		return nil, err
	}
	took := time.Since(began)
	journal, err := sc.provider.journal(ctx, sc.account, began)
	return slices.Concat(
		percentiles("stored edit to POST", sinceStored(journal, asks), 0, aim),
		percentiles("edit until it is stored", storing(asks), 0, 0),
		[]result{
			exactly("edits on the wire", len(latencies(journal, asks)), len(asks)),
			exactly("updates", of(journal, voicesim.OpUpdateParticipant), n+len(asks)),
			figure("updates a second", float64(of(journal, voicesim.OpUpdateParticipant))/took.Seconds(), "/s").with("rateLimit %d", limit),
		},
	), err
}

// revoked takes the token of a crowded account away while another account goes
// on working.
func revoked(ctx context.Context, s *stage, n int, t tempo) ([]result, error) {
	sc, m, _, err := s.crowd(ctx, n, n/20, 30, t)
	if err != nil {
		return nil, err
	}
	defer sc.stop()
	second := sc.account[:len(sc.account)-1] + "f"
	if err := sc.addAccount(ctx, "other", second, resync(30)); err != nil {
		return nil, err
	}
	if err := sc.accountReady(ctx, "other"); err != nil {
		return nil, err
	}
	calls, err := sc.provider.fill(ctx, second, 50, 5)
	if err != nil {
		return nil, err
	}
	names, _, err := sc.declare(ctx, calls, func(p *v1alpha1.ConferenceParticipant) { p.Spec.AccountRef.Name = "other" })
	if err == nil {
		err = sc.watched.until(ctx, names, ready)
	}
	if err != nil {
		return nil, err
	}
	before, err := sc.timed(ctx, second, calls, names, t.storm)
	if err != nil {
		return nil, err
	}
	if err := sc.provider.request(ctx, http.MethodPost, "/accounts/"+sc.account+"/revoke", nil, nil); err != nil {
		return nil, err
	}
	err = testkit.Eventually(ctx, func() error { return sc.accountSays(ctx, "acme", v1alpha1.ReasonUnauthorized) })
	if err != nil {
		return nil, err
	}
	began := time.Now()
	after, err := sc.timed(ctx, second, calls, names, t.storm)
	if err != nil {
		return nil, err
	}
	journal, err := sc.provider.journal(ctx, sc.account, began)
	minutes := max(time.Since(began).Minutes(), 1)
	memory, _ := resident(m.PID())
	return []result{
		figure("requests for the first", float64(len(journal))/minutes, "/min").atMost(2).counted(),
		figure("second account, p99 before", ms(before.whole), "ms").with("%.1f until stored, %.1f from then on", ms(before.storing), ms(before.stored)),
		figure("second account, p99 after", ms(after.whole), "ms").with("%.1f until stored, %.1f from then on", ms(after.storing), ms(after.stored)),
		figure("p99 after / before", float64(after.whole)/float64(before.whole), "").atMost(1.1),
		figure("resident", memory, "MiB"),
	}, err
}

// timing are the 99th percentiles of how long edits took to be on the wire, and of
// the two parts of that: until the API server had stored them, and from then on.
type timing struct{ whole, storing, stored time.Duration }

// timed has edits come in, and times them.
func (sc *scene) timed(ctx context.Context, account string, calls []call, names []string, during time.Duration) (timing, error) {
	began := time.Now()
	asks, err := sc.edits(ctx, calls, names, 50*time.Millisecond, during)
	if err != nil {
		return timing{}, err
	}
	journal, err := sc.provider.journal(ctx, account, began)
	return timing{
		whole:   nearly(latencies(journal, asks)),
		storing: nearly(storing(asks)),
		stored:  nearly(sinceStored(journal, asks)),
	}, err
}

// nearly is the 99th percentile, 0 of nothing.
func nearly(took []time.Duration) time.Duration {
	if len(took) == 0 {
		return 0
	}
	slices.Sort(took)
	return took[min(len(took)*99/100, len(took)-1)]
}

// storm has the provider refuse every second request for being too many.
func storm(ctx context.Context, s *stage, n int, t tempo) ([]result, error) {
	const wait429 = time.Second
	sc, err := s.newScene(ctx)
	if err != nil {
		return nil, err
	}
	defer sc.stop()
	if _, err := sc.start(ctx); err != nil {
		return nil, err
	}
	calls, err := sc.provider.fill(ctx, sc.account, n, min(50, n))
	if err != nil {
		return nil, err
	}
	fault := voicesim.Fault{AccountSID: sc.account, Every: 2, Status: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {"1"}}}
	if err := sc.provider.request(ctx, http.MethodPost, "/faults", fault, nil); err != nil {
		return nil, err
	}
	began := time.Now()
	names, _, err := sc.declare(ctx, calls)
	if err == nil {
		err = wait(ctx, t.storm-time.Since(began))
	}
	if err != nil {
		return nil, err
	}
	if err := sc.provider.request(ctx, http.MethodDelete, "/faults", nil, nil); err != nil {
		return nil, err
	}
	over := time.Now()
	if err := sc.watched.until(ctx, names, ready); err != nil {
		return nil, err
	}
	took := time.Since(over)
	journal, err := sc.provider.journal(ctx, sc.account, began)
	applied := 0
	for _, request := range journal {
		if request.Operation == voicesim.OpUpdateParticipant && request.Applied {
			applied++
		}
	}
	return []result{
		exactly("requests before their time", tooEarly(journal, wait429), 0),
		exactly("updates", applied, n),
		figure("requests in the storm", float64(len(journal))/t.storm.Seconds(), "/s"),
		figure("converged after the storm", took.Seconds(), "s").atMost(10),
	}, err
}

// tooEarly counts the requests that were sent before a refusal let them. Those
// that were on their way when it was answered, on a machine that is busy, are not
// meant.
func tooEarly(journal []voicesim.Request, after time.Duration) (count int) {
	onTheWay := after / 2
	until, since := time.Time{}, time.Time{}
	for _, request := range journal {
		if request.Time.Before(until) && request.Time.After(since) {
			count++
		}
		if request.Status == http.StatusTooManyRequests {
			since, until = request.Done.Add(onTheWay), request.Done.Add(after)
		}
	}
	return count
}

// busy is how many requests a second got a response, from when the first one came
// to the response to the last update.
func busy(journal []voicesim.Request) float64 {
	var last time.Time
	answered := 0
	for _, request := range journal {
		if request.Operation == voicesim.OpUpdateParticipant && request.Done.After(last) {
			last = request.Done
		}
	}
	for _, request := range journal {
		if !request.Done.IsZero() && !request.Done.After(last) {
			answered++
		}
	}
	return float64(answered) / last.Sub(journal[0].Time).Seconds()
}

// latency has the provider take its time for each request.
func latency(ctx context.Context, s *stage, n int, _ tempo) ([]result, error) {
	const takes, conferences = 200 * time.Millisecond, 10
	sc, err := s.newScene(ctx)
	if err != nil {
		return nil, err
	}
	defer sc.stop()
	if _, err := sc.start(ctx); err != nil {
		return nil, err
	}
	calls, err := sc.provider.fill(ctx, sc.account, n, min(conferences, n))
	if err != nil {
		return nil, err
	}
	fault := map[string]any{"accountSID": sc.account, "delay": takes.String(), "beforeApply": true}
	if err := sc.provider.request(ctx, http.MethodPost, "/faults", fault, nil); err != nil {
		return nil, err
	}
	began := time.Now()
	names, _, err := sc.declare(ctx, calls)
	if err == nil {
		err = sc.watched.until(ctx, names, ready)
	}
	if err != nil {
		return nil, err
	}
	took := time.Since(began)
	journal, err := sc.provider.journal(ctx, sc.account, began)
	if err != nil {
		return nil, err
	}
	rate := busy(journal)
	bound := workers / takes.Seconds()
	return []result{
		figure("requests / bound", rate/bound, "").atLeast(0.9).with("%.0f/s of %.0f/s", rate, bound),
		figure("objects a second", float64(n)/took.Seconds(), "/s"),
		exactly("updates", of(journal, voicesim.OpUpdateParticipant), n),
	}, sc.provider.request(ctx, http.MethodDelete, "/faults", nil, nil)
}
