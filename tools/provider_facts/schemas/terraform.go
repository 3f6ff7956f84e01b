package main

import (
	"go/ast"
	"go/token"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
)

// attribute is one property of a resource, in the Terraform provider's terms.
type attribute struct {
	Type       string                `json:"type"` // string, bool, int, float, list, set, map, object, unread
	Required   bool                  `json:"required,omitempty"`
	Optional   bool                  `json:"optional,omitempty"`
	Computed   bool                  `json:"computed,omitempty"`
	ForceNew   bool                  `json:"force_new,omitempty"`
	Whole      bool                  `json:"whole,omitempty"` // force_new holds for everything inside too
	Sensitive  bool                  `json:"sensitive,omitempty"`
	Single     bool                  `json:"single,omitempty"` // at most one item
	Default    value                 `json:"default,omitempty"`
	Constant   string                `json:"constant,omitempty"` // the default, if it is a constant from elsewhere
	Conflicts  []string              `json:"conflicts,omitempty"`
	ExactlyOne []string              `json:"exactly_one,omitempty"`
	Conditions []string              `json:"conditions,omitempty"` // functions that decide whether a change replaces
	Attributes map[string]*attribute `json:"attributes,omitempty"`
}

// condition is a replacement that the provider decides on in code.
type condition struct {
	Path string `json:"path"` // "?": worked out when it runs
	By   string `json:"by"`
}

// resource is what was read about one resource type.
type resource struct {
	Source     string                `json:"source"`
	Framework  bool                  `json:"framework,omitempty"`
	Attributes map[string]*attribute `json:"attributes"`
	Conditions []condition           `json:"conditions,omitempty"`
	ID         string                `json:"id,omitempty"`
}

// sdkResource reads a resource of the plugin SDK (schema.Resource); nil if its schema can't be worked out.
func (e *evaluator) sdkResource(of value) *resource {
	found, ok := of.(*object)
	if !ok || found == nil {
		return nil
	}
	attributes := e.sdkAttributes(found)
	if attributes == nil {
		return nil
	}
	read := &resource{Attributes: attributes}
	if customize, ok := found.fields["CustomizeDiff"].(unread); ok {
		read.Conditions = e.conditions(customize.expr, customize.scope)
	}
	for _, name := range []string{"Create", "CreateContext", "CreateWithoutTimeout"} {
		if create, ok := found.fields[name].(unread); ok {
			read.ID = e.idFormat(create)
		}
	}
	return read
}

func (e *evaluator) sdkAttributes(of *object) map[string]*attribute {
	schema := of.fields["Schema"]
	if fn, ok := of.fields["SchemaFunc"].(*function); ok {
		schema = e.invoke(fn, nil)[0]
	}
	entries, ok := schema.(*dict)
	if !ok {
		return nil
	}
	attributes := map[string]*attribute{}
	for name, entry := range entries.entries {
		attributes[name] = e.sdkAttribute(entry)
	}
	return attributes
}

var sdkTypes = map[string]string{
	"schema.TypeString": "string", "schema.TypeBool": "bool", "schema.TypeInt": "int", "schema.TypeFloat": "float",
	"schema.TypeList": "list", "schema.TypeSet": "set", "schema.TypeMap": "map",
}

func (e *evaluator) sdkAttribute(of value) *attribute {
	found, ok := of.(*object)
	if !ok {
		return &attribute{Type: "unread"}
	}
	kind, _ := found.fields["Type"].(symbol)
	read := &attribute{
		Type:       sdkTypes[kind.name],
		Required:   found.fields["Required"] == true,
		Optional:   found.fields["Optional"] == true,
		Computed:   found.fields["Computed"] == true,
		ForceNew:   found.fields["ForceNew"] == true,
		Sensitive:  found.fields["Sensitive"] == true || found.fields["WriteOnly"] == true,
		Single:     found.fields["MaxItems"] == int64(1),
		Default:    plain(found.fields["Default"]),
		Constant:   constant(found.fields["Default"]),
		Conflicts:  texts(found.fields["ConflictsWith"]),
		ExactlyOne: texts(found.fields["ExactlyOneOf"]),
	}
	if read.Type == "" {
		read.Type = "unread"
	}
	if elem, ok := found.fields["Elem"].(*object); ok && read.Type != "map" {
		read.Attributes = e.sdkAttributes(elem)
	}
	read.Whole = read.Attributes == nil
	return read
}

