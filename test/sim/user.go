package sim

import (
	"context"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/pkg/voicesim"
)

// Create creates an object.
func (s *Sim) Create(of client.Object) {
	s.t.Helper()
	if err := s.Client.Create(s.t.Context(), of); err != nil {
		s.t.Fatal(err)
	}
}

// CreateAccount adds an account, as changed.
func (s *Sim) CreateAccount(name string, change func(*v1alpha1.VoiceAccountSpec)) {
	s.t.Helper()
	account := &v1alpha1.VoiceAccount{
		ObjectMeta: metav1.ObjectMeta{Namespace: Namespace, Name: name},
		Spec: v1alpha1.VoiceAccountSpec{
			BaseURL: s.server.URL, AccountSID: AccountSID, TokenSecretRef: v1alpha1.SecretKeyReference{Name: "token"},
		},
	}
	change(&account.Spec)
	s.Create(account)
}

// Join lets a call into the conference.
func (s *Sim) Join(options ...voicesim.JoinOptions) (callSID string) {
	return s.Provider.Join(s.Conference, append(options, voicesim.JoinOptions{})[0])
}

// CreateParticipant creates a participant for a call.
func (s *Sim) CreateParticipant(name, callSID string, change func(*Spec)) {
	s.t.Helper()
	s.CreateParticipantIn(Namespace, name, callSID, change)
}

// CreateParticipantIn creates a participant in another namespace.
func (s *Sim) CreateParticipantIn(namespace, name, callSID string, change func(*Spec)) {
	s.t.Helper()
	p := &Object{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name},
		Spec: Spec{
			AccountRef: v1alpha1.LocalReference{Name: "acme"}, ConferenceSID: v1alpha1.SID(s.Conference), CallSID: v1alpha1.SID(callSID),
		},
	}
	change(&p.Spec)
	s.Create(p)
}

// Get reads a participant.
func (s *Sim) Get(name string) *Object {
	s.t.Helper()
	p := &Object{}
	if err := s.Client.Get(s.t.Context(), types.NamespacedName{Namespace: Namespace, Name: name}, p); err != nil {
		s.t.Fatal(err)
	}
	return p
}

// Edit changes a spec, as the API server would store it.
func (s *Sim) Edit(name string, change func(*Spec)) {
	s.t.Helper()
	p := s.Get(name)
	change(&p.Spec)
	s.Update(p)
}

// RequestReconcile sets the reconcile annotation.
func (s *Sim) RequestReconcile(name, value string) {
	s.t.Helper()
	p := s.Get(name)
	p.Annotations = map[string]string{v1alpha1.ReconcileRequestedAtAnnotation: value}
	s.Update(p)
}

// ListNow has the conference of an object listed at this very moment. A poll just
// before would make one list wait for the gap between two, but not the second.
func (s *Sim) ListNow(name string) {
	s.t.Helper()
	s.RequestReconcile(name, "a list before "+s.Now().String())
	s.Elapse(time.Second)
	s.RequestReconcile(name, "a list at "+s.Now().String())
	s.RunUntilIdle()
}

// Update stores an object.
func (s *Sim) Update(of client.Object) {
	s.t.Helper()
	if err := s.Client.Update(s.t.Context(), of); err != nil {
		s.t.Fatal(err)
	}
}

// Delete deletes an object.
func (s *Sim) Delete(of client.Object) {
	s.t.Helper()
	if err := s.Client.Delete(s.t.Context(), of); err != nil {
		s.t.Fatal(err)
	}
}

// Updates are the updates that were sent since the last call, rendered as
// "Field=value Field=value".
func (s *Sim) Updates() []string {
	var sent []string
	for _, request := range s.Provider.Journal() {
		if request.Operation == voicesim.OpUpdateParticipant {
			sent = append(sent, render(request))
		}
	}
	s.Provider.ResetJournal()
	return sent
}

// Count says how many requests of an operation came since the last reset.
func (s *Sim) Count(operation string) int { return s.Provider.Counts()[operation] }

// WantUpdates checks which updates were sent since the last time.
func (s *Sim) WantUpdates(want ...string) {
	s.t.Helper()
	if got := s.Updates(); !slices.Equal(got, want) {
		s.t.Errorf("updates %q, want %q", got, want)
	}
}

// EditAccount changes the spec of an account.
func (s *Sim) EditAccount(name string, change func(*v1alpha1.VoiceAccountSpec)) {
	s.t.Helper()
	account := s.Account(name)
	change(&account.Spec)
	s.Update(account)
}

// Account reads an account.
func (s *Sim) Account(name string) *v1alpha1.VoiceAccount {
	s.t.Helper()
	account := &v1alpha1.VoiceAccount{}
	if err := s.Client.Get(s.t.Context(), types.NamespacedName{Namespace: Namespace, Name: name}, account); err != nil {
		s.t.Fatal(err)
	}
	return account
}

// CreateAccountIn adds an account of the same project in another namespace.
func (s *Sim) CreateAccountIn(namespace, token string) {
	s.t.Helper()
	s.Create(&corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "token"}, Data: map[string][]byte{"token": []byte(token)}})
	account := s.Account("acme").DeepCopy()
	account.ObjectMeta = metav1.ObjectMeta{Namespace: namespace, Name: "acme"}
	s.Create(account)
	s.RunUntilIdle()
}

// RotateToken replaces the token in a namespace's Secret.
func (s *Sim) RotateToken(namespace, token string) {
	s.t.Helper()
	secret := &corev1.Secret{}
	if err := s.Client.Get(s.t.Context(), types.NamespacedName{Namespace: namespace, Name: "token"}, secret); err != nil {
		s.t.Fatal(err)
	}
	secret.Data = map[string][]byte{"token": []byte(token)}
	if err := s.Client.Update(s.t.Context(), secret); err != nil {
		s.t.Fatal(err)
	}
}

// SuspendAccount suspends or resumes the account.
func (s *Sim) SuspendAccount(suspend bool) {
	s.t.Helper()
	s.EditAccount("acme", func(s *v1alpha1.VoiceAccountSpec) { s.Suspend = suspend })
}

// FreezeCache shows the operator an object as it is now, until catchUp is called.
func (s *Sim) FreezeCache(name string) (catchUp func()) {
	old := s.Get(name)
	s.Intercept.Get = func(ctx context.Context, c client.WithWatch, key client.ObjectKey, of client.Object, options ...client.GetOption) error {
		if p, ok := of.(*Object); ok && key.Name == name {
			old.DeepCopyInto(p)
			return nil
		}
		return c.Get(ctx, key, of, options...)
	}
	return func() { s.Intercept.Get = nil }
}

// BackdateDeletion moves the deletion of an object into the past.
func (s *Sim) BackdateDeletion(name string, ago time.Duration) {
	s.deleted[s.Get(name).UID] = metav1.NewTime(s.Now().Add(-ago))
}
