// Command manager runs the conference operator.
package main

import (
	"os"
	"runtime/debug"

	ctrl "sigs.k8s.io/controller-runtime"
)

// gcPercent is lower than Go's default of 100: an idle operator takes less
// memory, and in a burst the garbage collector takes more processor time. The
// environment variable GOGC overrides it.
const gcPercent = 75

func main() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	os.Exit(run(ctrl.SetupSignalHandler(), os.Args[1:], os.Stdout, os.Stderr))
}
