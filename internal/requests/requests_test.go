package requests

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/plan"
	"github.com/voiceops/conference-operator/internal/voice"
)

var start = time.Date(2026, 11, 27, 10, 0, 0, 0, time.UTC)

// in is a time after the start.
func in(after time.Duration) time.Time { return start.Add(after) }

// current are rooms in progress, as a list has shown them that is new enough.
func current(sids ...string) Rooms { return Rooms{Current: true, InProgress: sids} }

// announced and ended are requests of an id, the latter with a minute's time.
func announced(id string) *plan.AnnouncementRequest {
	return &plan.AnnouncementRequest{ID: id, URL: "https://media.example.com/a.xml"}
}

func ended(id string) *plan.AnnouncementRequest {
	return &plan.AnnouncementRequest{ID: id, NotAfter: in(time.Minute), Harmless: true}
}

// empty is a ledger that remembers nothing.
func empty(kind Kind) Ledger { return Read(kind, &v1alpha1.ConferenceStatus{}) }

// judged is a ledger in which an id was judged for rooms at the start.
func judged(kind Kind, request *plan.AnnouncementRequest, sids ...string) Ledger {
	l, _ := empty(kind).Refresh(request, current(sids...), start)
	return l
}

// intend claims the request to the room x at a time.
func intend(l Ledger, at time.Time) Ledger {
	return l.Update("x", func(p plan.Record) plan.Record { return p.Intend(at) })
}

// show is a ledger in short: "room id State" by room, then the ids that are done with.
func show(l Ledger) string {
	var parts []string
	for _, sid := range l.sids() {
		parts = append(parts, fmt.Sprintf("%s %s %s", sid, l.rooms[sid].ID, l.rooms[sid].State))
	}
	return strings.Join(parts, ", ") + " | " + strings.Join(l.handled, " ")
}

// reasons are those of a ledger's notices.
func reasons(l Ledger) string {
	told, _ := l.Notices()
	var found []string
	for _, notice := range told {
		found = append(found, notice.Reason)
	}
	return strings.Join(found, " ")
}

func TestR25WhichRoomsAnIDIsAbout(t *testing.T) {
	open := intend(judged(Announcement, announced("a"), "x"), start)
	final := open.Update("x", func(p plan.Record) plan.Record { return p.Accepted(start) })
	_, final = final.Notices()
	for _, c := range []struct {
		name    string
		before  Ledger
		request *plan.AnnouncementRequest
		rooms   Rooms
		now     time.Time
		want    string
		reasons string
		next    time.Time
	}{
		{"nothing is declared", empty(Announcement), nil, current("x"), start, " | ", "", time.Time{}},
		{"the rooms in progress", empty(Announcement), announced("a"), current("x", "y"), start, "x a Pending, y a Pending | ", "", time.Time{}},
		{"not those that wait", empty(End), ended("e"), Rooms{Current: true, InProgress: []string{"x"}, Waiting: []string{"y"}}, start,
			"x e Pending | ", "", in(time.Minute)},
		{"not before a list that is new enough", empty(End), ended("e"), Rooms{InProgress: []string{"x"}}, start, " | ", "", in(time.Minute)},
		{"no announcement without a room in progress", empty(Announcement), announced("a"), Rooms{Current: true, Waiting: []string{"y"}}, start,
			" | a", v1alpha1.EventAnnouncementMissed, time.Time{}},
		{"no end without one", empty(End), ended("e"), current(), start, " | e", v1alpha1.EventRoomNotEnded, time.Time{}},
		{"too late, even before a list", empty(End), ended("e"), Rooms{}, in(time.Minute), " | e", v1alpha1.EventRoomNotEnded, time.Time{}},
		{"not a room that comes later", judged(End, ended("e"), "x"), ended("e"), current("x", "y"), start, "x e Pending | ", "", in(time.Minute)},
		{"once for each id", final, announced("a"), current("x", "y"), in(time.Hour), "x a Accepted | a", "", time.Time{}},
		{"another id", final, announced("b"), current("x", "y"), in(time.Hour), "x b Pending, y b Pending | a", "", time.Time{}},
		{"not while another one may be under way", open, announced("b"), current("x", "y"), start, "x a Claimed | ", "", in(10 * time.Second)},
		{"then it is given up", open, announced("b"), current("x", "y"), in(10 * time.Second),
			"x b Pending, y b Pending | a", v1alpha1.EventAnnouncementUnknown, time.Time{}},
		{"another id before the first was sent", judged(Announcement, announced("a"), "x"), announced("b"), current("x"), start,
			"x b Pending | a", v1alpha1.EventSuperseded, time.Time{}},
		{"withdrawn", judged(End, ended("e"), "x", "y"), nil, current("x", "y"), start,
			" | e", v1alpha1.EventRoomNotEnded + " " + v1alpha1.EventRoomNotEnded, time.Time{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := show(c.before)
			after, next := c.before.Refresh(c.request, c.rooms, c.now)
			if got := show(after); got != c.want {
				t.Errorf("ledger %q, want %q", got, c.want)
			}
			if got := reasons(after); got != c.reasons {
				t.Errorf("told %q, want %q", got, c.reasons)
			}
			if !next.Equal(c.next) {
				t.Errorf("next at %s, want %s", next, c.next)
			}
			if show(c.before) != before {
				t.Error("the ledger before has changed")
			}
			if again, _ := after.Refresh(c.request, c.rooms, c.now); !again.Equal(after) {
				t.Errorf("a second time it is %q", show(again))
			}
		})
	}
}

