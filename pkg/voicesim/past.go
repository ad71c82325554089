package voicesim

import (
	"slices"
	"time"
)

// longestLag is how far back lists can show what was.
const longestLag = time.Minute

// past are the values that a thing had in the last longestLag, the oldest first.
type past[T any] []former[T]

// former is a value that a thing had until a time.
type former[T any] struct {
	value T
	until time.Time
}

// note adds the value that a thing has had until now.
func (p *past[T]) note(value T, now time.Time) {
	kept := slices.DeleteFunc(*p, func(f former[T]) bool { return f.until.Before(now.Add(-longestLag)) })
	*p = append(kept, former[T]{value, now})
}

// at returns the value that a thing had at a time; present is the one it has now.
func (p past[T]) at(t time.Time, present T) T {
	for _, f := range p {
		if t.Before(f.until) {
			return f.value
		}
	}
	return present
}

// lag returns the time of which a list shows what was.
func (s *Simulator) lag(x *exchange, now time.Time) time.Time {
	return now.Add(-max(s.settings.ListLag, x.fault.ListLag))
}
