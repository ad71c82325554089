package callers

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/directory"
	"github.com/voiceops/conference-operator/internal/policy"
	"github.com/voiceops/conference-operator/internal/voice"
)

var (
	start = time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	acme  = types.NamespacedName{Namespace: "support", Name: "acme"}
)

// hash stands for the keyed hash of the operator.
func hash(number voice.Number) (hashed policy.Number) {
	sum := sha256.Sum256([]byte(number.Reveal()))
	copy(hashed[:], sum[:])
	return hashed
}

func room(sid string) directory.RoomKey {
	return directory.RoomKey{Conference: types.NamespacedName{Name: "c"}, SID: sid}
}

// newStore is a store, and how often it has woken the account.
func newStore() (store *Store, woken *int) {
	woken = new(int)
	return NewStore(hash, func(types.NamespacedName) { *woken++ }), woken
}

func told(rooms []directory.RoomKey) string {
	var found []string
	for _, key := range rooms {
		found = append(found, key.SID)
	}
	slices.Sort(found)
	return strings.Join(slices.Compact(found), " ")
}

// request asks for so many calls on behalf of a room.
func request(store *Store, from, n int) {
	for i := range n {
		store.Request(acme, room("r"), fmt.Sprintf("call-%d", from+i))
	}
}

func TestR20WhatIsKeptOfACall(t *testing.T) {
	const far, ours = voice.Number("+15555550100"), voice.Number("+15555550199")
	for _, c := range []struct {
		name string
		call voice.Call
		want policy.Caller
	}{
		{"inbound", voice.Call{From: far, To: ours, Direction: voice.Inbound},
			policy.Caller{State: policy.CallerKnown, Direction: v1alpha1.CallInbound, Far: hash(far), Dialed: hash(ours)}},
		{"outbound", voice.Call{From: ours, To: far, Direction: voice.Outbound},
			policy.Caller{State: policy.CallerKnown, Direction: v1alpha1.CallOutbound, Far: hash(far)}},
		{"a number that is withheld", voice.Call{To: ours, Direction: voice.Inbound},
			policy.Caller{State: policy.CallerKnown, Direction: v1alpha1.CallInbound, Dialed: hash(ours)}},
		{"no direction", voice.Call{From: far, To: ours}, policy.Caller{State: policy.CallerKnown}},
	} {
		t.Run(c.name, func(t *testing.T) {
			store, _ := newStore()
			store.Request(acme, room("r"), "call-0")
			c.call.SID = "call-0"
			if got := told(store.RecordRead(acme, c.call, start)); got != "r" {
				t.Errorf("%q is told", got)
			}
			if got := store.Lookup(acme, "call-0"); got != c.want {
				t.Errorf("%+v, want %+v", got, c.want)
			}
		})
	}
}

func TestR30NoNumberIsKept(t *testing.T) {
	const number = voice.Number("+15555550100")
	store, _ := newStore()
	store.Request(acme, room("r"), "call-0")
	store.RecordRead(acme, voice.Call{SID: "call-0", From: number, Direction: voice.Inbound}, start)
	store.ApplyPage(acme, voice.CallPage{Items: []voice.Call{{SID: "stranger", From: number, Direction: voice.Inbound}}}, start)
	kept := store.accounts[acme]
	if told := fmt.Sprintf("%+v %+v", kept.calls["call-0"], kept.listed); strings.Contains(told, "555") {
		t.Errorf("a number is kept: %s", told)
	}
	if len(kept.calls) != 1 || len(kept.listed) != 0 {
		t.Error("something is kept of a call that nothing has requested, and no list was sent for")
	}
}

func TestR20HowCallsAreAskedFor(t *testing.T) {
	for _, c := range []struct {
		unknown, reads int
		list           bool
	}{{0, 0, false}, {1, 1, false}, {8, 8, false}, {20, 8, false}, {21, 0, true}, {2000, 0, true}} {
		store, _ := newStore()
		request(store, 0, c.unknown)
		if poll := store.Next(acme, start); len(poll.Reads) != c.reads || poll.List != c.list {
			t.Errorf("%d unknown: %d reads, list %v; want %d, %v", c.unknown, len(poll.Reads), poll.List, c.reads, c.list)
		}
	}
}

