package testkit

import (
	"strings"
	"testing"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

func TestTheKubeconfigIsRead(t *testing.T) {
	content, err := Kubeconfig(&rest.Config{Host: "127.0.0.1:6443", TLSClientConfig: rest.TLSClientConfig{CAData: []byte("ca")}}, "demo")
	if err != nil {
		t.Fatal(err)
	}
	read, err := clientcmd.RESTConfigFromKubeConfig(content)
	if err != nil || read.Host != "https://127.0.0.1:6443" {
		t.Errorf("host %q, %v", read.Host, err)
	}
}

func TestStopFailsForAProcessThatEndedByItself(t *testing.T) {
	ended, err := StartProcess(t.Context(), "/bin/sh", []string{"WORD=goodbye"}, "-c", "echo $WORD; exit 3")
	if err != nil {
		t.Fatal(err)
	}
	ended.done <- <-ended.done
	if err := ended.Stop(); err == nil || !strings.Contains(err.Error(), "ended by itself:\ngoodbye") {
		t.Errorf("stopped with %v", err)
	}
}
