package main

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/pkg/voicesim"
)

// joins has people join rooms that have been there for a while, one after the other, and
// ends the rooms then.
func joins(ctx context.Context, s *stage, n int, t tempo) ([]result, error) {
	const perSecond = 16
	sc, err := s.newScene(ctx, resync(30))
	if err != nil {
		return nil, err
	}
	defer sc.stop()
	if _, err := sc.start(ctx); err != nil {
		return nil, err
	}
	there, err := sc.oldRooms(ctx, n, t.age)
	if err != nil {
		return nil, err
	}
	before, err := sc.tally(ctx)
	if err != nil {
		return nil, err
	}
	began, count := time.Now(), int(t.watch.Seconds()*perSecond)
	joined, asks, err := sc.comeAlong(ctx, count, time.Second/perSecond, func(i int) string { return fmt.Sprintf("case-%d", i%n) })
	if err == nil {
		err = sc.watched.until(ctx, childrenOf(joined), ready)
	}
	if err != nil {
		return nil, err
	}
	cost, err := sc.costOfJoins(ctx, asks, began, before)
	if err != nil {
		return nil, err
	}
	ended, err := sc.endRooms(ctx, append(joined, there...), there[:n])
	return append(cost, ended...), err
}

// costOfJoins is how long it took until those that joined were muted, and what it cost.
func (sc *scene) costOfJoins(ctx context.Context, asks []ask, began time.Time, before tally) ([]result, error) {
	if _, err := sc.quiet(ctx); err != nil {
		return nil, err
	}
	after, err := sc.tally(ctx)
	if err != nil {
		return nil, err
	}
	journal, err := sc.provider.journal(ctx, sc.account, began)
	count, calls := len(asks), of(journal, voicesim.OpGetCall)+of(journal, voicesim.OpListCalls)
	return append(
		percentiles("join to POST", latencies(journal, asks), 0, ms(roomEvery*11/10+time.Second)),
		exactly("updates", of(journal, voicesim.OpUpdateParticipant), count),
		exactly("children applied", after.applied-before.applied, count),
		exactly("their status writes", after.status-before.status, count),
		figure("writes a call leg", float64(after.all-before.all)/float64(count), "").atMost(2.1),
		figure("calls read, or pages of them", float64(calls), "").atMost(float64(count)).counted(),
	), err
}

// oldRooms has a host and one other in each of so many rooms of one Conference, and waits
// until the rooms have an age. A single caller might not have started them.
func (sc *scene) oldRooms(ctx context.Context, count int, age time.Duration) ([]guest, error) {
	began := time.Now()
	if err := sc.govern(ctx, "cases", "case-"); err != nil {
		return nil, err
	}
	there := make([]guest, 2*count)
	err := each(ctx, len(there), func(ctx context.Context, i int) (err error) {
		from := [...]string{hostNumber, audienceNumber}[i/count]
		there[i], err = sc.join(ctx, "cases", fmt.Sprintf("case-%d", i%count), voicesim.JoinOptions{From: from})
		return err
	})
	if err == nil {
		err = sc.watched.until(ctx, childrenOf(there), ready)
	}
	if err == nil {
		err = wait(ctx, age-time.Since(began))
	}
	if err == nil {
		_, err = sc.quiet(ctx)
	}
	return there, err
}

// comeAlong has so many people of the audience join rooms of the Conference "cases", one
// after the other.
func (sc *scene) comeAlong(ctx context.Context, count int, apart time.Duration, where func(i int) string) (joined []guest, asks []ask, err error) {
	ticker := time.NewTicker(apart)
	defer ticker.Stop()
	for i := range count {
		<-ticker.C
		at := time.Now()
		one, err := sc.join(ctx, "cases", where(i), voicesim.JoinOptions{From: audienceNumber})
		if err != nil {
			return nil, nil, err
		}
		joined = append(joined, one)
		asks = append(asks, ask{call: one.sid, muted: true, at: at})
	}
	return joined, asks, nil
}

// endRooms ends the rooms of some, and counts what the end costs of all that were in them.
func (sc *scene) endRooms(ctx context.Context, all, some []guest) ([]result, error) {
	before, err := sc.tally(ctx)
	if err != nil {
		return nil, err
	}
	err = each(ctx, len(some), func(ctx context.Context, i int) error {
		return sc.provider.request(ctx, http.MethodPost, "/conferences/"+some[i].conference+"/end", nil, nil)
	})
	if err == nil {
		err = sc.watched.until(ctx, childrenOf(all), says(v1alpha1.ReasonParticipantLeft))
	}
	if err == nil {
		_, err = sc.quiet(ctx)
	}
	if err != nil {
		return nil, err
	}
	after, err := sc.tally(ctx)
	return []result{
		exactly("at the end: status writes", after.status-before.status, len(all)),
		exactly("at the end: children applied", after.applied-before.applied, 0),
	}, err
}

// tally is what was written to the API server so far.
type tally struct{ status, applied, all int }

func (s *stage) tally(ctx context.Context) (found tally, err error) {
	if found.status, found.all, err = s.writes(ctx); err != nil {
		return found, err
	}
	found.applied, err = s.applied(ctx)
	return found, err
}