func TestR20WhatAListLacksIsReadByItself(t *testing.T) {
	store, _ := newStore()
	request(store, 0, 30)
	store.BeginList(acme)
	request(store, 30, 1)
	var page voice.CallPage
	for i := range 20 {
		page.Items = append(page.Items, voice.Call{SID: fmt.Sprintf("call-%d", i), Direction: voice.Inbound})
	}
	if got := told(store.ApplyPage(acme, page, start)); got != "r" {
		t.Errorf("%q is told", got)
	}
	store.CompleteList(acme, start)
	poll := store.Next(acme, start)
	if poll.List || len(poll.Reads) != ReadsAtOnce {
		t.Errorf("of 11 unknown calls: list %v, %d reads", poll.List, len(poll.Reads))
	}
	request(store, 31, 25)
	poll = store.Next(acme, start)
	for _, callSID := range poll.Reads {
		if n, _ := fmt.Sscanf(callSID, "call-2%d", new(int)); n != 1 {
			t.Errorf("%s is read, for which no list was sent", callSID)
		}
	}
	if !poll.List {
		t.Error("so many new ones are not listed")
	}
}

func TestR20AListThatIsRefusedIsReplacedByReads(t *testing.T) {
	store, _ := newStore()
	request(store, 0, 30)
	store.BeginList(acme)
	store.RecordListFailure(acme, false, start)
	if poll := store.Next(acme, start); poll.HasWork() || poll.At.Sub(start) > time.Second || poll.At.IsZero() {
		t.Errorf("after a failure: %+v", poll)
	}
	store.RecordListFailure(acme, true, start)
	if poll := store.Next(acme, start); poll.List || len(poll.Reads) != ReadsAtOnce {
		t.Errorf("after a refusal: %+v", poll)
	}
}

func TestR20ThreeTimesMissingIsNo(t *testing.T) {
	store, _ := newStore()
	request(store, 0, 1)
	now := start
	for try, want := range []string{"", "", "r"} {
		if poll := store.Next(acme, now); len(poll.Reads) != 1 {
			t.Fatalf("read %d is not due", try+1)
		}
		if got := told(store.RecordMissing(acme, "call-0", now)); got != want {
			t.Errorf("after %d reads %q is told", try+1, got)
		}
		if missing := store.Lookup(acme, "call-0").State == policy.CallerMissing; missing != (want != "") {
			t.Errorf("after %d reads: missing %v", try+1, missing)
		}
		if want == "" && len(store.Next(acme, now).Reads) != 0 {
			t.Error("it is read again at once")
		}
		now = now.Add(3 * time.Second)
	}
	if poll := store.Next(acme, now.Add(time.Hour)); poll.HasWork() {
		t.Error("it is read for ever")
	}
}

func TestR20AFailureIsNoEvidenceThatACallIsMissing(t *testing.T) {
	store, _ := newStore()
	request(store, 0, 1)
	store.RecordMissing(acme, "call-0", start)
	store.RecordMissing(acme, "call-0", start)
	store.RecordFailure(acme, "call-0", start)
	store.RecordMissing(acme, "call-0", start)
	if got := store.Lookup(acme, "call-0").State; got != policy.CallerUnknown {
		t.Errorf("the state is %v", got)
	}
}

