package docs

import (
	"io/fs"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// pages returns the texts of all Markdown files of the repository, by path.
func pages(t *testing.T) map[string]string {
	t.Helper()
	texts := map[string]string{}
	err := filepath.WalkDir("..", func(file string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && slices.Contains([]string{".git", "bin", "dist", "node_modules", "testdata"}, entry.Name()):
			return filepath.SkipDir
		case !entry.IsDir() && strings.HasSuffix(file, ".md"):
			texts[filepath.ToSlash(file)] = read(t, file)
		}
		return nil
	})
	if err != nil || len(texts) == 0 {
		t.Fatalf("no Markdown files (%v)", err)
	}
	return texts
}

var (
	// code is what is shown and not followed: fenced blocks and inline code.
	code = regexp.MustCompile("(?ms)^ *```.*?^ *```|`[^`\n]*`")
	// link is the target of a link or an image, in Markdown or HTML, or of a link by
	// reference.
	link = regexp.MustCompile(`\]\(\s*([^)\s]*)[^)]*\)|(?:href|src|srcset)="([^"]*)"|(?m:^\[[^\]]+\]: *(\S+))`)
	// heading is a heading of a page.
	heading = regexp.MustCompile(`(?m)^#+ +(.*?) *#*$`)
	// named is an anchor that a page sets by itself.
	named = regexp.MustCompile(`<a (?:id|name)="([^"]+)"`)
	// linked is a link in a heading, of which the anchor has the text.
	linked = regexp.MustCompile(`\[([^\]]*)\]\([^)]*\)`)
)

// links returns the targets of the links on a page.
func links(text string) (targets []string) {
	for _, groups := range link.FindAllStringSubmatch(code.ReplaceAllString(text, ""), -1) {
		targets = append(targets, strings.Join(groups[1:], ""))
	}
	return targets
}

// anchors returns the names under which the headings of a page are linked to, as
// GitHub makes them.
func anchors(text string) (names []string) {
	fenced := regexp.MustCompile("(?ms)^ *```.*?^ *```")
	for _, found := range named.FindAllStringSubmatch(text, -1) {
		names = append(names, found[1])
	}
	seen := map[string]int{}
	for _, found := range heading.FindAllStringSubmatch(fenced.ReplaceAllString(text, ""), -1) {
		name := strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case r == '-' || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r):
				return unicode.ToLower(r)
			}
			return -1
		}, linked.ReplaceAllString(found[1], "$1"))
		names = append(names, name)
		if seen[name] > 0 {
			names[len(names)-1] += "-" + string(rune('0'+seen[name]))
		}
		seen[name]++
	}
	return names
}

// broken says what is wrong with a link from a page, or nothing. External links are
// checked for their form alone.
func broken(texts map[string]string, from, target string) string {
	address, err := url.Parse(target)
	switch {
	case err != nil || target == "":
		return "it is no address"
	case address.Scheme == "mailto":
		return ""
	case address.Scheme != "":
		if address.Scheme != "https" || !strings.Contains(address.Host, ".") {
			return "an external link is https and has a host"
		}
		return ""
	case strings.HasPrefix(target, "/"):
		return "it is right in no clone and no fork"
	}
	file := from
	if address.Path != "" {
		file = path.Join(path.Dir(from), address.Path)
	}
	if _, err := os.Stat(file); err != nil {
		return "there is no such file"
	}
	if address.Fragment != "" && !slices.Contains(anchors(texts[file]), address.Fragment) {
		return "the page has no such heading"
	}
	return ""
}

func TestLinks(t *testing.T) {
	texts, count := pages(t), 0
	for from, text := range texts {
		for _, target := range links(text) {
			count++
			if wrong := broken(texts, from, target); wrong != "" {
				t.Errorf("%s links to %s: %s", from, target, wrong)
			}
		}
	}
	if count == 0 {
		t.Error("no page has a link")
	}
}

// Every page is reached by links from the README.
func TestOneWayIn(t *testing.T) {
	texts := pages(t)
	reached, next := map[string]bool{}, []string{"../README.md"}
	for len(next) > 0 {
		from := next[0]
		next = next[1:]
		if reached[from] {
			continue
		}
		reached[from] = true
		for _, target := range links(texts[from]) {
			file, _, _ := strings.Cut(target, "#")
			file = path.Join(path.Dir(from), file)
			for _, page := range []string{file, path.Join(file, "README.md")} {
				if _, found := texts[page]; found {
					next = append(next, page)
				}
			}
		}
	}
	for page := range texts {
		if !reached[page] {
			t.Errorf("no way leads from the README to %s", page)
		}
	}
}

func TestBrokenLinksAreFound(t *testing.T) {
	texts := map[string]string{
		"links_test.go": "# One `flag`\n## Two, [three](x.md)\n## One flag\n<a id=\"own\"></a>\n```sh\n# four\n```\n",
	}
	for target, right := range map[string]bool{
		"":                                     false,
		"#one-flag":                            true,
		"#one-flag-1":                          true,
		"#one-flag-2":                          false,
		"#two-three":                           true,
		"#four":                                false,
		"#own":                                 true,
		"words_test.go":                        true,
		"../docs/words_test.go":                true,
		"/docs/words_test.go":                  false,
		"nowhere.md":                           false,
		"https://example.com/a?b=c#d":          true,
		"http://example.com":                   false,
		"https://localhost":                    false,
		"https:///path":                        false,
		"https://exa mple.com":                 false,
		"mailto:security@example.com":          true,
		"htps://example.com":                   false,
		"https://kubernetes.io/releases/%zz":   false,
		"https://kubernetes.io/releases/%7Ezz": true,
	} {
		if wrong := broken(texts, "links_test.go", target); (wrong == "") != right {
			t.Errorf("%q: %q", target, wrong)
		}
	}
	const page = "[a](b.md) ![c](d.svg \"title\") <a href=\"e.md\"><img src=\"f.svg\"></a> `[g](h.md)`\n\n```md\n[i](j.md)\n```\n[k]: l.md\n"
	if found := links(page); !slices.Equal(found, []string{"b.md", "d.svg", "e.md", "f.svg", "l.md"}) {
		t.Errorf("links %q", found)
	}
}
