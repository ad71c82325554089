package main

import (
	"encoding/xml"
	"fmt"
	"strings"
	"unicode/utf8"
)

// The measures of the picture, in pixels. Each line is stretched to the width of its
// characters, so that columns are aligned in whatever font there is.
const (
	characterWidth = 7
	lineHeight     = 17
	fontSize       = 11.6
	margin         = 18
)

// styles are readable on light and on dark pages; the reader's preference chooses.
const styles = `
  text { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: #1f2328; }
  rect { fill: #f6f8fa; stroke: #d1d9e0; }
  .heading { font-weight: bold; }
  .label { fill: #59636e; }
  .passed { fill: #1a7f37; font-weight: bold; }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc; }
    rect { fill: #151b23; stroke: #3d444d; }
    .label { fill: #9198a1; }
    .passed { fill: #3fb950; }
  }
`

// draw returns lines as a terminal in SVG.
func draw(lines []line) string {
	columns := 0
	for _, one := range lines {
		columns = max(columns, utf8.RuneCountInString(one.text))
	}
	width, height := columns*characterWidth+2*margin, len(lines)*lineHeight+2*margin
	var svg strings.Builder
	fmt.Fprintf(&svg, `<svg xmlns="http://www.w3.org/2000/svg" xml:space="preserve" role="img" width="%d" height="%d" viewBox="0 0 %d %d" font-size="%v">`,
		width, height, width, height, fontSize)
	fmt.Fprintf(&svg, "\n<title>What make demo prints, in part</title>\n<style>%s</style>\n", styles)
	fmt.Fprintf(&svg, `<rect x="0.5" y="0.5" width="%d" height="%d" rx="8"/>`+"\n", width-1, height-1)
	for i, one := range lines {
		if one.text != "" {
			svg.WriteString(text(one, margin+(i+1)*lineHeight-lineHeight/4))
		}
	}
	svg.WriteString("</svg>\n")
	return svg.String()
}

// text returns one line at a height, without the spaces before it.
func text(one line, y int) string {
	shown := strings.TrimLeft(one.text, " ")
	width := utf8.RuneCountInString(shown) * characterWidth
	class := ""
	if one.style != plain {
		class = fmt.Sprintf(` class="%s"`, one.style)
	}
	var escaped strings.Builder
	_ = xml.EscapeText(&escaped, []byte(shown)) // a strings.Builder returns no error
	return fmt.Sprintf(`<text x="%d" y="%d" textLength="%d"%s>%s</text>`+"\n",
		margin+(len(one.text)-len(shown))*characterWidth, y, width, class, escaped.String())
}
