package main

import (
	"context"
	"net/http"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/policy"
	"github.com/voiceops/conference-operator/pkg/voicesim"
)

const (
	// hostNumber makes a caller a host; all others are the audience.
	hostNumber     = "+15555550100"
	audienceNumber = "+15555550111"
	// roomEvery is how often a room is listed, ten percent more or less, and roomRound
	// is in which time a room is listed once at most.
	roomEvery = 5 * time.Second
	roomRound = roomEvery * 8 / 10
)

// guest is a call leg in a room, and the name of its child.
type guest struct {
	call
	child string
}

// govern declares the audience muted, in the room of a Conference's own name or in all
// rooms with a prefix. Hosts are known by their number, so that every call has to be
// read, and none is muted for being unknown.
func (sc *scene) govern(ctx context.Context, name, prefix string) error {
	object := &v1alpha1.Conference{ObjectMeta: metav1.ObjectMeta{Namespace: sc.namespace, Name: name, Labels: sc.labels()}}
	object.Spec = v1alpha1.ConferenceSpec{
		AccountRef: v1alpha1.LocalReference{Name: "acme"}, FriendlyNamePrefix: v1alpha1.RoomName(prefix),
		IdentifyWithinSeconds: new(int32(30)),
		Roles: []v1alpha1.Role{
			{
				Name: "host", Match: []v1alpha1.RoleTerm{{Numbers: []v1alpha1.PhoneNumber{hostNumber}}},
				AudioControls: v1alpha1.AudioControls{Hold: new(false)},
			},
			{Name: "audience", AudioControls: v1alpha1.AudioControls{Muted: new(true)}},
		},
	}
	if prefix == "" {
		object.Spec.FriendlyName = v1alpha1.RoomName(name)
	}
	return sc.client.Create(ctx, object)
}

// join has a call join a room that a Conference governs.
func (sc *scene) join(ctx context.Context, conference, room string, how voicesim.JoinOptions) (guest, error) {
	body := struct {
		AccountSID   string `json:"accountSID"`
		FriendlyName string `json:"friendlyName"`
		voicesim.JoinOptions
	}{sc.account, room, how}
	var who voicesim.Participant
	err := sc.provider.request(ctx, http.MethodPost, "/rooms/join", body, &who)
	return guest{
		call:  call{sc.account, who.ConferenceSID, who.CallSID},
		child: policy.ChildName(conference, who.ConferenceSID, who.CallSID),
	}, err
}

func callsOf(joined []guest) (calls []call) {
	for _, one := range joined {
		calls = append(calls, one.call)
	}
	return calls
}

func childrenOf(joined []guest) (names []string) {
	for _, one := range joined {
		names = append(names, one.child)
	}
	return names
}
