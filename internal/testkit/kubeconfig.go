package testkit

import (
	"strings"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// ServerOf returns the https URL of the API server; the host of a configuration
// may be without a scheme.
func ServerOf(config *rest.Config) string {
	return "https://" + strings.Trim(strings.TrimPrefix(config.Host, "https://"), "/")
}

// Kubeconfig returns a kubeconfig file, as kubectl and the manager read it, for
// the server and the client certificate of a configuration.
func Kubeconfig(access *rest.Config, namespace string) ([]byte, error) {
	const name = "local"
	return clientcmd.Write(clientcmdapi.Config{
		CurrentContext: name,
		Contexts:       map[string]*clientcmdapi.Context{name: {Cluster: name, AuthInfo: name, Namespace: namespace}},
		Clusters: map[string]*clientcmdapi.Cluster{
			name: {Server: ServerOf(access), CertificateAuthorityData: access.CAData},
		},
		AuthInfos: map[string]*clientcmdapi.AuthInfo{
			name: {ClientCertificateData: access.CertData, ClientKeyData: access.KeyData},
		},
	})
}
