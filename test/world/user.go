package world

import (
	"context"
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/voicesim"
)

// Create stores a new object as the API server would.
func (w *World) Create(of client.Object) {
	w.Helper()
	of.SetUID(types.UID(fmt.Sprintf("%T/%s/%s@%s", of, of.GetNamespace(), of.GetName(), w.Now())))
	of.SetGeneration(1)
	of.SetCreationTimestamp(metav1.NewTime(w.Now()))
	if err := w.Client.Create(w.Context(), of); err != nil {
		w.Fatal(err)
	}
	w.Notify(of)
}

// CreateAccount adds an account, as changed.
func (w *World) CreateAccount(name string, change func(*v1alpha1.VoiceAccountSpec)) {
	w.Helper()
	account := &v1alpha1.VoiceAccount{
		ObjectMeta: metav1.ObjectMeta{Namespace: Namespace, Name: name},
		Spec: v1alpha1.VoiceAccountSpec{
			BaseURL: w.server.URL, AccountSID: AccountSID, TokenSecretRef: v1alpha1.SecretKeyReference{Name: "token"},
			ResyncIntervalSeconds: new(int32(30)), RateLimit: v1alpha1.RateLimit{RequestsPerSecond: 200, Burst: 400},
		},
		Status: v1alpha1.VoiceAccountStatus{ObservedGeneration: -1},
	}
	change(&account.Spec)
	w.Create(account)
}

// Join lets a call into the conference.
func (w *World) Join(options ...voicesim.JoinOptions) (callSID string) {
	return w.Sim.Join(w.Conference, append(options, voicesim.JoinOptions{})[0])
}

// Declare creates a participant for a call.
func (w *World) Declare(name, callSID string, change func(*Spec)) {
	w.Helper()
	w.DeclareIn(Namespace, name, callSID, change)
}

// DeclareIn creates a participant in another namespace.
func (w *World) DeclareIn(namespace, name, callSID string, change func(*Spec)) {
	w.Helper()
	p := &Object{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name},
		Spec: Spec{
			AccountRef: v1alpha1.LocalReference{Name: "acme"}, ConferenceSID: v1alpha1.SID(w.Conference), CallSID: v1alpha1.SID(callSID),
			Mode: v1alpha1.ModeEnforce, JoinDeadlineSeconds: new(int32(900)),
		},
		Status: v1alpha1.ConferenceParticipantStatus{ObservedGeneration: -1},
	}
	change(&p.Spec)
	w.Create(p)
}

// Get reads a participant.
func (w *World) Get(name string) *Object {
	w.Helper()
	p := &Object{}
	if err := w.Client.Get(w.Context(), types.NamespacedName{Namespace: Namespace, Name: name}, p); err != nil {
		w.Fatal(err)
	}
	return p
}

// Edit changes a spec, as the API server would store it.
func (w *World) Edit(name string, change func(*Spec)) {
	w.Helper()
	p := w.Get(name)
	change(&p.Spec)
	p.Generation++
	w.Update(p)
}

// Demand sets the reconcile annotation.
func (w *World) Demand(name, value string) {
	w.Helper()
	p := w.Get(name)
	p.Annotations = map[string]string{v1alpha1.ReconcileRequestedAtAnnotation: value}
	w.Update(p)
}

// Update stores an object.
func (w *World) Update(of client.Object) {
	w.Helper()
	if err := w.Client.Update(w.Context(), of); err != nil {
		w.Fatal(err)
	}
	w.Notify(of)
}

// Delete deletes an object.
func (w *World) Delete(of client.Object) {
	w.Helper()
	w.deleted[of.GetUID()] = metav1.NewTime(w.Now())
	if err := w.Client.Delete(w.Context(), of); err != nil {
		w.Fatal(err)
	}
	w.Notify(of)
}

// Updates are the updates that were sent since the last call, rendered as
// "Field=value Field=value".
func (w *World) Updates() []string {
	var sent []string
	for _, request := range w.Sim.Journal() {
		if request.Operation == voicesim.OpUpdateParticipant {
			sent = append(sent, render(request))
		}
	}
	w.Sim.ResetJournal()
	return sent
}

// Count says how many requests of an operation came since the last reset.
func (w *World) Count(operation string) int { return w.Sim.Counts()[operation] }

// WantUpdates checks which updates were sent since the last time.
func (w *World) WantUpdates(want ...string) {
	w.Helper()
	if got := w.Updates(); !slices.Equal(got, want) {
		w.Errorf("updates %q, want %q", got, want)
	}
}

// EditAccount changes the spec of an account.
func (w *World) EditAccount(name string, change func(*v1alpha1.VoiceAccountSpec)) {
	w.Helper()
	account := w.Account(name)
	change(&account.Spec)
	account.Generation++
	w.Update(account)
}

// Account reads an account.
func (w *World) Account(name string) *v1alpha1.VoiceAccount {
	w.Helper()
	account := &v1alpha1.VoiceAccount{}
	if err := w.Client.Get(w.Context(), types.NamespacedName{Namespace: Namespace, Name: name}, account); err != nil {
		w.Fatal(err)
	}
	return account
}

// CreateIn adds an account of the same project in another namespace.
func (w *World) CreateIn(namespace, token string) {
	w.Helper()
	w.Create(&corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "token"}, Data: map[string][]byte{"token": []byte(token)}})
	account := w.Account("acme").DeepCopy()
	account.ObjectMeta = metav1.ObjectMeta{Namespace: namespace, Name: "acme"}
	account.Status = v1alpha1.VoiceAccountStatus{ObservedGeneration: -1}
	w.Create(account)
	w.Settle()
}

// Rotate replaces the token in a namespace's Secret.
func (w *World) Rotate(namespace, token string) {
	w.Helper()
	secret := &corev1.Secret{}
	if err := w.Client.Get(w.Context(), types.NamespacedName{Namespace: namespace, Name: "token"}, secret); err != nil {
		w.Fatal(err)
	}
	secret.Data = map[string][]byte{"token": []byte(token)}
	if err := w.Client.Update(w.Context(), secret); err != nil {
		w.Fatal(err)
	}
}

// SuspendAccount pulls or releases the emergency brake.
func (w *World) SuspendAccount(suspend bool) {
	w.Helper()
	w.EditAccount("acme", func(s *v1alpha1.VoiceAccountSpec) { s.Suspend = suspend })
}

// Lagging lets the operator see an object only as it was.
func (w *World) Lagging(name string) (catchUp func()) {
	old := w.Get(name)
	w.Intercept.Get = func(ctx context.Context, c client.WithWatch, key client.ObjectKey, of client.Object, options ...client.GetOption) error {
		if p, ok := of.(*Object); ok && key.Name == name {
			old.DeepCopyInto(p)
			return nil
		}
		return c.Get(ctx, key, of, options...)
	}
	return func() { w.Intercept.Get = nil }
}

// BackdateDeletion has an object deleted so long ago.
func (w *World) BackdateDeletion(name string, ago time.Duration) {
	w.deleted[w.Get(name).UID] = metav1.NewTime(w.Now().Add(-ago))
}
