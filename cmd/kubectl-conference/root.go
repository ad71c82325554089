package main

import (
	"fmt"
	"net/http"
	"os"

	"github.com/spf13/cobra"
	"golang.org/x/term"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/cli/ask"
	"github.com/voiceops/conference-operator/internal/provider"
)

// tool is what every command works with.
type tool struct {
	genericiooptions.IOStreams
	flags   *genericclioptions.ConfigFlags
	allowed []string
}

// newRoot is the command with all its subcommands.
func newRoot(streams genericiooptions.IOStreams) *cobra.Command {
	t := &tool{IOStreams: streams, flags: genericclioptions.NewConfigFlags(true)}
	root := &cobra.Command{
		Use:   "kubectl-conference",
		Short: "See and change what holds for the people in phone conferences",
		Long: `See and change what holds for the people in phone conferences.

NAME is the name of a ConferenceParticipant, the SID of a call, or at least its first
eight characters. Exit codes: 0 done, 1 failed, 2 refused.`,
		Annotations:  map[string]string{cobra.CommandDisplayNameAnnotation: "kubectl conference"},
		SilenceUsage: true, SilenceErrors: true,
	}
	root.SetIn(streams.In)
	root.SetOut(streams.Out)
	root.SetErr(streams.ErrOut)
	t.flags.AddFlags(root.PersistentFlags())
	root.PersistentFlags().StringSliceVar(&t.allowed, "allowed-base-urls", []string{"https://*.signalwire.com"},
		"Base URLs that a token may be sent to when the provider is asked, as with the operator's flag of this name.")
	root.AddGroup(&cobra.Group{ID: "see", Title: "See:"}, &cobra.Group{ID: "change", Title: "Change:"})
	for _, made := range []*cobra.Command{t.list(), t.watch(), t.why(), t.plan(), t.doctor()} {
		made.GroupID = "see"
		root.AddCommand(made)
	}
	for _, made := range append(t.verbs(), t.announce(), t.kick(), t.release(), t.importing()) {
		made.GroupID = "change"
		root.AddCommand(made)
	}
	return root
}

// client is a client of the API server of the kubeconfig.
func (t *tool) client() (client.WithWatch, error) {
	config, err := t.flags.ToRESTConfig()
	if err != nil {
		return nil, err
	}
	scheme := runtime.NewScheme()
	if err := clientgoscheme.AddToScheme(scheme); err != nil {
		return nil, err
	}
	if err := v1alpha1.AddToScheme(scheme); err != nil {
		return nil, err
	}
	// The API server has limits of its own. With those of the client a wait could end by
	// them, with an error that says nothing of what was waited for.
	config.QPS = -1
	return client.NewWithWatch(config, client.Options{Scheme: scheme})
}

// namespace is that of the flag, or of the context of the kubeconfig.
func (t *tool) namespace() (string, error) {
	namespace, _, err := t.flags.ToRawKubeConfigLoader().Namespace()
	return namespace, err
}

// scope is the client and the namespace, which is empty for all of them.
func (t *tool) scope(all bool) (client.WithWatch, string, error) {
	c, err := t.client()
	if err != nil {
		return nil, "", err
	}
	if all {
		return c, "", nil
	}
	namespace, err := t.namespace()
	return c, namespace, err
}

// asker asks the provider with Secrets that the user may read.
func (t *tool) asker(reader client.Reader) (ask.Asker, error) {
	allowed, err := provider.ParseAllowList(t.allowed)
	if err != nil {
		return ask.Asker{}, fmt.Errorf("--allowed-base-urls: %w", err)
	}
	return ask.Asker{Reader: reader, Allowed: allowed, Proxy: http.ProxyFromEnvironment, UserAgent: "kubectl-conference"}, nil
}

// terminal reports whether the output is one, and so may be drawn anew.
func (t *tool) terminal() bool {
	file, isFile := t.Out.(*os.File)
	return isFile && term.IsTerminal(int(file.Fd()))
}

// coloured reports whether colours may be used: in a terminal, unless NO_COLOR says no.
func (t *tool) coloured() bool {
	return t.terminal() && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
}
