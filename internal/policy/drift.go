package policy

// Drift counts the call legs that differ from what is declared.
type Drift struct {
	// Legs differ in at least one field.
	Legs int
	// Muted, Hold and Coaching are how many differ in that field.
	Muted, Hold, Coaching int
}