// frameworkResource reads what a resource of the plugin framework answers to Schema; nil if it can't be worked out.
func (e *evaluator) frameworkResource(of value) *resource {
	found, ok := of.(*object)
	if !ok || found == nil {
		return nil
	}
	describe, source := e.method(found, "Schema")
	if describe == nil {
		return nil
	}
	response := &object{fields: map[string]value{}}
	e.invoke(describe, []value{unknown{}, unknown{}, response})
	schema, ok := response.fields["Schema"].(*object)
	if !ok {
		return nil
	}
	read := &resource{Source: source, Framework: true, Attributes: frameworkAttributes(schema)}
	if modify, _ := e.method(found, "ModifyPlan"); modify != nil && mentions(modify.body, "RequiresReplace") {
		read.Conditions = []condition{{"?", found.typ + ".ModifyPlan"}}
	}
	return read
}

func frameworkAttributes(of *object) map[string]*attribute {
	attributes := map[string]*attribute{}
	for _, group := range []string{"Attributes", "Blocks"} {
		entries, ok := of.fields[group].(*dict)
		if !ok {
			continue
		}
		for name, entry := range entries.entries {
			if call, ok := entry.(*invocation); ok && strings.HasPrefix(call.name, "timeouts.") {
				continue
			}
			attributes[name] = frameworkAttribute(entry)
		}
	}
	return attributes
}

var frameworkTypes = map[string]string{
	"StringAttribute": "string", "BoolAttribute": "bool", "Int64Attribute": "int", "Int32Attribute": "int",
	"Float64Attribute": "float", "Float32Attribute": "float", "NumberAttribute": "float", "DynamicAttribute": "string",
	"ListAttribute": "list", "ListNestedAttribute": "list", "ListNestedBlock": "list",
	"SetAttribute": "set", "SetNestedAttribute": "set", "SetNestedBlock": "set",
	"MapAttribute": "map", "MapNestedAttribute": "map",
	"ObjectAttribute": "object", "SingleNestedAttribute": "object", "SingleNestedBlock": "object",
}

func frameworkAttribute(of value) *attribute {
	found, ok := of.(*object)
	if !ok {
		return &attribute{Type: "unread"}
	}
	block := strings.HasSuffix(found.typ, "Block")
	read := &attribute{
		Type:      frameworkTypes[found.typ],
		Required:  found.fields["Required"] == true,
		Optional:  found.fields["Optional"] == true || block,
		Computed:  found.fields["Computed"] == true,
		Sensitive: found.fields["Sensitive"] == true || found.fields["WriteOnly"] == true,
		Whole:     true, // a plan modifier compares the whole value
	}
	if read.Type == "" {
		read.Type = "unread"
	}
	if initial, ok := found.fields["Default"].(*invocation); ok && len(initial.args) == 1 {
		read.Default, read.Constant = plain(initial.args[0]), constant(initial.args[0])
	}
	for _, modifier := range items(found.fields["PlanModifiers"]) {
		call, ok := modifier.(*invocation)
		if !ok {
			continue
		}
		switch _, name, qualified := strings.Cut(call.name, "."); {
		case qualified && name == "RequiresReplace":
			read.ForceNew = true
		case strings.Contains(call.name, "RequiresReplace"):
			read.Conditions = append(read.Conditions, decider(call))
		}
	}
	for _, validator := range items(found.fields["Validators"]) {
		if call, ok := validator.(*invocation); ok {
			read.validate(call)
		}
	}
	inside := found
	if nested, ok := found.fields["NestedObject"].(*object); ok {
		inside = nested
	}
	if attributes := frameworkAttributes(inside); len(attributes) > 0 {
		read.Attributes = attributes
	}
	return read
}

// decider names what a conditional plan modifier goes by: itself, and the function that it was given.
func decider(call *invocation) string {
	name := unqualified(call.name)
	if len(call.args) > 0 {
		switch given := call.args[0].(type) {
		case *function:
			name += " " + given.name
		case *invocation:
			name += " " + unqualified(given.name)
		}
	}
	return strings.TrimSpace(name)
}

func unqualified(name string) string { return name[strings.LastIndex(name, ".")+1:] }

func (a *attribute) validate(call *invocation) {
	_, name, _ := strings.Cut(call.name, ".")
	switch name {
	case "SizeAtMost":
		a.Single = len(call.args) == 1 && call.args[0] == int64(1)
	case "SizeBetween":
		a.Single = len(call.args) == 2 && call.args[1] == int64(1)
	case "ConflictsWith":
		a.Conflicts = append(a.Conflicts, roots(call.args)...)
	case "ExactlyOneOf":
		a.ExactlyOne = append(a.ExactlyOne, roots(call.args)...)
	}
}

// roots gives the top-level attributes that path expressions name; nil if one of them can't be told.
func roots(expressions []value) []string {
	var names []string
	for _, expression := range expressions {
		call, ok := expression.(*invocation)
		if !ok || call.name != "path.MatchRoot" || len(call.args) != 1 {
			return nil
		}
		name, ok := text(call.args[0])
		if !ok {
			return nil
		}
		names = append(names, name)
	}
	return names
}

// plain returns a literal, and nil for all else.
func plain(v value) value {
	switch v.(type) {
	case string, int64, float64, bool:
		return v
	}
	return nil
}

