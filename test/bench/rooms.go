package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/voiceops/conference-operator/pkg/voicesim"
)

// rooms has twenty people in each room, each with a child. One Conference governs
// half of the rooms by a prefix, each other room has one of its own. It looks at what
// that costs when nothing changes, and again after a restart.
func rooms(ctx context.Context, s *stage, n int, t tempo) ([]result, error) {
	sc, err := s.newScene(ctx, resync(30))
	if err != nil {
		return nil, err
	}
	defer sc.stop()
	count := max(n/20, 2)
	joined, err := sc.crowdedRooms(ctx, n, count)
	if err != nil {
		return nil, err
	}
	m, err := sc.start(ctx)
	if err == nil {
		err = sc.watched.until(ctx, childrenOf(joined), ready)
	}
	if err == nil {
		_, err = sc.quiet(ctx)
	}
	if err == nil {
		err = wait(ctx, t.settle)
	}
	if err != nil {
		return nil, err
	}
	idle, err := sc.silentRooms(ctx, m, n, t.watch)
	if err != nil {
		return nil, err
	}
	again, err := sc.restartRooms(ctx, m, n, count, t.watch)
	return slices.Concat(idle, again), err
}

// crowdedRooms has people join rooms, the first of each as its host, and declares what
// holds there.
func (sc *scene) crowdedRooms(ctx context.Context, people, count int) ([]guest, error) {
	half := count / 2
	if err := sc.govern(ctx, "cases", "case-"); err != nil {
		return nil, err
	}
	err := each(ctx, count-half, func(ctx context.Context, i int) error {
		return sc.govern(ctx, hall(i), "")
	})
	if err != nil {
		return nil, err
	}
	joined := make([]guest, people)
	return joined, each(ctx, people, func(ctx context.Context, i int) (err error) {
		place, from := i%count, audienceNumber
		if i < count {
			from = hostNumber
		}
		room, conference := fmt.Sprintf("case-%d", place), "cases"
		if place >= half {
			room, conference = hall(place-half), hall(place-half)
		}
		joined[i], err = sc.join(ctx, conference, room, voicesim.JoinOptions{From: from})
		return err
	})
}

// hall is the name of a room and of the Conference that governs it alone.
func hall(i int) string { return fmt.Sprintf("hall-%d", i) }

// silentRooms is what rooms cost in which nothing changes.
func (sc *scene) silentRooms(ctx context.Context, m *manager, children int, during time.Duration) ([]result, error) {
	began := time.Now()
	results, err := sc.silence(ctx, m, during, silence{lists: 105, cores: 0.15})
	if err != nil {
		return nil, err
	}
	took := time.Since(began).Seconds()
	journal, err := sc.provider.journal(ctx, sc.account, began)
	if err != nil {
		return nil, err
	}
	kept, err := m.held(ctx)
	return append(results,
		figure("lists of all rooms", float64(of(journal, voicesim.OpListConferences))/took, "/s").atMost(0.5),
		exactly("calls read, or listed", of(journal, voicesim.OpGetCall)+of(journal, voicesim.OpListCalls), 0),
		figure("heap for each child", kept.heap*1024/float64(children), "KiB").with("%.1f MiB", kept.heap),
	), err
}

// restartRooms kills the manager, starts it again, and looks at what that costs from then
// on.
func (sc *scene) restartRooms(ctx context.Context, m *manager, children, count int, during time.Duration) ([]result, error) {
	_, written, err := sc.writes(ctx)
	if err == nil {
		err = m.Kill()
	}
	if err != nil {
		return nil, err
	}
	sc.drop(m)
	began := time.Now()
	if m, err = sc.start(ctx); err == nil {
		// By then every room was listed, and every call that matters was read.
		err = wait(ctx, 2*roomEvery)
	}
	if err != nil {
		return nil, err
	}
	quiet, err := sc.silentRooms(ctx, m, children, during)
	if err != nil {
		return nil, err
	}
	journal, err := sc.provider.journal(ctx, sc.account, began)
	if err != nil {
		return nil, err
	}
	_, writes, err := sc.writes(ctx)
	looked, lists, last := firstLooks(journal, began, roomRound)
	results := slices.Concat([]result{
		exactly("rooms looked at", looked, count),
		exactly("first lists", lists, count).timed(),
		figure("pages of calls", float64(of(journal, voicesim.OpListCalls)), "").atMost(20).counted().with("%d read one by one", of(journal, voicesim.OpGetCall)),
		exactly("updates since", of(journal, voicesim.OpUpdateParticipant), 0),
		exactly("writes since", writes-written, 0),
		figure("all looked at after", last.Sub(began).Seconds(), "s").atMost(15),
	}, quiet)
	for i := range results {
		results[i].Figure = "restarted: " + results[i].Figure
	}
	return results, err
}
