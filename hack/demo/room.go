package main

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/voiceops/conference-operator/api/v1alpha1"
)

// roomName is the name of the room that is declared, and of its Conference.
const roomName = "all-hands"

// declareRoom adds the account, and a policy for a room that is not there.
func (d *demo) declareRoom(ctx context.Context) error {
	d.out.say("The account's intervals are 1 s here, to keep the demo short; the defaults are 30 s and 5 s.")
	for _, manifest := range []string{"namespace", "secret", "account", roomName} {
		if err := d.applyManifest(ctx, manifest); err != nil {
			return err
		}
	}
	return d.sequence(ctx, d.waitForRoom(v1alpha1.ReasonNoRoom, v1alpha1.RoomNone, 0, 0), d.showRoom)
}

// fillRoom has phones call into the room, and one more while it goes on.
func (d *demo) fillRoom(ctx context.Context) error {
	return d.sequence(ctx,
		d.ring("host", true), d.ring("first listener", false), d.ring("second listener", false),
		d.waitForRoom(v1alpha1.ReasonInSync, v1alpha1.RoomLive, 3, 2),
		d.ring("latecomer", false),
		d.waitForRoom(v1alpha1.ReasonInSync, v1alpha1.RoomLive, 4, 3),
		d.showRoom)
}

// emptyRoom ends the room, and then what was declared for it.
func (d *demo) emptyRoom(ctx context.Context) error {
	return d.sequence(ctx,
		func(ctx context.Context) error {
			d.out.say("The host hangs up.")
			return d.environment.provider.control(ctx, http.MethodDelete, "/conferences/"+d.room+"/participants/"+d.host, nil)
		},
		d.waitForRoom(v1alpha1.ReasonNoRoom, v1alpha1.RoomNone, 0, 0), d.showRoom,
		func(ctx context.Context) error {
			d.out.block("kubectl delete conf "+roomName, "What it has made goes along; nothing is sent.")
			return d.environment.cluster.deleteConference(ctx, roomName)
		})
}

// ring has a phone call into the room.
func (d *demo) ring(name string, host bool) action {
	return func(ctx context.Context) error {
		room, call, err := d.environment.provider.joinRoom(ctx, roomName, host)
		if err != nil {
			return err
		}
		d.room = room
		if host {
			d.host = call
		}
		d.out.say("The %s calls: %s", name, call)
		return nil
	}
}

// waitForRoom waits until the Conference says so, and shows the updates that the provider
// got meanwhile.
func (d *demo) waitForRoom(reason string, state v1alpha1.RoomState, people, muted int32) action {
	return func(ctx context.Context) error {
		began := time.Now()
		err := d.environment.cluster.conferenceBecomes(ctx, roomName, reason, func(found v1alpha1.ConferenceStatus) bool {
			return found.RoomState == state && found.Counts != nil && found.Counts.Participants == people && found.Counts.Muted == muted
		})
		if err != nil {
			return fmt.Errorf("the room: %w", err)
		}
		return d.showUpdates(ctx, began)
	}
}

// showRoom prints the tables of kubectl get conf,cpart.
func (d *demo) showRoom(ctx context.Context) error {
	table, err := d.environment.cluster.table(ctx, conferences, callLegs)
	if err == nil {
		d.out.block("kubectl get conf,cpart", table)
	}
	return err
}
