package main

import (
	"context"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/voiceops/conference-operator/pkg/voicesim"
)

// rush has a crowd join a room that opens with it, while children in another room of the
// same Conference are edited, against the floor in the same run.
func rush(ctx context.Context, s *stage, n int, t tempo) ([]result, error) {
	bare, err := s.newScene(ctx)
	if err != nil {
		return nil, err
	}
	defer bare.stop()
	calls, err := s.provider.fill(ctx, bare.account, n, 1)
	if err != nil {
		return nil, err
	}
	before, err := bare.floor(ctx, calls[:n/2])
	if err != nil {
		return nil, err
	}
	sc, err := s.newScene(ctx, resync(30))
	if err != nil {
		return nil, err
	}
	defer sc.stop()
	m, err := sc.start(ctx)
	if err != nil {
		return nil, err
	}
	found, err := sc.rush(ctx, n, time.Duration(float64(n)/before*float64(time.Second)), t.rush)
	if err == nil {
		err = m.Stop()
	}
	if err != nil {
		return nil, err
	}
	s.drop(m)
	after, err := bare.floor(ctx, calls[n/2:])
	floor := float64(n) / 2 * (1/before + 1/after)
	return append(found.against(floor), found.results...), err
}

// crowd is what a crowd has come to.
type crowd struct {
	host guest
	// asks are the joins, edits those that were made beside.
	asks, edits []ask
	// joining is how long it took to join, and muted how long from the first join until
	// the last was muted.
	joining, muted time.Duration
	results        []result
}

// against compares with the floor, in seconds. No one can be muted before they have
// joined, nor be seen sooner than the room is listed.
func (c crowd) against(floor float64) []result {
	bound := max(floor, c.joining.Seconds()) + (roomEvery + time.Second).Seconds()
	return []result{
		figure("all muted / floor or joining, + 6 s", c.muted.Seconds()/bound, "").atMost(1.25).
			with("%.1f s; joining took %.1f s, the floor %.1f s", c.muted.Seconds(), c.joining.Seconds(), floor),
	}
}

// rush has the crowd join while the other room is edited, for about as long as the floor
// says that it takes.
func (sc *scene) rush(ctx context.Context, n int, floor, during time.Duration) (found crowd, err error) {
	hosts, err := sc.otherRoom(ctx)
	if err != nil {
		return found, err
	}
	before, err := sc.tally(ctx)
	if err != nil {
		return found, err
	}
	began := time.Now()
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() (err error) {
		found.edits, err = sc.edits(ctx, callsOf(hosts), childrenOf(hosts), 100*time.Millisecond, during+floor)
		return err
	})
	group.Go(func() error { return sc.rushIn(ctx, &found, n, during) })
	if err := group.Wait(); err != nil {
		return found, err
	}
	return found, sc.countCrowd(context.WithoutCancel(ctx), &found, n, began, before)
}

// otherRoom has hosts in a room, muted by themselves.
func (sc *scene) otherRoom(ctx context.Context) ([]guest, error) {
	if err := sc.govern(ctx, "cases", "case-"); err != nil {
		return nil, err
	}
	hosts := make([]guest, 20)
	err := each(ctx, len(hosts), func(ctx context.Context, i int) (err error) {
		hosts[i], err = sc.join(ctx, "cases", "case-other", voicesim.JoinOptions{From: hostNumber, Muted: true})
		return err
	})
	if err == nil {
		err = sc.watched.until(ctx, childrenOf(hosts), ready)
	}
	if err == nil {
		_, err = sc.quiet(ctx)
	}
	return hosts, err
}

// rushIn has a host and a crowd join a room, and waits until all have what is declared.
func (sc *scene) rushIn(ctx context.Context, found *crowd, n int, during time.Duration) (err error) {
	began := time.Now()
	if found.host, err = sc.join(ctx, "cases", "case-crowd", voicesim.JoinOptions{From: hostNumber}); err != nil {
		return err
	}
	joined, asks, err := sc.comeAlong(ctx, n-1, during/time.Duration(n), func(int) string { return "case-crowd" })
	if err != nil {
		return err
	}
	found.asks, found.joining = asks, time.Since(began)
	return sc.watched.until(ctx, append(childrenOf(joined), found.host.child), ready)
}

// countCrowd counts what a crowd has cost, and how long it took.
func (sc *scene) countCrowd(ctx context.Context, found *crowd, n int, began time.Time, before tally) error {
	if _, err := sc.quiet(ctx); err != nil {
		return err
	}
	after, err := sc.tally(ctx)
	if err != nil {
		return err
	}
	journal, err := sc.provider.journal(ctx, sc.account, began)
	var ours []voicesim.Request
	for _, request := range journal {
		if request.ConferenceSID == found.host.conference {
			ours = append(ours, request)
		}
		if request.ConferenceSID == found.host.conference && request.Operation == voicesim.OpUpdateParticipant {
			found.muted = max(found.muted, request.Time.Sub(began))
		}
	}
	found.results = slices.Concat(
		percentiles("join to POST", latencies(journal, found.asks), 0, 0),
		[]result{
			exactly("updates", of(ours, voicesim.OpUpdateParticipant), n-1),
			exactly("children applied", after.applied-before.applied, n),
			// An edit of a microphone takes two, and the host has one more
			// once a later look has shown that nothing holds them.
			figure("status writes", float64(after.status-before.status), "").atMost(float64(n+1+2*len(found.edits))).counted().
				with("up to %d of them for edits", 2*len(found.edits)),
			figure("pages of lists", float64(of(ours, voicesim.OpListParticipants)), "").atMost(100).counted(),
			figure("pages of calls", float64(of(journal, voicesim.OpListCalls)), "").atMost(40).counted().
				with("%d read one by one", of(journal, voicesim.OpGetCall)),
			exactly("other room: edits on the wire", len(latencies(journal, found.edits)), len(found.edits)),
		},
		percentiles("other room: stored edit to POST", sinceStored(journal, found.edits), 0, 150),
		percentiles("other room: edit until it is stored", storing(found.edits), 0, 0),
	)
	return err
}
