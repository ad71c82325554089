package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/testkit"
	"github.com/voiceops/conference-operator/pkg/voicesim"
)

// deletion creates and deletes objects, a sixth of them with a deletion policy,
// and looks at what is left of them in the manager.
func deletion(ctx context.Context, s *stage, n int, _ tempo) ([]result, error) {
	sc, err := s.newScene(ctx, resync(5))
	if err != nil {
		return nil, err
	}
	defer sc.stop()
	m, err := sc.start(ctx)
	if err != nil {
		return nil, err
	}
	retain := func(*v1alpha1.ConferenceParticipant) {}
	reset := func(p *v1alpha1.ConferenceParticipant) { p.Spec.DeletionPolicy = v1alpha1.DeletionReset }
	// One round warms everything up: connections, tables, pools.
	if _, err := sc.comeAndGo(ctx, m, max(n/12, 2), reset); err != nil {
		return nil, err
	}
	before, err := sc.rested(ctx, m)
	if err != nil {
		return nil, err
	}
	began := time.Now()
	full, err := sc.comeAndGo(ctx, m, n*5/6, retain)
	if err != nil {
		return nil, err
	}
	journal, err := sc.provider.journal(ctx, sc.account, began)
	if err != nil {
		return nil, err
	}
	kept := of(journal, voicesim.OpUpdateParticipant)
	began = time.Now()
	if _, err := sc.comeAndGo(ctx, m, n/6, reset); err != nil {
		return nil, err
	}
	journal, err = sc.provider.journal(ctx, sc.account, began)
	if err != nil {
		return nil, err
	}
	after, err := sc.rested(ctx, m)
	if err != nil {
		return nil, err
	}
	// What is kept for the next crowd is no leak if that one leaves no more of it.
	if _, err := sc.comeAndGo(ctx, m, n*5/6, retain); err != nil {
		return nil, err
	}
	again, err := sc.rested(ctx, m)
	return []result{
		exactly("updates with Retain", kept, n*5/6),
		exactly("updates with Reset", of(journal, voicesim.OpUpdateParticipant), 2*(n/6)),
		figure("heap after / before", after.heap/before.heap, "").atMost(1.1).with("%.1f MiB, then %.1f full, then %.1f", before.heap, full.heap, after.heap),
		figure("heap after another crowd / after", again.heap/after.heap, "").atMost(1.1).with("%.1f MiB, then %.1f", after.heap, again.heap),
		exactly("conferences kept", again.conferences, 0).with("%d when full", full.conferences),
		exactly("accounts kept", again.accounts, before.accounts),
		figure("goroutines more than before", float64(again.goroutines-before.goroutines), "").atMost(20).with("%d, then %d", before.goroutines, again.goroutines),
	}, err
}

// comeAndGo creates objects, deletes them when they are Ready, and waits until
// nothing is left to look at. It returns what the manager held in between.
func (sc *scene) comeAndGo(ctx context.Context, m *manager, n int, change func(*v1alpha1.ConferenceParticipant)) (held, error) {
	_, names, err := sc.populate(ctx, n, n/20, change)
	if err != nil {
		return held{}, err
	}
	full, err := m.held(ctx)
	if err != nil {
		return held{}, err
	}
	err = each(ctx, len(names), func(ctx context.Context, i int) error {
		return sc.client.Delete(ctx, &v1alpha1.ConferenceParticipant{ObjectMeta: metav1.ObjectMeta{Namespace: sc.namespace, Name: names[i]}})
	})
	if err == nil {
		err = sc.gone(ctx)
	}
	if err != nil {
		return held{}, err
	}
	return full, testkit.Eventually(ctx, func() error {
		left, err := m.value(ctx, "conference_operator_conferences")
		if err == nil && left > 0 {
			err = fmt.Errorf("%.0f conferences are still looked at", left)
		}
		return err
	})
}