func TestR25ARoomThatIsOverIsForgotten(t *testing.T) {
	for _, c := range []struct {
		name    string
		before  Ledger
		request *plan.AnnouncementRequest
		reasons string
	}{
		{"an announcement that was not sent", judged(Announcement, announced("a"), "x"), announced("a"), v1alpha1.EventAnnouncementMissed},
		{"one that may have been", intend(judged(Announcement, announced("a"), "x"), start), announced("a"), v1alpha1.EventAnnouncementUnknown},
		{"an end that was not sent", judged(End, ended("e"), "x"), ended("e"), ""},
		{"one that may have been", intend(judged(End, ended("e"), "x"), start), ended("e"), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			// Another room has the same name by now.
			after, next := c.before.Refresh(c.request, current("z"), in(time.Second))
			if got, want := show(after), " | "+c.request.ID; got != want || !next.IsZero() {
				t.Errorf("ledger %q, next at %s; want %q", got, next, want)
			}
			if pending, _ := after.Pending("z"); pending {
				t.Error("the room that came later is told")
			}
			if got := reasons(after); got != c.reasons {
				t.Errorf("told %q, want %q", got, c.reasons)
			}
		})
	}
	two, _ := judged(End, ended("e"), "x", "y").Refresh(ended("e"), current("y"), start)
	if got := show(two); got != "y e Pending | " {
		t.Errorf("after one of two rooms is over: %q", got)
	}
}

