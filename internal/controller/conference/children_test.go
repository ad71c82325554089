package conference

import (
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/policy"
)

func storedChild(uid types.UID, version string, generation int64) v1alpha1.ConferenceParticipant {
	return v1alpha1.ConferenceParticipant{ObjectMeta: metav1.ObjectMeta{Name: "child", UID: uid, ResourceVersion: version, Generation: generation}}
}

func TestR14WhatWasAppliedIsRememberedUntilTheCacheShowsIt(t *testing.T) {
	newer := storedChild("one", "8", 2)
	newer.Annotations = map[string]string{v1alpha1.PolicyAnnotation: "new"}
	memory := func() *roomMemory {
		return &roomMemory{children: map[string]applied{"child": {object: &newer, uid: "one", at: start}}}
	}
	for _, c := range []struct {
		name   string
		cached []v1alpha1.ConferenceParticipant
		after  time.Duration
		want   string
	}{
		{"not in the cache", nil, 0, "8"},
		{"an older version", []v1alpha1.ConferenceParticipant{storedChild("one", "7", 1)}, 0, "8"},
		{"the same version", []v1alpha1.ConferenceParticipant{newer}, 0, "8"},
		{"a later generation", []v1alpha1.ConferenceParticipant{storedChild("one", "9", 3)}, 0, "9"},
		{"another object of its name", []v1alpha1.ConferenceParticipant{storedChild("two", "9", 1)}, 0, "9"},
		{"a cache that never shows it", []v1alpha1.ConferenceParticipant{storedChild("one", "7", 1)}, time.Minute, "7"},
		{"gone for long", nil, time.Minute, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			found := ""
			for _, child := range memory().overlay(c.cached, start.Add(c.after)) {
				found += child.ResourceVersion
			}
			if found != c.want {
				t.Errorf("found version %q, want %q", found, c.want)
			}
		})
	}
}

func TestR14AChildThatTheCacheLacksIsLookedForAgain(t *testing.T) {
	object := storedChild("one", "8", 2)
	memory := &roomMemory{children: map[string]applied{"child": {object: &object, uid: "one", at: start}}}
	memory.overlay(nil, start.Add(time.Second))
	if at := memory.overlaidUntil; !at.Equal(start.Add(overlayFor)) {
		t.Errorf("looked for again at %s", at)
	}
	if left := memory.overlay(nil, memory.overlaidUntil); len(left) != 0 || !memory.overlaidUntil.IsZero() {
		t.Errorf("found %v, and again at %s", left, memory.overlaidUntil)
	}
}

func TestR14ADeletedChildIsNotSeenAgain(t *testing.T) {
	memory := &roomMemory{children: map[string]applied{"child": {uid: "one", at: start}}}
	if left := memory.overlay([]v1alpha1.ConferenceParticipant{storedChild("one", "7", 1)}, start); len(left) != 0 {
		t.Errorf("found %v", left)
	}
	if again := memory.overlay([]v1alpha1.ConferenceParticipant{storedChild("two", "9", 1)}, start); len(again) != 1 {
		t.Errorf("found %v", again)
	}
}

func TestAChildDiffersInWhatIsDeclared(t *testing.T) {
	want := policy.Want{Role: "audience", Record: policy.Record{Digest: "d"}}
	want.Spec.Muted = new(true)
	stored := policy.Child{Role: "audience", Record: want.Record}
	stored.Spec.Muted, stored.Spec.Hold = new(true), new(true)
	for _, c := range []struct {
		name   string
		change func(*policy.Child)
		want   bool
	}{
		{"as declared, and what people have added", func(*policy.Child) {}, false},
		{"edited by people", func(c *policy.Child) { c.Spec.Muted = new(false) }, true},
		{"removed by people", func(c *policy.Child) { c.Spec.Muted = nil }, true},
		{"of another role", func(c *policy.Child) { c.Role = "host" }, true},
		{"of an older policy", func(c *policy.Child) { c.Record.Digest = "c" }, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			child := stored
			child.Spec = *stored.Spec.DeepCopy()
			c.change(&child)
			if found := differs(child, want); found != c.want {
				t.Errorf("differs: %v", found)
			}
		})
	}
}

func TestAChildInheritsTheLabelsThatTheCacheIsSelectedBy(t *testing.T) {
	selector, err := labels.Parse("shard=a")
	if err != nil {
		t.Fatal(err)
	}
	object := conferenceOf("support", "all-hands", "all-hands", 1)
	object.Labels = map[string]string{"shard": "a", "app.kubernetes.io/instance": "argo", "kustomize.toolkit.fluxcd.io/name": "flux"}
	made, err := manifest(object, policy.Want{Name: "child", Role: "host"}, "uid", labelsOf(selector))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"shard": "a", v1alpha1.ConferenceLabel: "all-hands", v1alpha1.RoleLabel: "host"}
	if found := made.GetLabels(); !labels.Equals(found, want) {
		t.Errorf("labels %v, want %v", found, want)
	}
	if owner := ownerOf(made); owner == nil || *owner.BlockOwnerDeletion || owner.UID != object.UID || made.GetUID() != "uid" {
		t.Errorf("owner %+v of %s", owner, made.GetUID())
	}
}

func ownerOf(made *unstructured.Unstructured) *metav1.OwnerReference {
	return metav1.GetControllerOf(made)
}