// gone waits until there is no object left.
func (sc *scene) gone(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		left := &v1alpha1.ConferenceParticipantList{}
		if err := sc.client.List(ctx, left, client.InNamespace(sc.namespace), client.Limit(1)); err != nil || len(left.Items) == 0 {
			return err
		}
		if err := wait(ctx, 100*time.Millisecond); err != nil {
			return fmt.Errorf("%s and others are left: %w", left.Items[0].Name, err)
		}
	}
}

// accountSays checks the reason of an account.
func (sc *scene) accountSays(ctx context.Context, name, reason string) error {
	account := &v1alpha1.VoiceAccount{}
	if err := sc.client.Get(ctx, client.ObjectKey{Namespace: sc.namespace, Name: name}, account); err != nil {
		return err
	}
	says := func(c metav1.Condition) bool { return c.Type == v1alpha1.ConditionReady && c.Reason == reason }
	if !slices.ContainsFunc(account.Status.Conditions, says) {
		return fmt.Errorf("account %s does not say %s", name, reason)
	}
	return nil
}

// takeover has one replica take over from another that was stopped, and from
// one that was killed.
func takeover(ctx context.Context, s *stage, n int, t tempo) ([]result, error) {
	sc, err := s.newScene(ctx)
	if err != nil {
		return nil, err
	}
	defer sc.stop()
	leader, err := sc.startReplica(ctx)
	if err != nil {
		return nil, err
	}
	calls, _, err := sc.populate(ctx, n, n/20)
	if err != nil {
		return nil, err
	}
	began := time.Now()
	stopped, leader, err := sc.replace(ctx, leader, (*testkit.Process).Stop, calls, 0)
	if err != nil {
		return nil, err
	}
	killed, _, err := sc.replace(ctx, leader, (*testkit.Process).Kill, calls, 1)
	if err != nil {
		return nil, err
	}
	if err := wait(ctx, t.settle/10); err != nil {
		return nil, err
	}
	journal, err := sc.provider.journal(ctx, sc.account, began)
	return []result{
		figure("stopped: edit on the wire after", stopped.Seconds(), "s").atMost(2),
		figure("killed: edit on the wire after", killed.Seconds(), "s").atMost(20),
		exactly("updates", of(journal, voicesim.OpUpdateParticipant), 2).with("the two edits"),
	}, err
}

// startReplica starts a manager that leads, or waits until it can.
func (sc *scene) startReplica(ctx context.Context) (*manager, error) {
	return sc.start(ctx, "--leader-elect", "--leader-election-namespace="+testkit.OperatorNamespace)
}

// replace ends a leader while a standby is there, edits the object of a call, and
// returns how long it took until the standby had sent the update.
func (sc *scene) replace(ctx context.Context, leader *manager, end func(*testkit.Process) error, calls []call, edited int) (time.Duration, *manager, error) {
	standby, err := sc.startReplica(ctx)
	if err != nil {
		return 0, nil, err
	}
	err = testkit.Eventually(ctx, func() error {
		// Its caches are filled once the first lists have come.
		filled, err := standby.value(ctx, "conference_operator_participants")
		if err == nil && int(filled) < sc.made {
			err = fmt.Errorf("the standby knows %.0f objects", filled)
		}
		return err
	})
	if err != nil {
		return 0, nil, err
	}
	if err := end(leader.Process); err != nil {
		return 0, nil, err
	}
	sc.drop(leader)
	asked := ask{call: calls[edited].sid, muted: false, at: time.Now()}
	if err := sc.mute(ctx, name(edited), asked.muted); err != nil {
		return 0, nil, err
	}
	took := time.Duration(0)
	err = testkit.Eventually(ctx, func() error {
		journal, err := sc.provider.journal(ctx, sc.account, asked.at)
		if found := latencies(journal, []ask{asked}); err == nil && len(found) > 0 {
			took = found[0]
			return nil
		}
		return fmt.Errorf("the edit of %s is not on the wire: %w", name(edited), err)
	})
	return took, standby, err
}
