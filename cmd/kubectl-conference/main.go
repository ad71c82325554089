// Command kubectl-conference is a plugin of kubectl for the people in live phone
// conferences: it shows rooms, says why an object is as it is, and writes what a person
// at a desk wants to change. It talks to the API server; the provider is asked only where
// a flag or a command says so, and only to read. All changes are the operator's.
//
// Exit codes: 0 is done, 1 is failed, 2 is refused: what was asked for would be undone by
// another writer, or would do more than was asked for.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/voiceops/conference-operator/internal/cli/edit"
	"github.com/voiceops/conference-operator/internal/cli/plain"
)

const (
	exitFailed  = 1
	exitRefused = 2
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	streams := genericiooptions.IOStreams{In: os.Stdin, Out: os.Stdout, ErrOut: os.Stderr}
	err := newRoot(streams).ExecuteContext(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "error:", plain.Text(explain(err).Error()))
		os.Exit(codeOf(err))
	}
}

// explain puts what to do into an error for a kind that the API server does not serve.
func explain(err error) error {
	if !meta.IsNoMatchError(err) {
		return err
	}
	return fmt.Errorf("the operator's CRDs are not installed in this cluster; kubectl conference doctor says more: %w", err)
}

// codeOf is the exit code of an error.
func codeOf(err error) int {
	if _, refused := errors.AsType[*edit.RefusedError](err); refused {
		return exitRefused
	}
	return exitFailed
}
