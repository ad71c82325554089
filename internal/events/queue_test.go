package events

import (
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
)

// named returns an event with a reason: a warning if it begins with W.
func named(reason string) *event {
	if strings.HasPrefix(reason, "W") {
		return &event{eventType: corev1.EventTypeWarning, reason: reason}
	}
	return &event{eventType: corev1.EventTypeNormal, reason: reason}
}

func TestQueue(t *testing.T) {
	for name, test := range map[string]struct {
		// steps push an event, or with ^ put one back at the front; - pops one.
		steps string
		// popped is what the steps pop, dropped what they drop, left what is popped in
		// the end.
		popped, dropped, left string
	}{
		"empty":                                    {steps: "-", popped: "none"},
		"in order":                                 {steps: "n1 n2 n3 -", popped: "n1", left: "n2 n3"},
		"warnings first":                           {steps: "n1 W1 W2", left: "W1 W2 n1"},
		"full: the oldest normal one goes":         {steps: "n1 W1 n2 n3", dropped: "n1", left: "W1 n2 n3"},
		"full: a warning displaces a normal one":   {steps: "n1 n2 n3 W1", dropped: "n1", left: "W1 n2 n3"},
		"full of warnings: the oldest goes":        {steps: "W1 W2 W3 W4", dropped: "W1", left: "W2 W3 W4"},
		"full of warnings: a normal one goes":      {steps: "W1 W2 W3 n1", dropped: "n1", left: "W1 W2 W3"},
		"put back: first in its class":             {steps: "n1 n2 - W1 ^n1", popped: "n1", left: "W1 n1 n2"},
		"put back: a warning comes before others":  {steps: "W1 W2 - ^W1", popped: "W1", left: "W1 W2"},
		"put back when full: it is the oldest":     {steps: "n1 n2 n3 - n4 ^n1", popped: "n1", dropped: "n1", left: "n2 n3 n4"},
		"put back when full: a warning stays":      {steps: "W1 n2 n3 - n4 ^W1", popped: "W1", dropped: "n2", left: "W1 n3 n4"},
		"put back when full of warnings: it goes":  {steps: "W1 W2 W3 - W4 ^W1", popped: "W1", dropped: "W1", left: "W2 W3 W4"},
		"what was popped leaves room for the next": {steps: "n1 n2 n3 - n4 - n5", popped: "n1 n2", left: "n3 n4 n5"},
	} {
		t.Run(name, func(t *testing.T) {
			q := &queue{limit: 3}
			var popped, dropped, left []string
			for step := range strings.FieldsSeq(test.steps) {
				var out *event
				if step == "-" {
					if out = q.pop(); out == nil {
						out = named("none")
					}
					popped = append(popped, out.reason)
					continue
				}
				if reason, back := strings.CutPrefix(step, "^"); back {
					out = q.pushFront(named(reason))
				} else {
					out = q.push(named(step))
				}
				if out != nil {
					dropped = append(dropped, out.reason)
				}
			}
			for out := q.pop(); out != nil; out = q.pop() {
				left = append(left, out.reason)
			}
			for what, pair := range map[string][2]string{
				"popped": {strings.Join(popped, " "), test.popped}, "dropped": {strings.Join(dropped, " "), test.dropped},
				"left": {strings.Join(left, " "), test.left},
			} {
				if pair[0] != pair[1] {
					t.Errorf("%s: %q, want %q", what, pair[0], pair[1])
				}
			}
		})
	}
}
