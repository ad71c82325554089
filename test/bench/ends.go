package main

import (
	"context"
	"fmt"
	"net/http"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/pkg/voicesim"
)

// memoryLimit is the container's limit as it is shipped, in MiB.
const memoryLimit = 512

// invented is the SID of something that is not at the provider.
func invented(i int) string { return fmt.Sprintf("9b1f6a52-7d1e-4c7e-b1c9-%012d", i) }

// says reports whether an object has a reason.
func says(reason string) func(seen) bool {
	return func(s seen) bool {
		found, _ := s.reason()
		return found == reason
	}
}

// ghosts has one object in each conference, past its join deadline, and a call that
// it does not ask for. The manager is started anew before it is watched,
// so that the lists are spread over their interval.
func ghosts(ctx context.Context, s *stage, n int, t tempo) ([]result, error) {
	sc, err := s.newScene(ctx, resync(30))
	if err != nil {
		return nil, err
	}
	defer sc.stop()
	m, err := sc.start(ctx)
	if err == nil {
		err = sc.neverJoin(ctx, n)
	}
	if err == nil {
		err = m.Stop()
	}
	if err != nil {
		return nil, err
	}
	s.drop(m)
	if m, err = sc.start(ctx); err == nil {
		err = wait(ctx, t.settle)
	}
	if err != nil {
		return nil, err
	}
	began := time.Now()
	results, err := sc.silence(ctx, m, t.watch, silence{lists: 40, cores: 0.15})
	if err != nil {
		return nil, err
	}
	journal, err := sc.provider.journal(ctx, sc.account, began)
	return append(results, figure("lists of one conference", float64(listedMost(journal)), "").atMost(1).counted()), err
}

// neverJoin has objects wait for calls that don't come, each in a conference of its
// own, and pass their deadline.
func (sc *scene) neverJoin(ctx context.Context, n int) error {
	calls, err := sc.provider.fill(ctx, sc.account, n, n)
	if err != nil {
		return err
	}
	for i := range calls {
		calls[i].sid = invented(i)
	}
	names, _, err := sc.declare(ctx, calls, func(p *v1alpha1.ConferenceParticipant) { p.Spec.JoinDeadlineSeconds = new(int32(1)) })
	if err == nil {
		err = sc.watched.until(ctx, names, says(v1alpha1.ReasonParticipantNotFound))
	}
	if err == nil {
		_, err = sc.quiet(ctx)
	}
	return err
}

// listedMost is how often one conference was listed at the most.
func listedMost(journal []voicesim.Request) (most int) {
	lists := map[string]int{}
	for _, request := range journal {
		if request.Operation == voicesim.OpListParticipants {
			lists[request.ConferenceSID]++
			most = max(most, lists[request.ConferenceSID])
		}
	}
	return most
}

// finished starts a manager where there are nothing but objects of calls that have
// left long ago: copies of one that the operator has served.
func finished(ctx context.Context, s *stage, n int, t tempo) ([]result, error) {
	sc, err := s.newScene(ctx, resync(5))
	if err != nil {
		return nil, err
	}
	defer sc.stop()
	end, err := sc.serveOne(ctx)
	if err == nil {
		err = sc.copyEnd(ctx, end, n-1)
	}
	if err != nil {
		return nil, err
	}
	_, written, err := s.writes(ctx)
	if err != nil {
		return nil, err
	}
	began := time.Now()
	m, err := sc.start(ctx)
	if err == nil {
		err = m.reconciled(ctx, n)
	}
	took := time.Since(began)
	if err == nil {
		err = wait(ctx, t.settle)
	}
	if err != nil {
		return nil, err
	}
	highest, err := peak(m.PID())
	if err != nil {
		return nil, err
	}
	memory, err := resident(m.PID())
	if err != nil {
		return nil, err
	}
	kept, err := m.held(ctx)
	if err != nil {
		return nil, err
	}
	journal, err := sc.provider.journal(ctx, sc.account, began)
	if err != nil {
		return nil, err
	}
	_, writes, err := s.writes(ctx)
	return []result{
		figure("resident at most", highest, "MiB").atMost(memoryLimit),
		figure("resident", memory, "MiB"),
		figure("heap for each object", kept.heap*1024/float64(n), "KiB").with("%.1f MiB", kept.heap),
		figure("all reconciled after", took.Seconds(), "s"),
		exactly("writes to the API server", writes-written, 0),
		exactly("requests about conferences", len(journal)-of(journal, voicesim.OpListConferences), 0),
		exactly("conferences kept", kept.conferences, 0),
	}, err
}

// serveOne has the operator serve a call until it has left, and returns what is left
// of its object.
func (sc *scene) serveOne(ctx context.Context) (*v1alpha1.ConferenceParticipant, error) {
	m, err := sc.start(ctx)
	if err != nil {
		return nil, err
	}
	calls, names, err := sc.populate(ctx, 1, 1)
	if err != nil {
		return nil, err
	}
	err = sc.provider.request(ctx, http.MethodPost, "/conferences/"+calls[0].conference+"/end", nil, nil)
	if err == nil {
		err = sc.watched.until(ctx, names, says(v1alpha1.ReasonParticipantLeft))
	}
	if err == nil {
		_, err = sc.quiet(ctx)
	}
	if err == nil {
		err = m.Stop()
	}
	sc.drop(m)
	if err != nil {
		return nil, err
	}
	end := &v1alpha1.ConferenceParticipant{}
	if err := sc.client.Get(ctx, client.ObjectKey{Namespace: sc.namespace, Name: names[0]}, end); err != nil {
		return nil, err
	}
	return end, sc.finishLongAgo(ctx, end, end.Status)
}

// copyEnd creates objects that came to the same end, two in each conference.
func (sc *scene) copyEnd(ctx context.Context, end *v1alpha1.ConferenceParticipant, n int) error {
	first := sc.made
	sc.made += n
	return each(ctx, n, func(ctx context.Context, i int) error {
		object := sc.object(name(first+i), call{sc.account, invented(i / 2), invented(n + i)})
		if err := sc.client.Create(ctx, object); err != nil {
			return err
		}
		return sc.finishLongAgo(ctx, object, end.Status)
	})
}

// finishLongAgo gives an object the status of one that has finished, an hour ago.
func (sc *scene) finishLongAgo(ctx context.Context, object *v1alpha1.ConferenceParticipant, status v1alpha1.ConferenceParticipantStatus) error {
	status.DeepCopyInto(&object.Status)
	finished := metav1.NewTime(time.Now().Add(-time.Hour))
	object.Status.FinishTime = &finished
	if p := object.Status.Participant; p != nil {
		p.ConferenceSID, p.CallSID = string(object.Spec.ConferenceSID), string(object.Spec.CallSID)
	}
	return sc.client.Status().Update(ctx, object)
}

// reconciled waits until a manager has gone through as many objects.
func (m *manager) reconciled(ctx context.Context, n int) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		content, err := fetch(ctx, http.DefaultClient, m.metrics)
		if err != nil {
			return err
		}
		done := sum(content, "controller_runtime_reconcile_total", []string{`controller="participant"`})
		if queued := sum(content, "workqueue_depth", nil); int(done) >= n && queued == 0 {
			return nil
		}
		if err := wait(ctx, 100*time.Millisecond); err != nil {
			return fmt.Errorf("%.0f of %d objects were reconciled: %w", done, n, err)
		}
	}
}
