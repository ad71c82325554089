package roster

import (
	"testing"
	"time"
)

func TestR7OneAbsenceIsNotADeparture(t *testing.T) {
	start := newClock().now
	cases := []struct {
		name     string
		absence  Absence
		departed bool
		readAt   time.Duration
	}{
		{"not read yet", Absence{}, false, 0},
		{"read once", Absence{FirstRead: start, LastRead: start}, false, 5 * time.Second},
		{"read once, long ago", Absence{FirstRead: start.Add(-time.Hour), LastRead: start.Add(-time.Hour)}, false, 0},
		{"read twice, too early", Absence{FirstRead: start, LastRead: start.Add(4 * time.Second)}, false, 5 * time.Second},
		{"read twice", Absence{FirstRead: start, LastRead: start.Add(5 * time.Second)}, true, 0},
		{"a whole room, read twice", Absence{FirstRead: start, LastRead: start.Add(5 * time.Second), Suspicious: true}, false, time.Minute},
		{"a whole room, for a minute", Absence{FirstRead: start, LastRead: start.Add(time.Minute), Suspicious: true}, true, 0},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			departed, readAt := c.absence.Departed(start)
			if departed != c.departed || !departed && !readAt.Equal(start.Add(c.readAt)) {
				t.Errorf("departed %v, read again after %s", departed, readAt.Sub(start))
			}
		})
	}
}
