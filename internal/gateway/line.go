package gateway

import "slices"

// Turn identifies who wants to send, and how to wake them when they may.
type Turn struct {
	// Key identifies the waiter; asking again keeps the place in line.
	Key any
	// Conference is in whose name the turn is taken: conferences take turns.
	Conference string
	// Update says that a token of the rate limit is needed, too.
	Update bool
	// Closes says that the request keeps people from hearing.
	Closes bool
	// Wake is called once, when it is this waiter's turn. It must not block.
	Wake func()
}

// line is who waits for the same thing. Conferences are served in turn, so that
// a crowd in one keeps nobody in another waiting; within a conference what
// closes goes first, else whoever came first.
type line struct {
	// crowds are those who wait, by conference, and order has their turns, next
	// first.
	crowds map[string]*crowd
	order  []string
	// waiting says of each key whether it is in line as one that closes.
	waiting map[any]bool
}

// crowd is who waits in one conference.
type crowd struct {
	closing, rest []Turn
}

func newLine() *line {
	return &line{crowds: map[string]*crowd{}, waiting: map[any]bool{}}
}

func (l *line) empty() bool { return len(l.waiting) == 0 }

// add puts a turn in line. Who is there already keeps the place, save that a
// turn which closes by now goes before those that don't.
func (l *line) add(turn Turn) {
	closes, there := l.waiting[turn.Key]
	if there && (closes || !turn.Closes) {
		return
	}
	l.waiting[turn.Key] = turn.Closes
	c := l.crowds[turn.Conference]
	if c == nil {
		c = &crowd{}
		l.crowds[turn.Conference] = c
		l.order = append(l.order, turn.Conference)
	}
	if turn.Closes {
		c.closing = append(c.closing, turn)
	} else {
		c.rest = append(c.rest, turn)
	}
}

// ready says whether there is a conference in line that is not full, and has its
// turn come next.
func (l *line) ready(full func(conference string) bool) bool {
	for i, conference := range l.order {
		if !full(conference) {
			if i > 0 {
				l.order = slices.Concat(l.order[i:], l.order[:i])
			}
			return true
		}
	}
	return false
}

// pop takes the next turn out of a line that is not empty.
func (l *line) pop() Turn {
	for {
		conference := l.order[0]
		l.order = l.order[1:]
		turn, found := l.first(l.crowds[conference])
		if c := l.crowds[conference]; len(c.closing)+len(c.rest) > 0 {
			l.order = append(l.order, conference)
		} else {
			delete(l.crowds, conference)
		}
		if found {
			delete(l.waiting, turn.Key)
			return turn
		}
	}
}

// first takes the first of a crowd, past those who have gone ahead as closing.
func (l *line) first(c *crowd) (turn Turn, found bool) {
	for _, turns := range []*[]Turn{&c.closing, &c.rest} {
		for len(*turns) > 0 {
			// The array would go on to hold whom it wakes.
			turn, (*turns)[0] = (*turns)[0], Turn{}
			*turns = (*turns)[1:]
			if closes, there := l.waiting[turn.Key]; there && closes == turn.Closes {
				return turn, true
			}
		}
	}
	return Turn{}, false
}
