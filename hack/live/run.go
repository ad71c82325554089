package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
)

// jsonOf returns a value as JSON has it. All values are texts, numbers and flags.
func jsonOf(value any) string {
	text, _ := json.Marshal(value)
	return string(text)
}

// run checks the contract, asks the questions and prints the answers. It returns the exit
// code.
func (p *probe) run(ctx context.Context, out io.Writer) int {
	report := &report{out: out, settings: map[string]any{}}
	for _, step := range []step{reads, changes, removes, ends} {
		why := p.allowed(step)
		if why == "" {
			report.heading(step)
			p.check(ctx, step, report)
		}
		p.ask(ctx, step, why, report)
	}
	return report.finish()
}

// allowed asks the person whether a step may be done. It returns why not, "" if it may.
func (p *probe) allowed(s step) string {
	if s == removes && p.secondCall == "" {
		return "set LIVE_SECOND_CALL"
	}
	word, warning := p.consent(s)
	if word == "" || p.person.says(word, "\n"+warning) {
		return ""
	}
	return "not permitted"
}

// consent returns the word that permits a step, "" if it needs none, and what the step does.
func (p *probe) consent(s step) (word, warning string) {
	switch s {
	case changes:
		return "yes", fmt.Sprintf("The next questions mute call %s in conference %s, put it on hold and have it coach, for seconds each, and put that back. The people in the conference will notice.", p.call, p.conference)
	case removes:
		return "remove", fmt.Sprintf("The next questions remove call %s from the conference and hang it up.", p.secondCall)
	case ends:
		return "end", fmt.Sprintf("The last questions end conference %s, which hangs up everybody in it.", p.conference)
	default:
		return "", ""
	}
}

// check checks the clauses of a step.
func (p *probe) check(ctx context.Context, s step, report *report) {
	for _, clause := range clauses() {
		if clause.step != s {
			continue
		}
		err := p.kept(ctx, s, func() error { return clause.check(ctx, p) })
		report.clause(clause.text, err)
	}
}

// ask asks the questions of a step, or says why they stay open.
func (p *probe) ask(ctx context.Context, s step, why string, report *report) {
	for _, question := range questions() {
		if question.step != s {
			continue
		}
		got := answer{open: why}
		if why == "" {
			err := p.kept(ctx, s, func() (err error) {
				got, err = question.ask(ctx, p)
				return err
			})
			if err != nil {
				got = answer{open: err.Error()}
			}
		}
		report.answer(question, got)
	}
}

// kept does something, and puts the call back after it if that is a change. That this
// fails is worse than any other error, and so takes its place.
func (p *probe) kept(ctx context.Context, s step, do func() error) error {
	if s != changes {
		return do()
	}
	putBack, err := p.putBack(ctx)
	if err != nil {
		return err
	}
	err = do()
	if undo := putBack(); undo != nil {
		return fmt.Errorf("the call could not be put back as it was (%w): look after it", undo)
	}
	return err
}

// report prints what was found.
type report struct {
	out      io.Writer
	settings map[string]any
	broken   int
	opened   int
}

func (r *report) heading(s step) {
	fmt.Fprintf(r.out, "\n%s\n", map[step]string{
		reads: "Reading.", changes: "Changing the call.", removes: "Removing the second call.", ends: "Ending the conference.",
	}[s])
}

func (r *report) clause(text string, err error) {
	if err != nil {
		r.broken++
		fmt.Fprintf(r.out, "  BROKEN  %s %v\n", text, err)
		return
	}
	fmt.Fprintf(r.out, "  kept    %s\n", text)
}

func (r *report) answer(q question, a answer) {
	if a.open != "" {
		r.opened++
		fmt.Fprintf(r.out, "  open    %s: %s (%s)\n", q.id, q.text, a.open)
		return
	}
	fmt.Fprintf(r.out, "  found   %s: %s %s\n            %s\n", q.id, q.text, a.text, a.match())
	if a.setting != "" {
		r.settings[a.setting] = a.value
	}
}

// finish prints the sum, and returns the exit code.
func (r *report) finish() int {
	fmt.Fprintf(r.out, "\nBroken clauses of the contract: %d. Open questions: %d.\n", r.broken, r.opened)
	if len(r.settings) > 0 {
		fmt.Fprintf(r.out, "The simulator behaves alike with these settings:\n  %s\n", jsonOf(r.settings))
	}
	if r.broken > 0 {
		return exitBroken
	}
	return 0
}
