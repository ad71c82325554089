// Package crd holds the manifests of the CustomResourceDefinitions, so that Go programs
// have them without a path into a module cache.
package crd

import (
	"embed"
	"fmt"
	"io/fs"
)

//go:embed bases/*.yaml
var bases embed.FS

// Manifests returns the manifests of all kinds, each a YAML document, by the names of
// their files.
func Manifests() (map[string][]byte, error) {
	names, err := fs.Glob(bases, "bases/*.yaml")
	if err != nil {
		return nil, fmt.Errorf("finding the manifests: %w", err)
	}
	manifests := map[string][]byte{}
	for _, name := range names {
		content, err := bases.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("reading %s: %w", name, err)
		}
		manifests[name] = content
	}
	return manifests, nil
}
