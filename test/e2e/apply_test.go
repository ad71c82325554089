package e2e

import (
	"context"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/pkg/voicesim"
)

// fluxManager is the field manager of Flux.
const fluxManager = "kustomize-controller"

// manifest is an object as it stands in Git.
func (r *room) manifest(kind, name string, spec map[string]any) *unstructured.Unstructured {
	object := &unstructured.Unstructured{Object: map[string]any{"spec": spec}}
	object.SetGroupVersionKind(v1alpha1.GroupVersion.WithKind(kind))
	object.SetNamespace(r.namespace)
	object.SetName(name)
	return object
}

// apply applies manifests as Flux does, and returns what is stored.
func apply(ctx context.Context, manifests ...*unstructured.Unstructured) (stored []*unstructured.Unstructured) {
	GinkgoHelper()
	for _, manifest := range manifests {
		applied := manifest.DeepCopy()
		Expect(admin.Apply(ctx, client.ApplyConfigurationFromUnstructured(applied), client.FieldOwner(fluxManager), client.ForceOwnership)).To(Succeed())
		stored = append(stored, applied)
	}
	return stored
}

// fetch reads the objects of manifests.
func fetch(ctx context.Context, manifests ...*unstructured.Unstructured) (stored []*unstructured.Unstructured) {
	GinkgoHelper()
	for _, manifest := range manifests {
		read := manifest.DeepCopy()
		Expect(admin.Get(ctx, client.ObjectKeyFromObject(manifest), read)).To(Succeed())
		stored = append(stored, read)
	}
	return stored
}

// resourceVersions change with each write to an object.
func resourceVersions(objects []*unstructured.Unstructured) (versions []string) {
	for _, object := range objects {
		versions = append(versions, object.GetKind()+" "+object.GetResourceVersion())
	}
	return versions
}

// owned is what Flux has of an object: it changes with each change that Flux makes.
type owned struct {
	kind       string
	uid        types.UID
	generation int64
	fields     metav1.FieldsV1
	at         metav1.Time
}

// ownedBy says it of several objects.
func ownedBy(manager string, objects []*unstructured.Unstructured) (all []owned) {
	for _, object := range objects {
		for _, entry := range object.GetManagedFields() {
			if entry.Manager == manager {
				all = append(all, owned{object.GetKind(), object.GetUID(), object.GetGeneration(), *entry.FieldsV1, *entry.Time})
			}
		}
	}
	return all
}

var _ = Describe("A manifest that is applied again", func() {
	It("changes nothing, whatever the operator has written meanwhile", func(ctx context.Context) {
		r := newRoom(ctx, fastResync)
		Expect(admin.Delete(ctx, &v1alpha1.VoiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: r.namespace, Name: "acme"}})).To(Succeed())
		host, guest := r.host(), r.join()
		written := r.join()
		manifests := []*unstructured.Unstructured{
			r.manifest("VoiceAccount", "acme", map[string]any{
				"baseURL": provider.URL, "accountSID": accountSID, "resyncIntervalSeconds": int64(1),
				"tokenSecretRef": map[string]any{"name": "token"},
			}),
			r.manifest("Conference", allHands, map[string]any{
				"accountRef": map[string]any{"name": "acme"}, "friendlyName": r.namespace,
				"roles": []any{
					map[string]any{"name": "host", "match": []any{map[string]any{"endConferenceOnExit": true}}, "muted": false},
					map[string]any{"name": "audience", "muted": true},
				},
			}),
			// The operator adds a finalizer to it, and what it was like at first.
			r.manifest("ConferenceParticipant", "agent", map[string]any{
				"accountRef": map[string]any{"name": "acme"}, "conferenceSID": r.conference, "callSID": written,
				"muted": true, "deletionPolicy": "Reset",
				"announcement": map[string]any{"id": "welcome", "url": "https://media.example.com/welcome.xml"},
			}),
		}
		first := ownedBy(fluxManager, apply(ctx, manifests...))
		Expect(first).To(HaveLen(3))
		r.becomes(ctx, "agent", v1alpha1.ReasonInSync)
		Eventually(func() any { return r.get(ctx, "agent").Status.Announcement }).WithTimeout(20 * time.Second).
			Should(HaveField("State", v1alpha1.AnnouncementAccepted))
		r.settled(ctx, v1alpha1.RoomCounts{Rooms: 1, Participants: 3, Managed: 2, Muted: 2, Overridden: 1})
		Expect(r.muted(host, guest, written)).To(Equal([]bool{false, true, true}))
		children, sent := r.uids(ctx), len(r.updates())
		for range 3 {
			before := fetch(ctx, manifests...)
			after := apply(ctx, manifests...)
			Expect(resourceVersions(after)).To(Equal(resourceVersions(before)))
			Expect(ownedBy(fluxManager, after)).To(Equal(first))
			Expect(after[2].GetFinalizers()).To(ContainElement(v1alpha1.Finalizer))
			r.lists(1)
		}
		Expect(r.uids(ctx)).To(Equal(children))
		Expect(r.updates()).To(HaveLen(sent))
		Expect(r.requests(voicesim.OpUpdateParticipant)).To(HaveLen(sent))
	})
})
