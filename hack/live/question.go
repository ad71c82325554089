package main

import (
	"context"
	"fmt"
)

// step is what people on the phone notice of a question.
type step int

const (
	// reads changes nothing.
	reads step = iota
	// changes mutes, holds and coaches with the call, and puts that back.
	changes
	// removes takes the second call out of the conference.
	removes
	// ends ends the conference for everybody.
	ends
)

// question is one that the documents of the provider leave open, or answer in two ways.
type question struct {
	// id is the question in a word, for the list in docs/live.md.
	id string
	// text is the question.
	text string
	// step is what it takes to ask.
	step step
	// ask returns the answer. An error is a request that failed, so that the question
	// stays open.
	ask func(context.Context, *probe) (answer, error)
}

// answer is what the provider does.
type answer struct {
	// text is the answer in a sentence; never a body or a name.
	text string
	// setting is the field of voicesim.Settings that makes the simulator behave alike, in
	// JSON, with its value; "" if there is none.
	setting string
	value   any
	// fixed says what the simulator always does, where it has no switch.
	fixed string
	// open is why there is no answer.
	open string
}

// match says what makes the simulator behave alike.
func (a answer) match() string {
	switch {
	case a.setting != "":
		return fmt.Sprintf("simulator: %s: %v", a.setting, jsonOf(a.value))
	case a.fixed != "":
		return "simulator: " + a.fixed + " (no switch)"
	}
	return ""
}

// set is an answer with a switch of the simulator.
func set(setting string, value any, format string, arguments ...any) (answer, error) {
	return answer{text: fmt.Sprintf(format, arguments...), setting: setting, value: value}, nil
}

// always is an answer to a question for which the simulator has no switch, and what it does.
func always(fixed, format string, arguments ...any) (answer, error) {
	return answer{text: fmt.Sprintf(format, arguments...), fixed: fixed}, nil
}

// open is a question without an answer, and why.
func open(format string, arguments ...any) (answer, error) {
	return answer{open: fmt.Sprintf(format, arguments...)}, nil
}

// questions are all questions in the order in which they are asked: those that people
// notice less come first.
func questions() []question {
	return append(append(readQuestions(), changeQuestions()...), endQuestions()...)
}