// constant returns the import path and name of a constant from outside the checkout.
func constant(v value) string {
	if of, ok := v.(symbol); ok && of.pkg != "" {
		return path.Dir(of.pkg) + "/" + of.name
	}
	return ""
}

func items(v value) []value {
	if of, ok := v.(*list); ok {
		return of.items
	}
	return nil
}

func texts(v value) []string {
	var found []string
	for _, item := range items(v) {
		if known, ok := text(item); ok {
			found = append(found, known)
		}
	}
	return found
}

func mentions(body ast.Node, name string) bool {
	seen := false
	ast.Inspect(body, func(node ast.Node) bool {
		if ident, ok := node.(*ast.Ident); ok && ident.Name == name {
			seen = true
		}
		return !seen
	})
	return seen
}

// conditions lists the ForceNew calls in a CustomizeDiff, and in the functions of the checkout that it uses.
func (e *evaluator) conditions(expr ast.Expr, at *scope) []condition {
	found := map[condition]bool{}
	seen := map[string]bool{}
	var walk func(node ast.Node, at *scope, by string)
	walk = func(node ast.Node, at *scope, by string) {
		ast.Inspect(node, func(node ast.Node) bool {
			switch node := node.(type) {
			case *ast.CallExpr:
				if forced, ok := e.forcedPath(node, at); ok {
					found[condition{forced, by}] = true
				}
			case *ast.Ident, *ast.SelectorExpr:
				pkg, name := typeName(node.(ast.Expr), at)
				if seen[pkg+"."+name] {
					break
				}
				seen[pkg+"."+name] = true
				if declared := e.sources.lookup(pkg, name); declared != nil && declared.fn != nil && declared.fn.Body != nil {
					walk(declared.fn.Body, &scope{file: declared.file, vars: map[string]value{}}, name)
				}
			}
			return true
		})
	}
	walk(expr, at, "CustomizeDiff")
	return slices.SortedFunc(maps.Keys(found), func(a, b condition) int {
		return strings.Compare(a.Path+" "+a.By, b.Path+" "+b.By)
	})
}

var position = regexp.MustCompile(`\.(\d+|#|%[dvs])(\.|$)`)

// forcedPath says which path a call marks as forcing a replacement.
func (e *evaluator) forcedPath(call *ast.CallExpr, at *scope) (string, bool) {
	fun, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return "", false
	}
	var arg ast.Expr
	switch fun.Sel.Name {
	case "ForceNew", "ForceNewIf", "ForceNewIfChange":
		if len(call.Args) > 0 {
			arg = call.Args[0]
		}
	case "ForceNewIfChanged":
		if len(call.Args) > 1 {
			arg = call.Args[1]
		}
	}
	if arg == nil {
		return "", false
	}
	if format, ok := arg.(*ast.CallExpr); ok && len(format.Args) > 1 { // fmt.Sprintf("cluster.%d.zone", i)
		arg = format.Args[0]
	}
	name, known := text(e.eval(arg, at))
	if !known {
		return "?", true
	}
	for position.MatchString(name) {
		name = position.ReplaceAllString(name, "$2")
	}
	return name, true
}

// idFormat returns the template from which a create function makes the id: the argument of ReplaceVars whose result
// goes to SetId.
func (e *evaluator) idFormat(create unread) string {
	pkg, name := typeName(create.expr, create.scope)
	declared := e.sources.lookup(pkg, name)
	if declared == nil || declared.fn == nil || declared.fn.Body == nil {
		return ""
	}
	at := &scope{file: declared.file, vars: map[string]value{}}
	templates := map[string]string{} // variable -> template
	format := ""
	ast.Inspect(declared.fn.Body, func(node ast.Node) bool {
		switch node := node.(type) {
		case *ast.AssignStmt:
			target, ok := node.Lhs[0].(*ast.Ident)
			if !ok {
				break
			}
			if template, ok := e.replaceVars(node.Rhs[0], at); ok {
				templates[target.Name] = template
			} else if node.Tok == token.ASSIGN {
				delete(templates, target.Name)
			}
		case *ast.CallExpr:
			fun, ok := node.Fun.(*ast.SelectorExpr)
			if !ok || fun.Sel.Name != "SetId" || len(node.Args) != 1 {
				break
			}
			if target, ok := node.Args[0].(*ast.Ident); ok {
				format = templates[target.Name]
			}
		}
		return true
	})
	return format
}

func (e *evaluator) replaceVars(expr ast.Expr, at *scope) (string, bool) {
	call, ok := expr.(*ast.CallExpr)
	if !ok || len(call.Args) != 3 {
		return "", false
	}
	fun, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || !strings.HasPrefix(fun.Sel.Name, "ReplaceVars") {
		return "", false
	}
	return text(e.eval(call.Args[2], at))
}
