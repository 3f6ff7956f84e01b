package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"sort"
	"strings"
)

// file says how the names in a piece of source are looked up.
type file struct {
	pkg     string            // import path of the package that it belongs to
	imports map[string]string // name in the file -> import path
}

// declaration is a function, method, variable, constant or type at package level.
type declaration struct {
	file   *file
	source string // where it stands, as the tables cite it
	fn     *ast.FuncDecl
	value  ast.Expr
	typ    ast.Expr
}

// sources finds declarations in a checkout.
type sources interface {
	// lookup returns nil for what is not in the checkout. Methods are called "Type.Method".
	lookup(pkg, name string) *declaration
}

// tree is a checkout of Go files, parsed a package at a time, when first asked for.
type tree struct {
	root, module string
	packages     map[string]map[string]*declaration
	inits        map[string][]*declaration
}

func newTree(root, module string) *tree {
	return &tree{root, module, map[string]map[string]*declaration{}, map[string][]*declaration{}}
}

func (t *tree) lookup(pkg, name string) *declaration { return t.load(pkg)[name] }

func (t *tree) load(pkg string) map[string]*declaration {
	if loaded, ok := t.packages[pkg]; ok {
		return loaded
	}
	found := map[string]*declaration{}
	t.packages[pkg] = found
	below, ours := strings.CutPrefix(pkg, t.module+"/")
	if !ours {
		return found
	}
	names, _ := filepath.Glob(filepath.Join(t.root, below, "*.go"))
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			continue
		}
		source := path.Join(below, filepath.Base(name))
		for key, declared := range declarations(string(text), pkg, source) {
			if key == "init" {
				t.inits[pkg] = append(t.inits[pkg], declared...)
			} else {
				found[key] = declared[0]
			}
		}
	}
	return found
}

// index is an index of a checkout that holds each declaration as a file of its own:
// <root>/index/<package>/{func,method,var,type}.<Name>.goindex.
type index struct {
	root, module string
	found        map[string]*declaration
}

func newIndex(root, module string) *index { return &index{root, module, map[string]*declaration{}} }

func (x *index) lookup(pkg, name string) *declaration {
	key := pkg + "." + name
	if declared, ok := x.found[key]; ok {
		return declared
	}
	x.found[key] = nil
	below, ours := strings.CutPrefix(pkg, x.module+"/")
	if !ours {
		return nil
	}
	for _, kind := range []string{"func", "method", "var", "type"} {
		text, err := os.ReadFile(filepath.Join(x.root, "index", below, kind+"."+name+".goindex"))
		if err != nil {
			continue
		}
		if declared := declarations(repaired(string(text), kind), pkg, below+" "+name)[name]; declared != nil {
			x.found[key] = declared[0]
		}
		break
	}
	return x.found[key]
}

var prologue = regexp.MustCompile(`(?s)^package [^\n]*\n(import \(.*?\n\)\n|import [^\n]*\n)?`)

// repaired makes Go of a file of the index: a package clause that is a name instead of a path, and a keyword for what was
// taken out of a `var (...)`, `const (...)` or `type (...)` group.
func repaired(text, kind string) string {
	head := prologue.FindStringSubmatch(text)
	if head == nil {
		return text
	}
	body := strings.TrimSpace(text[len(head[0]):])
	if kind == "var" || kind == "type" {
		if !slices.ContainsFunc([]string{"var ", "const ", "type "}, func(k string) bool { return strings.HasPrefix(body, k) }) {
			body = kind + " " + body
		}
	}
	return "package indexed\n" + head[1] + body + "\n"
}

// packageName takes the last part of an import path that isn't a major version.
func packageName(importPath string) string {
	name := path.Base(importPath)
	if len(name) > 1 && name[0] == 'v' && strings.Trim(name[1:], "0123456789") == "" {
		name = path.Base(path.Dir(importPath))
	}
	return name
}

// declarations reads one file. A name can be declared more than once only if it is init. What doesn't parse is left out.
func declarations(text, pkg, source string) map[string][]*declaration {
	parsed, err := parser.ParseFile(token.NewFileSet(), source, text, parser.SkipObjectResolution)
	if err != nil {
		return nil
	}
	in := &file{pkg: pkg, imports: map[string]string{}}
	for _, spec := range parsed.Imports {
		importPath := strings.Trim(spec.Path.Value, `"`)
		name := packageName(importPath)
		if spec.Name != nil {
			name = spec.Name.Name
		}
		in.imports[name] = importPath
	}
	found := map[string][]*declaration{}
	add := func(name string, d *declaration) {
		d.file, d.source = in, source
		found[name] = append(found[name], d)
	}
	for _, decl := range parsed.Decls {
		switch decl := decl.(type) {
		case *ast.FuncDecl:
			name := decl.Name.Name
			if decl.Recv != nil {
				name = receiver(decl.Recv.List[0].Type) + "." + name
			}
			add(name, &declaration{fn: decl})
		case *ast.GenDecl:
			for _, spec := range decl.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					add(spec.Name.Name, &declaration{typ: spec.Type})
				case *ast.ValueSpec:
					for i, name := range spec.Names {
						if i < len(spec.Values) && !counted(spec.Values[i]) {
							add(name.Name, &declaration{value: spec.Values[i]})
						}
					}
				}
			}
		}
	}
	return found
}

// counted says whether a constant's value comes from its place in a list.
func counted(expr ast.Expr) bool {
	ident, ok := expr.(*ast.Ident)
	return ok && ident.Name == "iota"
}

func receiver(expr ast.Expr) string {
	switch expr := expr.(type) {
	case *ast.StarExpr:
		return receiver(expr.X)
	case *ast.IndexExpr:
		return receiver(expr.X)
	case *ast.Ident:
		return expr.Name
	}
	return fmt.Sprintf("%T", expr)
}

// folders lists the folders directly below one, in order.
func folders(root string) []string {
	entries, _ := os.ReadDir(root)
	var names []string
	for _, entry := range entries {
		if entry.IsDir() {
			names = append(names, entry.Name())
		}
	}
	sort.Strings(names)
	return names
}
