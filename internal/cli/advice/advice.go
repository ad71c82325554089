package advice

import (
	"maps"
	"slices"
	"strings"

	"github.com/voiceops/conference-operator/api/v1alpha1"
)

// The kinds of objects that have advice.
const (
	// Participant is the kind ConferenceParticipant.
	Participant = "ConferenceParticipant"
	// Conference is the kind Conference.
	Conference = "Conference"
	// Account is the kind VoiceAccount.
	Account = "VoiceAccount"
)

// Actor is the person that has to act.
type Actor string

const (
	// None is for what is done, or goes on by itself.
	None Actor = "nobody"
	// Author is the author of the object.
	Author Actor = "the author of the object"
	// Owner is the owner of the account, its Secret or its namespace.
	Owner Actor = "the owner of the account"
	// NamespaceOwner sets quotas and admission of a namespace.
	NamespaceOwner Actor = "the owner of the namespace"
	// Administrator runs the operator.
	Administrator Actor = "the person that runs the operator"
	// Suspender is the person that suspended the object.
	Suspender Actor = "the person that suspended it"
)

// Advice is what a person is told about one reason.
type Advice struct {
	// Meaning is one sentence about what is the case.
	Meaning string
	// Actor has to act.
	Actor Actor
	// Do is what the actor does, in a sentence; empty if there is nothing to do.
	Do string
	// Commands are what to type, one a line; empty if there is nothing to type. For
	// returns them with the names of the object filled in.
	Commands []string
}

// Subject is the object that advice is asked for.
type Subject struct {
	// Kind is one of Participant, Conference and Account.
	Kind string
	// Namespace and Name are those of the object.
	Namespace, Name string
	// Account is the name of the VoiceAccount; of an account its own.
	Account string
	// Secret is the Secret in question; empty if it is not known.
	Secret string
}

// AboutAccount is the Subject of a VoiceAccount, with the Secret of its token.
func AboutAccount(account *v1alpha1.VoiceAccount) Subject {
	return Subject{
		Kind: Account, Namespace: account.Namespace, Name: account.Name, Account: account.Name, Secret: account.Spec.TokenSecretRef.Name,
	}
}

// For returns the advice for a reason of a subject's condition, with names filled in.
// False means that this version knows no such reason of this kind.
func For(subject Subject, reason string) (Advice, bool) {
	found, known := table(subject.Kind)[reason]
	if !known {
		return Advice{}, false
	}
	secret := subject.Secret
	if secret == "" {
		secret = "SECRET"
	}
	fill := strings.NewReplacer("{name}", subject.Name, "{namespace}", subject.Namespace,
		"{account}", subject.Account, "{secret}", secret)
	found.Do = fill.Replace(found.Do)
	found.Commands = slices.Clone(found.Commands)
	for i, command := range found.Commands {
		found.Commands[i] = fill.Replace(command)
	}
	return found, true
}

// Reasons are those that there is advice for, of one kind, in order.
func Reasons(kind string) []string { return slices.Sorted(maps.Keys(table(kind))) }

// table is the advice of a kind by reason.
func table(kind string) map[string]Advice {
	switch kind {
	case Participant:
		found := participantMoving()
		maps.Copy(found, participantStuck())
		maps.Copy(found, participantMissing())
		return found
	case Conference:
		found := conferenceMoving()
		maps.Copy(found, conferenceStuck())
		return found
	case Account:
		return account()
	default:
		return nil
	}
}

// commands that several reasons have.
const (
	showParticipant   = "kubectl get cpart {name} -n {namespace} -o yaml"
	editParticipant   = "kubectl edit cpart {name} -n {namespace}"
	deleteParticipant = "kubectl delete cpart {name} -n {namespace}"
	retryParticipant  = "kubectl annotate cpart {name} -n {namespace} --overwrite " + v1alpha1.ReconcileRequestedAtAnnotation + "=$(date +%s)"
	editConference    = "kubectl edit conf {name} -n {namespace}"
	listChildren      = "kubectl get cpart -n {namespace} -l " + v1alpha1.ConferenceLabel + "={name}"
	whyAccount        = "kubectl conference why va/{account} -n {namespace}"
	editAccount       = "kubectl edit va {account} -n {namespace}"
	mendAccount       = "kubectl create secret generic {secret} -n {namespace} --from-file=token=/dev/stdin --dry-run=client -o yaml | kubectl apply -f -"
	live              = "kubectl conference list --live -n {namespace}"
	doctor            = "kubectl conference doctor -n {namespace}"
	editOperator      = "kubectl edit deployment conference-operator -n conference-operator-system"
)

// resume ends the suspension of an object; short is the short name of its kind.
func resume(short string) string {
	return "kubectl patch " + short + " {name} -n {namespace} --type=merge -p '{\"spec\":{\"suspend\":false}}'"
}