func TestR25WhatBecomesOfARequest(t *testing.T) {
	refused := &voice.Error{Class: voice.ClassRefused, HTTPStatus: 400, Code: 21402}
	retry := announced("a")
	retry.RetryUnknown = true
	limited := announced("a")
	limited.NotAfter = in(time.Minute)
	unknown := func(request *plan.AnnouncementRequest) func(plan.Record) plan.Record {
		return func(p plan.Record) plan.Record { return p.Unknown(request, start) }
	}
	for _, c := range []struct {
		name    string
		kind    Kind
		request *plan.AnnouncementRequest
		change  func(plan.Record) plan.Record
		later   time.Duration
		want    string
		reasons string
	}{
		{"announcement accepted", Announcement, announced("a"), func(p plan.Record) plan.Record { return p.Accepted(start) }, 0,
			"x a Accepted | a", v1alpha1.EventAnnouncementAccepted},
		{"announcement refused", Announcement, announced("a"), func(p plan.Record) plan.Record { return p.Rejected(refused, start) }, 0,
			"x a Rejected | a", v1alpha1.EventAnnouncementRejected},
		{"announcement not carried out", Announcement, announced("a"), plan.Record.Release, 0, "x a Pending | ", ""},
		{"announcement not carried out in time", Announcement, limited, plan.Record.Release, time.Minute,
			"x a Expired | a", v1alpha1.EventAnnouncementExpired},
		{"announcement perhaps played, Skip", Announcement, announced("a"), unknown(announced("a")), 0,
			"x a Unknown | a", v1alpha1.EventAnnouncementUnknown},
		{"announcement perhaps played, Retry", Announcement, retry, unknown(retry), 0, "x a Pending | ", ""},
		{"announcement perhaps played, Retry, for long", Announcement, retry, unknown(retry), 30 * time.Second,
			"x a Unknown | a", v1alpha1.EventAnnouncementUnknown},
		{"crash with an announcement", Announcement, announced("a"), nil, 10 * time.Second, "x a Unknown | a", v1alpha1.EventAnnouncementUnknown},
		{"crash only just", Announcement, announced("a"), nil, 9 * time.Second, "x a Claimed | ", ""},
		{"end accepted", End, ended("e"), func(p plan.Record) plan.Record { return p.Accepted(start) }, 0,
			"x e Accepted | e", v1alpha1.EventRoomEnded},
		{"end refused", End, ended("e"), func(p plan.Record) plan.Record { return p.Rejected(refused, start) }, 0,
			"x e Rejected | e", v1alpha1.EventRoomNotEnded},
		{"end perhaps carried out", End, ended("e"), unknown(ended("e")), 59 * time.Second, "x e Pending | ", ""},
		{"end perhaps carried out, too late", End, ended("e"), unknown(ended("e")), time.Minute, "x e Unknown | e", v1alpha1.EventRoomNotEnded},
		{"end not carried out, too late", End, ended("e"), plan.Record.Release, time.Minute, "x e Expired | e", v1alpha1.EventRoomNotEnded},
		{"crash with an end", End, ended("e"), nil, 10 * time.Second, "x e Pending | ", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := intend(judged(c.kind, c.request, "x"), start)
			if c.change != nil {
				l = l.Update("x", c.change)
			}
			l, _ = l.Refresh(c.request, current("x"), in(c.later))
			if got := show(l); got != c.want {
				t.Errorf("ledger %q, want %q", got, c.want)
			}
			if got := reasons(l); got != c.reasons {
				t.Errorf("told %q, want %q", got, c.reasons)
			}
			told, rest := l.Notices()
			if more, _ := rest.Notices(); len(more) != 0 {
				t.Error("it is told twice")
			}
			for _, notice := range told {
				if !strings.Contains(notice.Message, "oom x") || strings.Contains(notice.Message, "%!") || notice.Kind == "" {
					t.Errorf("told %+v", notice)
				}
				if (notice.Outcome != "") != (c.kind == Announcement) {
					t.Errorf("counted as %q", notice.Outcome)
				}
			}
		})
	}
}

func TestR25OnlyWhatMayHaveBeenCarriedOutIsRepeatedByALook(t *testing.T) {
	l := judged(End, ended("e"), "x")
	if pending, again := l.Pending("x"); !pending || again {
		t.Errorf("at first: pending %v, again %v", pending, again)
	}
	claimed := intend(l, start)
	if pending, again := claimed.Pending("x"); pending || again {
		t.Errorf("under way: pending %v, again %v", pending, again)
	}
	if pending, again := claimed.Update("x", plan.Record.Release).Pending("x"); !pending || again {
		t.Errorf("not carried out: pending %v, again %v", pending, again)
	}
	unknown := claimed.Update("x", func(p plan.Record) plan.Record { return p.Unknown(ended("e"), start) })
	if pending, again := unknown.Pending("x"); !pending || !again {
		t.Errorf("perhaps carried out: pending %v, again %v", pending, again)
	}
	released := intend(unknown, in(time.Second)).Update("x", plan.Record.Release)
	if pending, again := released.Pending("x"); !pending || !again {
		t.Errorf("perhaps carried out, and the next one not: pending %v, again %v", pending, again)
	}
	if pending, _ := l.Pending("z"); pending {
		t.Error("a room without a record has a request")
	}
}

