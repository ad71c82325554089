package e2e

import (
	"context"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/testkit"
)

var _ = Describe("A participant that ends", func() {
	It("R10, R11: hears an announcement once, and is put back on deletion", func(ctx context.Context) {
		r := newRoom(ctx, fastResync)
		call := r.join()
		r.declare(ctx, "guest", call, func(s *v1alpha1.ConferenceParticipantSpec) {
			s.Muted, s.DeletionPolicy = new(true), v1alpha1.DeletionReset
			s.Announcement = &v1alpha1.Announcement{ID: "closing", URL: "https://media.example.com/closing.xml"}
		})
		r.becomes(ctx, "guest", v1alpha1.ReasonInSync)
		Eventually(func() v1alpha1.AnnouncementState {
			if found := r.get(ctx, "guest").Status.Announcement; found != nil {
				return found.State
			}
			return ""
		}).WithTimeout(10 * time.Second).Should(Equal(v1alpha1.AnnouncementAccepted))
		guest := r.get(ctx, "guest")
		Expect(guest.Finalizers).To(ConsistOf(v1alpha1.Finalizer))
		Expect(guest.Status.Initial).To(Equal(&v1alpha1.InitialState{}))
		Expect(testkit.CheckStatus(guest, canary)).To(Succeed())
		Expect(admin.Delete(ctx, guest)).To(Succeed())
		r.goes(ctx, "guest")
		Expect(r.updates()).To(Equal([]string{
			"Muted=true", "AnnounceMethod=POST&AnnounceUrl=https%3A%2F%2Fmedia.example.com%2Fclosing.xml", "Muted=false",
		}))
	})

	It("R11: ends in a namespace that is being deleted, with its account and Secret", func(ctx context.Context) {
		r := newRoom(ctx)
		r.declare(ctx, "caller", r.join(), func(s *v1alpha1.ConferenceParticipantSpec) {
			s.Hold, s.DeletionPolicy = new(true), v1alpha1.DeletionReset
		})
		r.becomes(ctx, "caller", v1alpha1.ReasonInSync)
		namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: r.namespace}}
		Expect(admin.Delete(ctx, namespace)).To(Succeed())
		terminating = append(terminating, r.namespace)
		for _, kind := range []client.Object{&corev1.Secret{}, &v1alpha1.VoiceAccount{}, &v1alpha1.ConferenceParticipant{}} {
			Expect(admin.DeleteAllOf(ctx, kind, client.InNamespace(r.namespace))).To(Succeed())
		}
		r.goes(ctx, "caller")
		Expect(r.updates()).To(Equal([]string{"Hold=true", "Hold=false"}))
	})

	It("is deleted a while after its call has ended", func(ctx context.Context) {
		r := newRoom(ctx, fastResync)
		call := r.join()
		r.join()
		r.declare(ctx, "agent", call, func(s *v1alpha1.ConferenceParticipantSpec) {
			s.Muted, s.TTLSecondsAfterFinished = new(true), new(int32(0))
		})
		r.becomes(ctx, "agent", v1alpha1.ReasonInSync)
		sim.HangUp(call)
		r.goes(ctx, "agent")
	})
})
