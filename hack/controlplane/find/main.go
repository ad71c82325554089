// Command find prints a directory with kube-apiserver and etcd that fit this
// repository. It takes the first of these that fits:
//
//   - the directory of the flag -assets, which is what KUBEBUILDER_ASSETS names,
//   - the directory of the flag -built, with what was compiled before,
//   - the directories in which setup-envtest keeps its downloads, newest first,
//   - a download, by the code of setup-envtest, which verifies the checksum in the
//     index of the releases.
//
// A directory fits if its kube-apiserver is not older than the oldest Kubernetes that
// the operator supports, nor newer than the Kubernetes libraries in go.mod, if its etcd
// runs, and if a kubectl is beside them or on the search path. A download is given up
// after 10 s without a connection or 20 s without progress. What is taken is said in a
// line on standard error. If nothing fits, the exit code is 1, and the reason is printed
// in place of the directory.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/go-logr/logr"
	"sigs.k8s.io/controller-runtime/tools/setup-envtest/remote"
	"sigs.k8s.io/controller-runtime/tools/setup-envtest/store"
)

func main() {
	f := finder{say: os.Stderr, index: remote.DefaultIndexURL, limits: defaultLimits()}
	goMod := flag.String("go-mod", "go.mod", "the go.mod with the Kubernetes libraries")
	flag.StringVar(&f.assets, "assets", "", "a directory to look into first")
	flag.StringVar(&f.built, "built", "", "a directory with what was compiled before")
	flag.Parse()

	ctx, stop := signal.NotifyContext(logr.NewContext(context.Background(), logr.Discard()), os.Interrupt, syscall.SIGTERM)
	directory, err := f.main(ctx, *goMod)
	stop()
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println(directory)
}

// finder is the search with all that it depends on.
type finder struct {
	// assets and built are directories to look into, "" for none.
	assets, built string
	// fit is which versions fit.
	fit fit
	// stored is the directory of setup-envtest.
	stored string
	// index is the URL of the index of the releases.
	index string
	// limits are how long a download may stand still.
	limits limits
	// say is where each step is said.
	say io.Writer
}

func (f *finder) main(ctx context.Context, goMod string) (string, error) {
	content, err := os.ReadFile(filepath.Clean(goMod))
	if err != nil {
		return "", fmt.Errorf("reading which Kubernetes fits: %w", err)
	}
	if f.fit, err = fitOf(string(content)); err != nil {
		return "", err
	}
	if f.stored, err = store.DefaultStoreDir(); err != nil {
		return "", fmt.Errorf("finding the directory of setup-envtest: %w", err)
	}
	return f.find(ctx)
}

// find returns the first directory that fits.
func (f *finder) find(ctx context.Context) (string, error) {
	if f.assets != "" {
		version, err := f.fit.check(ctx, f.assets)
		if err == nil {
			f.sayf("Using kube-apiserver %s in %s, which KUBEBUILDER_ASSETS names.", version, f.assets)
			return f.assets, nil
		}
		f.sayf("KUBEBUILDER_ASSETS names %s, which does not fit: %v.", f.assets, err)
	}
	if f.built != "" {
		if _, err := f.fit.check(ctx, f.built); err == nil {
			return f.built, nil
		}
	}
	if directory, version := f.kept(ctx); directory != "" {
		f.sayf("Using kube-apiserver %s in %s, from setup-envtest.", version, directory)
		return directory, nil
	}
	return f.download(ctx)
}

func (f *finder) sayf(format string, arguments ...any) {
	fmt.Fprintf(f.say, format+"\n", arguments...)
}
