package rooms_test

import (
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/pkg/voicesim"
	"github.com/voiceops/conference-operator/test/sim"
)

// TestR19ALoserTakesOverWhenTheWinnersTokenIsRefused has the winner in another namespace,
// with an account of its own for the same account of the provider.
func TestR19ALoserTakesOverWhenTheWinnersTokenIsRefused(t *testing.T) {
	env := sim.New(t)
	env.CreateAccountIn("first", sim.Token)
	winner := &sim.Room{ObjectMeta: metav1.ObjectMeta{Namespace: "first", Name: "all-hands"}}
	winner.Spec.AccountRef.Name = "acme"
	allHands(&winner.Spec)
	env.Create(winner)
	env.Elapse(10 * time.Second)
	env.CreateConference("all-hands", allHands)
	env.JoinRoom("all-hands", voicesim.JoinOptions{EndConferenceOnExit: true})
	env.JoinRoom("all-hands")
	env.Elapse(30 * time.Second)
	env.WantConference("all-hands", v1alpha1.ReasonConflict)
	env.RotateToken("first", "PT-wrong")
	env.Elapse(2 * time.Minute)
	env.WantConference("all-hands", v1alpha1.ReasonInSync)
}