func TestR20AnAnswerIsKeptWhileTheCallLegLives(t *testing.T) {
	store, woken := newStore()
	store.Request(acme, room("r"), "call-0", "call-1")
	store.Request(acme, room("q"), "call-0")
	if got := told(store.RecordRead(acme, voice.Call{SID: "call-0", Direction: voice.Inbound}, start)); got != "q r" {
		t.Errorf("%q are told", got)
	}
	before := *woken
	store.Request(acme, room("r"), "call-0", "call-1")
	if *woken != before || len(store.Next(acme, start).Reads) != 1 {
		t.Error("a call that is known is read again")
	}
	store.Keep(acme, room("r"), []string{"call-1"})
	if store.Lookup(acme, "call-0").State != policy.CallerKnown {
		t.Error("it is forgotten although a room has it")
	}
	store.Keep(acme, room("q"), nil)
	if store.Lookup(acme, "call-0").State != policy.CallerUnknown {
		t.Error("it is kept although its call leg has left")
	}
	store.Forget(acme, room("r"))
	if left := store.accounts[acme]; len(left.calls) != 0 || len(left.rooms) != 0 || store.Next(acme, start).HasWork() {
		t.Error("something is left of a room that is over")
	}
	store.Keep(types.NamespacedName{Name: "unknown"}, room("r"), nil)
}

func TestR21LookupsFail(t *testing.T) {
	const fails, works = true, false
	for _, c := range []struct {
		name     string
		outcomes []bool
		after    time.Duration
		want     bool
	}{
		{"none", nil, 0, false},
		{"one", []bool{fails}, 0, false},
		{"two", []bool{fails, fails}, 0, true},
		{"half", []bool{fails, fails, works, works}, 0, false},
		{"more than half", []bool{works, fails, works, fails, fails}, 0, true},
		{"almost a minute ago", []bool{fails, fails}, time.Minute - time.Second, true},
		{"a minute ago", []bool{fails, fails}, time.Minute, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			store, _ := newStore()
			request(store, 0, 1)
			for _, failed := range c.outcomes {
				if failed {
					store.RecordFailure(acme, "call-0", start)
				} else {
					store.RecordMissing(acme, "call-0", start)
				}
			}
			if got := store.Failing(acme, start.Add(c.after)); got != c.want {
				t.Errorf("failing: %v", got)
			}
		})
	}
}

func TestR21RoomsThatWaitAreToldOnceThatLookupsFail(t *testing.T) {
	store, _ := newStore()
	request(store, 0, 2)
	store.Request(acme, room("known"), "call-9")
	store.RecordRead(acme, voice.Call{SID: "call-9"}, start)
	for try, want := range []string{"", "r", ""} {
		// One look-up has succeeded, so that it takes two.
		if got := told(store.RecordFailure(acme, "call-0", start)); got != want {
			t.Errorf("failure %d: %q is told, want %q", try+1, got, want)
		}
	}
	if got := told(store.RecordRead(acme, voice.Call{SID: "call-0"}, start)); got != "r" {
		t.Errorf("%q is told of the answer", got)
	}
}

func TestR20FailuresAreRetriedWithBackoff(t *testing.T) {
	store, _ := newStore()
	request(store, 0, 1)
	for _, want := range []time.Duration{time.Second, 2 * time.Second, 4 * time.Second} {
		store.RecordFailure(acme, "call-0", start)
		if wait := store.Next(acme, start).At.Sub(start); wait > want || wait < want*3/4 {
			t.Errorf("retried after %s, want %s", wait, want)
		}
	}
}

func TestR20CallsAreOfOneAccountOfTheProvider(t *testing.T) {
	store, _ := newStore()
	store.SetProvider(acme, "p")
	request(store, 0, 1)
	store.RecordRead(acme, voice.Call{SID: "call-0"}, start)
	store.SetProvider(acme, "p")
	if store.Lookup(acme, "call-0").State != policy.CallerKnown {
		t.Error("the calls of the same account are forgotten")
	}
	store.SetProvider(acme, "q")
	if store.Lookup(acme, "call-0").State != policy.CallerUnknown {
		t.Error("the calls of another account are kept")
	}
	store.ForgetAccount(acme)
	if len(store.accounts) != 0 {
		t.Error("an account that is gone is kept")
	}
}
