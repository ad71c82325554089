package main

import (
	"testing"

	coordinationv1 "k8s.io/api/coordination/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/testkit"
	"github.com/voiceops/conference-operator/pkg/voicesim"
)

// TestTwoShardsSideBySide has two managers share the participants of a namespace
// by label: each object is served by one of them, and the account is reported on
// by the one to which its labels belong.
func TestTwoShardsSideBySide(t *testing.T) {
	ctx, s := t.Context(), newTestStage(t)
	sc, err := s.newScene(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer sc.stop()
	calls, err := sc.provider.fill(ctx, sc.account, 20, 2)
	if err != nil {
		t.Fatal(err)
	}
	account := &v1alpha1.VoiceAccount{}
	if err := sc.client.Get(ctx, client.ObjectKey{Namespace: sc.namespace, Name: "acme"}, account); err != nil {
		t.Fatal(err)
	}
	account.Labels = map[string]string{"shard": "a"}
	if err := sc.client.Update(ctx, account); err != nil {
		t.Fatal(err)
	}
	shards := map[string]*manager{}
	for _, shard := range []string{"b", "a"} {
		shards[shard], err = sc.startManager(ctx, "--watch-namespaces="+sc.namespace, "--watch-label-selector=shard="+shard,
			"--leader-elect", "--leader-election-namespace="+testkit.OperatorNamespace)
		if err != nil {
			t.Fatal(err)
		}
	}
	var names []string
	for i, shard := range []string{"a", "b"} {
		// Split by conference, as docs/operations.md says.
		mine := []call{}
		for _, c := range calls {
			if (c.conference == calls[0].conference) == (i == 0) {
				mine = append(mine, c)
			}
		}
		made, _, err := sc.declare(ctx, mine, func(p *v1alpha1.ConferenceParticipant) { p.Labels = map[string]string{"shard": shard} })
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, made...)
	}
	if err := sc.watched.until(ctx, names, ready); err != nil {
		t.Fatal(err)
	}
	for shard, m := range shards {
		if live, err := m.value(ctx, "conference_operator_participants"); err != nil || live != 10 {
			t.Errorf("shard %s serves %.0f objects (%v), want 10", shard, live, err)
		}
	}
	journal, err := sc.provider.journal(ctx, sc.account, account.CreationTimestamp.Time)
	if err != nil {
		t.Fatal(err)
	}
	if n := of(journal, voicesim.OpUpdateParticipant); n != len(calls) {
		t.Errorf("%d updates for %d objects", n, len(calls))
	}
	if n := of(journal, voicesim.OpListConferences); n != 2 {
		t.Errorf("the token was proven %d times, want once by each shard", n)
	}
	reports, err := sc.accountReports(ctx)
	if err != nil || reports != 1 {
		t.Errorf("the account was reported on %d times (%v), want once", reports, err)
	}
	leases := &coordinationv1.LeaseList{}
	if err := sc.client.List(ctx, leases, client.InNamespace(testkit.OperatorNamespace)); err != nil || len(leases.Items) != 2 {
		t.Errorf("%d leases (%v), want one for each shard", len(leases.Items), err)
	}
	wantOneLegTwice(t, sc, calls[0])
}

// wantOneLegTwice declares a call leg of shard "a" again, in either shard: shard
// "a" finds the two objects in conflict, shard "b" knows of no other (R9).
func wantOneLegTwice(t *testing.T, sc *scene, leg call) {
	t.Helper()
	for shard, want := range map[string]string{"a": v1alpha1.ReasonConflict, "b": v1alpha1.ReasonInSync} {
		names, _, err := sc.declare(t.Context(), []call{leg}, func(p *v1alpha1.ConferenceParticipant) { p.Labels = map[string]string{"shard": shard} })
		if err != nil {
			t.Fatal(err)
		}
		is := func(s seen) bool { reason, _ := s.reason(); return reason == want }
		if err := sc.watched.until(t.Context(), names, is); err != nil {
			t.Errorf("shard %s, want %s: %v", shard, want, err)
		}
	}
}
