package provider

import "time"

// Phase is what an account has come to.
type Phase int

const (
	// PhaseUnknown is an account that this process has not looked at.
	PhaseUnknown Phase = iota
	// PhaseSuspended is an account that is suspended by its spec.
	PhaseSuspended
	// PhaseNotReady is an account that a person must mend: its base URL or its
	// Secret.
	PhaseNotReady
	// PhaseUnauthorized is an account with a token that the provider refuses.
	PhaseUnauthorized
	// PhaseUnavailable is an account of a provider that can't be reached.
	PhaseUnavailable
	// PhaseRefused is an account that the provider does not serve, or at an address
	// that must not be dialled.
	PhaseRefused
	// PhaseReady is an account with an accepted token.
	PhaseReady
)

// State is what is known about an account.
type State struct {
	// Phase is what the account has come to.
	Phase Phase
	// Reason and Message are those of the account's condition Ready.
	Reason, Message string
	// Verified says that the provider accepted the token for the present spec and
	// Secret. Mere unavailability does not change it (R9).
	Verified bool
	// ReadySince is when the account first became ready; zero if never.
	ReadySince time.Time
	// ProviderAccount tells accounts apart as the provider does: normalised base
	// URL and account SID.
	ProviderAccount string
	// ResyncInterval is how often conferences are listed; 0 is never.
	ResyncInterval time.Duration
	// DiscoveryInterval is how often the account's rooms are listed; 0 is only on
	// request.
	DiscoveryInterval time.Duration
	// TTL is how long finished objects are kept that don't say so themselves.
	TTL TTL
}

// TTL is how long finished objects are kept. The zero value is for ever.
type TTL struct {
	seconds int32
	limited bool
}

// TTLOf returns the TTL that a spec has; nil is for ever.
func TTLOf(seconds *int32) TTL {
	if seconds == nil {
		return TTL{}
	}
	return TTL{seconds: *seconds, limited: true}
}

// Or returns another TTL in place of one for ever.
func (t TTL) Or(other TTL) TTL {
	if t.limited {
		return t
	}
	return other
}

// EndsAt is when what was finished at a time is to be deleted; zero is never.
func (t TTL) EndsAt(finished time.Time) time.Time {
	if !t.limited {
		return time.Time{}
	}
	return finished.Add(time.Duration(t.seconds) * time.Second)
}

// Blocked reports whether the account sends no requests because of the provider.
func (s State) Blocked() bool {
	return s.Phase == PhaseUnauthorized || s.Phase == PhaseUnavailable || s.Phase == PhaseRefused
}

// Differs reports whether another state makes a difference to what depends on the
// account. Why a provider can't be reached makes none.
func (s State) Differs(other State) bool {
	if s.Phase == PhaseUnavailable && other.Phase == PhaseUnavailable {
		other.Message = s.Message
	}
	return s != other
}
