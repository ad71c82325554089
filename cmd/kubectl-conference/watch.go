package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/watch"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/cli/view"
)

const (
	// gather is how long changes are gathered before the list is read again.
	gather = 200 * time.Millisecond
	// liveInterval is how often the provider is asked.
	liveInterval = 5 * time.Second
	// calmInterval is how often the list is read although nothing was told.
	calmInterval = 30 * time.Second
	// clearScreen moves to the top left of a terminal and clears it.
	clearScreen = "\x1b[H\x1b[2J"
)

func (t *tool) watch() *cobra.Command {
	o := &listing{}
	c := &cobra.Command{
		Use: "watch", Short: "Show the rooms and the people in them as they change", Args: cobra.NoArgs,
		Long: `Show the rooms and the people in them as they change: drawn anew in a terminal, else a
line for each change.`,
		RunE: func(c *cobra.Command, _ []string) error {
			reader, namespace, err := o.begin(t)
			if err != nil {
				return err
			}
			return t.follow(c.Context(), reader, namespace, *o)
		},
	}
	o.bind(c)
	return c
}

// follow shows the List until the context ends. A List that can't be read is an error at
// first, and later told of and tried again.
func (t *tool) follow(ctx context.Context, reader client.WithWatch, namespace string, o listing) error {
	changed := make(chan struct{}, 1)
	for _, kind := range []client.ObjectList{&v1alpha1.ConferenceList{}, &v1alpha1.ConferenceParticipantList{}} {
		go notify(ctx, reader, kind, namespace, changed)
	}
	interval := calmInterval
	if o.live {
		interval = liveInterval
	}
	before := view.List{}
	for first := true; ; first = false {
		found, err := t.rooms(ctx, reader, namespace, o)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil && first:
			return err
		case err != nil:
			fmt.Fprintln(t.ErrOut, err)
		default:
			if err := t.draw(before, found, o); err != nil {
				return err
			}
			before = found
		}
		if !pause(ctx, changed, interval) {
			return nil
		}
	}
}

// draw draws the List anew, or prints what has changed.
func (t *tool) draw(before, found view.List, o listing) error {
	if !t.terminal() {
		for _, line := range view.Changes(before, found) {
			if _, err := fmt.Fprintln(t.Out, time.Now().Format(time.TimeOnly), line); err != nil {
				return err
			}
		}
		return nil
	}
	var text strings.Builder
	text.WriteString(clearScreen)
	if err := view.Write(&text, found, view.Style{Colour: t.coloured(), Namespaces: o.all}); err != nil {
		return err
	}
	_, err := fmt.Fprintf(t.Out, "%s\n%s, ctrl-c ends\n", text.String(), time.Now().Format(time.TimeOnly))
	return err
}

// pause waits for a change, and then for others that come with it, or for an interval. It
// reports whether to go on.
func pause(ctx context.Context, changed <-chan struct{}, interval time.Duration) bool {
	timer := time.NewTimer(interval)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	case <-changed:
	}
	timer.Reset(gather)
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// notify tells of changes of one kind. A watch that ends is begun again after a pause; the
// list is read in between.
func notify(ctx context.Context, reader client.WithWatch, kind client.ObjectList, namespace string, changed chan<- struct{}) {
	for ctx.Err() == nil {
		watcher, err := reader.Watch(ctx, kind, client.InNamespace(namespace))
		if err == nil {
			forward(ctx, watcher, changed)
			watcher.Stop()
		}
		timer := time.NewTimer(time.Second)
		select {
		case <-ctx.Done():
		case <-timer.C:
		}
		timer.Stop()
	}
}

// forward tells of each event until the watch or the context ends.
func forward(ctx context.Context, watcher watch.Interface, changed chan<- struct{}) {
	for {
		select {
		case <-ctx.Done():
			return
		case _, open := <-watcher.ResultChan():
			if !open {
				return
			}
			select {
			case changed <- struct{}{}:
			default:
			}
		}
	}
}
