package doctor

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/cli/advice"
	"github.com/voiceops/conference-operator/internal/cli/ask"
)

// accounts checks each account as the operator sees it, and as it is reached from here.
func (d Doctor) accounts(ctx context.Context) (found []Finding, err error) {
	accounts := &v1alpha1.VoiceAccountList{}
	if err := d.Client.List(ctx, accounts, client.InNamespace(d.Namespace)); err != nil {
		return nil, fmt.Errorf("list VoiceAccounts: %w", err)
	}
	if len(accounts.Items) == 0 {
		return []Finding{{Level: Warn, Message: "there is no VoiceAccount"}}, nil
	}
	for i := range accounts.Items {
		account := &accounts.Items[i]
		found = append(found, verdict(account))
		if d.Asker != nil && !account.Spec.Suspend {
			found = append(found, d.reach(ctx, account))
		}
	}
	return found, nil
}

// verdict is what the operator says of an account.
func verdict(account *v1alpha1.VoiceAccount) Finding {
	name := "VoiceAccount " + account.Namespace + "/" + account.Name
	if account.Status.ObservedGeneration != account.Generation {
		return Finding{Fail, name + ": the operator has not looked at it: does it run, and watch this namespace?",
			[]string{"kubectl get pods -n conference-operator-system", "kubectl logs -n conference-operator-system deployment/conference-operator"}}
	}
	if meta.IsStatusConditionTrue(account.Status.Conditions, v1alpha1.ConditionSuspended) {
		found, _ := advice.For(advice.AboutAccount(account), v1alpha1.ReasonSuspended)
		return Finding{Warn, name + ": " + found.Meaning, found.Commands}
	}
	ready := meta.FindStatusCondition(account.Status.Conditions, v1alpha1.ConditionReady)
	switch {
	case ready == nil:
		return Finding{Level: Fail, Message: name + ": the operator says nothing of it"}
	case ready.Status != metav1.ConditionTrue:
		found, _ := advice.For(advice.AboutAccount(account), ready.Reason)
		return Finding{Fail, fmt.Sprintf("%s: the operator says %s: %s", name, ready.Reason, ready.Message), found.Commands}
	default:
		return Finding{Level: OK, Message: name + ": the operator says " + ready.Reason}
	}
}

// reach asks an account from here: Secret, base URL, reachability, token and scope. What
// is only about this machine is a warning.
func (d Doctor) reach(ctx context.Context, account *v1alpha1.VoiceAccount) Finding {
	name := "VoiceAccount " + account.Namespace + "/" + account.Name
	api, err := d.Asker.Client(ctx, account)
	if apierrors.IsForbidden(err) {
		return Finding{Level: Warn, Message: name + ": it can't be asked from here, since you may not read its Secret"}
	}
	if err == nil {
		defer api.Close()
		err = ask.Explain(api.VerifyToken(ctx))
	}
	problem, known := errors.AsType[*ask.AccountError](err)
	switch {
	case err == nil:
		return Finding{Level: OK, Message: fmt.Sprintf("%s: %s answers from here, and accepts account and token with the scope Voice", name, account.Spec.BaseURL)}
	case !known:
		return Finding{Level: Fail, Message: fmt.Sprintf("%s: %v", name, err)}
	case problem.Reason == v1alpha1.ReasonBaseURLNotAllowed, problem.Reason == v1alpha1.ReasonAddressNotAllowed, problem.Reason == v1alpha1.ReasonAPIUnavailable:
		return Finding{Warn, fmt.Sprintf("%s: from here: %s", name, problem.Message),
			[]string{"kubectl conference doctor --allowed-base-urls " + account.Spec.BaseURL}}
	default:
		found, _ := advice.For(advice.AboutAccount(account), problem.Reason)
		return Finding{Fail, fmt.Sprintf("%s: from here: %s", name, problem.Message), found.Commands}
	}
}

// objects counts what is stuck, by reason, with one of each for an example.
func (d Doctor) objects(ctx context.Context) (found []Finding, err error) {
	conferences, participants := &v1alpha1.ConferenceList{}, &v1alpha1.ConferenceParticipantList{}
	if err := d.Client.List(ctx, conferences, client.InNamespace(d.Namespace)); err != nil {
		return nil, fmt.Errorf("list Conferences: %w", err)
	}
	if err := d.Client.List(ctx, participants, client.InNamespace(d.Namespace)); err != nil {
		return nil, fmt.Errorf("list ConferenceParticipants: %w", err)
	}
	stuck := stuckObjects{count: map[string]int{}, example: map[string]string{}}
	for _, c := range conferences.Items {
		stuck.add("Conference", "conf/"+c.Name+" -n "+c.Namespace, c.Status.Conditions)
	}
	for _, p := range participants.Items {
		stuck.add("ConferenceParticipant", "cpart/"+p.Name+" -n "+p.Namespace, p.Status.Conditions)
	}
	for _, key := range slices.Sorted(maps.Keys(stuck.count)) {
		found = append(found, Finding{Warn, fmt.Sprintf("%s: %d stuck", key, stuck.count[key]), []string{"kubectl conference why " + stuck.example[key]}})
	}
	if len(found) == 0 {
		found = []Finding{{Level: OK, Message: fmt.Sprintf("none of %d Conferences and %d ConferenceParticipants is stuck", len(conferences.Items), len(participants.Items))}}
	}
	return found, nil
}

// stuckObjects counts objects by kind and reason.
type stuckObjects struct {
	count   map[string]int
	example map[string]string
}

func (s stuckObjects) add(kind, example string, conditions []metav1.Condition) {
	stalled := meta.FindStatusCondition(conditions, v1alpha1.ConditionStalled)
	if stalled == nil || stalled.Reason == v1alpha1.ReasonParticipantLeft {
		return
	}
	key := kind + " " + stalled.Reason
	s.count[key]++
	if s.example[key] == "" {
		s.example[key] = example
	}
}