func TestR25AStatusRemembersTheRequests(t *testing.T) {
	status := v1alpha1.ConferenceStatus{
		Rooms:                  []v1alpha1.RoomStatus{{ConferenceSID: "x"}, {ConferenceSID: "y"}},
		HandledAnnouncementIDs: []string{"z"},
	}
	refused := &voice.Error{Class: voice.ClassRefused, HTTPStatus: 400}
	for _, kind := range Kinds() {
		l := Read(kind, &status)
		l, _ = l.Refresh(ended("e"), current("x", "y"), start)
		l = intend(l, start).Update("x", func(p plan.Record) plan.Record { return p.Rejected(refused, start) })
		l.Write(&status)
		read := Read(kind, &status)
		if !read.Equal(l) {
			t.Errorf("%s: read %q, written %q", kind, show(read), show(l))
		}
		sid, message, ok := read.Rejected(ended("e"))
		if _, _, other := read.Rejected(ended("f")); !ok || other || sid != "x" || message != "HTTP 400" {
			t.Errorf("%s: refused in %q for %q", kind, sid, message)
		}
		if _, _, ok := read.Rejected(nil); ok {
			t.Errorf("%s: what is not declared is refused", kind)
		}
	}
	if status.Rooms[0].Announcement.State != v1alpha1.AnnouncementRejected || status.Rooms[1].End.State != v1alpha1.AnnouncementPending {
		t.Errorf("stored %+v", status.Rooms)
	}
	if want := []string{"z"}; !slices.Equal(status.HandledAnnouncementIDs, want) || len(status.HandledEndIDs) != 0 {
		t.Errorf("handled %q and %q", status.HandledAnnouncementIDs, status.HandledEndIDs)
	}
}

func TestR25WhatAnotherWriterHasStoredStays(t *testing.T) {
	base := judged(Announcement, announced("a"), "x", "y")
	claimed := intend(base, start)
	accepted := claimed.Update("x", func(p plan.Record) plan.Record { return p.Accepted(start) })
	elsewhere := claimed.Update("y", func(p plan.Record) plan.Record { return p.Intend(in(time.Second)) })
	for _, c := range []struct {
		name               string
		ours, base, theirs Ledger
		want               string
	}{
		{"nothing has changed", accepted, claimed, claimed, "x a Accepted, y a Pending | "},
		{"the outcome of our claim", accepted, claimed, elsewhere, "x a Accepted, y a Claimed | "},
		{"a claim that is not ours", base, base, claimed, "x a Claimed, y a Pending | "},
		{"a claim of another time", accepted, intend(base, in(-time.Second)), claimed, "x a Claimed, y a Pending | "},
		{"our claim was given up", accepted, claimed, empty(Announcement), " | "},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := show(c.ours.Onto(c.base, c.theirs)); got != c.want {
				t.Errorf("ledger %q, want %q", got, c.want)
			}
		})
	}
	one := intend(judged(End, ended("e"), "x"), start)
	done := one.Update("x", func(p plan.Record) plan.Record { return p.Accepted(start) })
	theirs := one
	theirs.handled = []string{"d"}
	if got := show(done.Onto(one, theirs)); got != "x e Accepted | e d" {
		t.Errorf("ledger %q", got)
	}
}

func TestDeclared(t *testing.T) {
	spec := &v1alpha1.ConferenceSpec{
		Announcement: &v1alpha1.Announcement{ID: "a", URL: "https://media.example.com/a.xml", Method: "GET", OnUnknown: v1alpha1.UnknownRetry},
		End:          &v1alpha1.RoomEnd{ID: "e", NotAfterTime: metav1.NewTime(in(time.Minute))},
	}
	a, e := Announcement.Declared(spec), End.Declared(spec)
	if a.ID != "a" || !a.RetryUnknown || a.Harmless || e.ID != "e" || !e.Harmless || !e.NotAfter.Equal(in(time.Minute)) {
		t.Errorf("declared %+v and %+v", a, e)
	}
	if got := Announcement.Update(a).Form().Encode(); got != "AnnounceMethod=GET&AnnounceUrl=https%3A%2F%2Fmedia.example.com%2Fa.xml" {
		t.Errorf("announced by %q", got)
	}
	if got := End.Update(e).Form().Encode(); got != "Status=completed" {
		t.Errorf("ended by %q", got)
	}
	if Announcement.Declared(&v1alpha1.ConferenceSpec{}) != nil || End.Declared(&v1alpha1.ConferenceSpec{}) != nil {
		t.Error("something is declared by an empty spec")
	}
}
