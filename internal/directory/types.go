package directory

import (
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/voiceops/conference-operator/internal/roster"
)

// RoomKey names a room as one Conference governs it.
type RoomKey struct {
	// Conference is the object.
	Conference types.NamespacedName
	// SID is the conference's SID at the provider.
	SID string
}

// Kind is the kind of a roster's subscribers that are rooms.
const Kind = "Conference"

// Subscriber is the room as the roster of its conference knows it.
func (k RoomKey) Subscriber() roster.Subscriber {
	return roster.Subscriber{Kind: Kind, Name: k.Conference}
}

// Roster is the key of the room's roster, as an account reaches it.
func (k RoomKey) Roster(account types.NamespacedName) roster.Key {
	return roster.Key{Account: account, Conference: k.SID}
}

// Selector selects rooms by name; one of the two is set.
type Selector struct {
	// Name is the whole name, Prefix its beginning.
	Name, Prefix string
}

// Matches reports whether a room's name is selected. Names are compared byte by
// byte.
func (s Selector) Matches(name string) bool {
	if s.Name != "" {
		return s.Name == name
	}
	return s.Prefix != "" && strings.HasPrefix(name, s.Prefix)
}

// Room is a room that is not over.
type Room struct {
	// SID and Name of the room.
	SID, Name string
	// Waiting says that it was not started yet.
	Waiting bool
	// Created is when it was created, as the provider says; zero if that can't be
	// read.
	Created time.Time
	// Started is when this process saw it turn from waiting to in progress; zero if
	// it did not.
	Started time.Time
	// StartedDate is the same by the provider's clock; zero if that can't be read.
	StartedDate time.Time
	// Since is when this process learned of it first.
	Since time.Time
	// Listed says that it was in this process's first complete list, waiting or not.
	Listed bool
	// Found says that it was in progress in this process's first complete list.
	Found bool
}
