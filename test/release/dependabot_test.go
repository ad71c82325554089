package release

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"testing"

	"sigs.k8s.io/yaml"
)

// updates are those that .github/dependabot.yml asks for, of Go modules.
func updates(t *testing.T) (directories []string) {
	t.Helper()
	var config struct {
		Updates []struct {
			Ecosystem   string   `json:"package-ecosystem"`
			Directory   string   `json:"directory"`
			Directories []string `json:"directories"`
		}
	}
	if err := yaml.Unmarshal([]byte(content(t, ".github/dependabot.yml")), &config); err != nil {
		t.Fatal(err)
	}
	for _, update := range config.Updates {
		if update.Ecosystem == "gomod" {
			directories = append(append(directories, update.Directories...), update.Directory)
		}
	}
	return slices.DeleteFunc(directories, func(directory string) bool { return directory == "" })
}

// modules are the folders of the repository with a Go module, from its root on.
func modules(t *testing.T) (folders []string) {
	t.Helper()
	err := fs.WalkDir(os.DirFS(root), ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (name == "bin" || name == "dist" || entry.Name() == ".git" || entry.Name() == "node_modules"):
			return filepath.SkipDir
		case entry.Name() == "go.mod":
			folders = append(folders, path.Join("/", path.Dir(name)))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return folders
}

// TestEveryModuleIsKeptUpToDate has each module in exactly one update, and no update of
// what is no module.
func TestEveryModuleIsKeptUpToDate(t *testing.T) {
	directories, folders := updates(t), modules(t)
	if len(folders) < 2 {
		t.Fatalf("the modules are %q", folders)
	}
	used := map[string]bool{}
	for _, folder := range folders {
		found := 0
		for _, directory := range directories {
			if matches, err := path.Match(directory, folder); err != nil {
				t.Fatal(err)
			} else if matches {
				used[directory] = true
				found++
			}
		}
		if found != 1 {
			t.Errorf("module %s is in %d updates, want one", folder, found)
		}
	}
	for _, directory := range directories {
		if !used[directory] {
			t.Errorf("there is no module in %s", directory)
		}
	}
}
