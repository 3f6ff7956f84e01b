package main

import (
	"fmt"
	"go/ast"
	"go/token"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// What an expression stands for. Besides these: string, int64, float64, bool and nil.
type (
	value any

	// symbol is a name from outside the checkout, such as schema.TypeString, with the import path it comes from.
	symbol struct{ pkg, name string }
	// unknown is what could not be worked out.
	unknown struct{}
	// object is a struct, or a pointer to one.
	object struct {
		pkg, typ string
		fields   map[string]value
	}
	dict struct{ entries map[string]value }
	list struct{ items []value }
	// invocation is a call of a function from outside the checkout.
	invocation struct {
		name string
		args []value
	}
	function struct {
		name  string
		typ   *ast.FuncType
		body  *ast.BlockStmt
		scope *scope
	}
	// unread is a field that describes behaviour, kept as it was written.
	unread struct {
		expr  ast.Expr
		scope *scope
	}
)

type scope struct {
	file   *file
	vars   map[string]value
	parent *scope
}

func (s *scope) inner() *scope { return &scope{s.file, map[string]value{}, s} }

func (s *scope) find(name string) (*scope, bool) {
	for at := s; at != nil; at = at.parent {
		if _, ok := at.vars[name]; ok {
			return at, true
		}
	}
	return nil, false
}

// behaviour lists the fields that hold code rather than facts.
var behaviour = map[string]bool{
	"ValidateFunc": true, "ValidateDiagFunc": true, "StateFunc": true, "Set": true, "Importer": true, "Timeouts": true,
	"StateUpgraders": true, "Description": true, "MarkdownDescription": true, "Deprecated": true, "DeprecationMessage": true,
	"CustomizeDiff": true, "CustomType": true, "Identity": true,
	"Create": true, "CreateContext": true, "CreateWithoutTimeout": true, "Read": true, "ReadContext": true,
	"ReadWithoutTimeout": true, "Update": true, "UpdateContext": true, "UpdateWithoutTimeout": true, "Delete": true,
	"DeleteContext": true, "DeleteWithoutTimeout": true, "ValidateRawResourceConfigFuncs": true,
}

const deepest = 60 // calls within calls: ends what would call itself for ever

// evaluator works out the plain data in Go source: literals, and functions that put literals together. It runs no
// provider code: whatever it doesn't understand is unknown.
type evaluator struct {
	sources sources
	globals map[string]value
	depth   int
}

func newEvaluator(s sources) *evaluator { return &evaluator{sources: s, globals: map[string]value{}} }

// global returns the value of a package-level name; false if the checkout doesn't have it.
func (e *evaluator) global(pkg, name string) (value, bool) {
	key := pkg + "." + name
	if known, ok := e.globals[key]; ok {
		return known, true
	}
	declared := e.sources.lookup(pkg, name)
	if declared == nil || declared.typ != nil {
		return nil, false
	}
	at := &scope{file: declared.file, vars: map[string]value{}}
	e.globals[key] = unknown{} // ends a definition that refers to itself
	if declared.fn != nil {
		e.globals[key] = &function{name, declared.fn.Type, declared.fn.Body, at}
	} else {
		e.globals[key] = e.eval(declared.value, at)
	}
	return e.globals[key], true
}

func (e *evaluator) eval(expr ast.Expr, at *scope) value {
	switch expr := expr.(type) {
	case *ast.BasicLit:
		return literal(expr)
	case *ast.Ident:
		return e.ident(expr.Name, at)
	case *ast.ParenExpr:
		return e.eval(expr.X, at)
	case *ast.TypeAssertExpr:
		return e.eval(expr.X, at)
	case *ast.StarExpr:
		if found, ok := e.eval(expr.X, at).(*object); ok {
			return &object{found.pkg, found.typ, maps.Clone(found.fields)}
		}
	case *ast.UnaryExpr:
		return unary(expr.Op, e.eval(expr.X, at))
	case *ast.BinaryExpr:
		return e.binary(expr, at)
	case *ast.FuncLit:
		return &function{"", expr.Type, expr.Body, at}
	case *ast.CompositeLit:
		return e.composite(expr, expr.Type, at)
	case *ast.SelectorExpr:
		if found, ok := e.selector(expr, at); ok {
			return found
		}
		return nil
	case *ast.IndexExpr:
		return e.element(expr, at)
	case *ast.IndexListExpr: // a generic function with its types
		return e.eval(expr.X, at)
	case *ast.CallExpr:
		if results := e.call(expr, at); len(results) > 0 {
			return results[0]
		}
	}
	return unknown{}
}

func literal(lit *ast.BasicLit) value {
	switch lit.Kind {
	case token.STRING:
		if text, err := strconv.Unquote(lit.Value); err == nil {
			return text
		}
	case token.INT:
		if number, err := strconv.ParseInt(lit.Value, 0, 64); err == nil {
			return number
		}
	case token.FLOAT:
		if number, err := strconv.ParseFloat(lit.Value, 64); err == nil {
			return number
		}
	}
	return unknown{}
}

func (e *evaluator) ident(name string, at *scope) value {
	if owner, ok := at.find(name); ok {
		return owner.vars[name]
	}
	switch name {
	case "true":
		return true
	case "false":
		return false
	case "nil":
		return nil
	}
	if found, ok := e.global(at.file.pkg, name); ok {
		return found
	}
	return symbol{"", name}
}

func unary(op token.Token, of value) value {
	switch of := of.(type) {
	case bool:
		if op == token.NOT {
			return !of
		}
	case int64:
		if op == token.SUB {
			return -of
		}
	case float64:
		if op == token.SUB {
			return -of
		}
	}
	if op == token.AND {
		return of
	}
	return unknown{}
}

func (e *evaluator) binary(expr *ast.BinaryExpr, at *scope) value {
	left := e.eval(expr.X, at)
	if known, ok := left.(bool); ok && (expr.Op == token.LAND && !known || expr.Op == token.LOR && known) {
		return known
	}
	right := e.eval(expr.Y, at)
	switch l := left.(type) {
	case string:
		if r, ok := right.(string); ok {
			switch expr.Op {
			case token.ADD:
				return l + r
			case token.EQL:
				return l == r
			case token.NEQ:
				return l != r
			}
		}
	case int64:
		if r, ok := right.(int64); ok {
			return integers(expr.Op, l, r)
		}
	case bool:
		if r, ok := right.(bool); ok && (expr.Op == token.LAND || expr.Op == token.LOR) {
			return r
		}
	case nil, *dict, *object, *list, *function:
		if right == nil && expr.Op == token.EQL {
			return left == nil
		}
		if right == nil && expr.Op == token.NEQ {
			return left != nil
		}
	}
	return unknown{}
}

func integers(op token.Token, l, r int64) value {
	switch op {
	case token.ADD:
		return l + r
	case token.SUB:
		return l - r
	case token.MUL:
		return l * r
	case token.LSS:
		return l < r
	case token.LEQ:
		return l <= r
	case token.GTR:
		return l > r
	case token.GEQ:
		return l >= r
	case token.EQL:
		return l == r
	case token.NEQ:
		return l != r
	}
	return unknown{}
}

// selector looks a name up in a package or a struct. It returns false with a symbol for what a struct doesn't have: a field
// that is empty, or a method from outside the checkout.
func (e *evaluator) selector(expr *ast.SelectorExpr, at *scope) (value, bool) {
	if ident, ok := expr.X.(*ast.Ident); ok {
		if _, local := at.find(ident.Name); !local {
			if imported, ok := at.file.imports[ident.Name]; ok {
				if found, ok := e.global(imported, expr.Sel.Name); ok {
					return found, true
				}
				return symbol{imported, packageName(imported) + "." + expr.Sel.Name}, true
			}
		}
	}
	switch of := e.eval(expr.X, at).(type) {
	case *object:
		if found, ok := of.fields[expr.Sel.Name]; ok {
			return found, true
		}
		if method, _ := e.method(of, expr.Sel.Name); method != nil {
			return method, true
		}
		return symbol{of.pkg, of.typ + "." + expr.Sel.Name}, false
	case symbol:
		return symbol{of.pkg, of.name + "." + expr.Sel.Name}, true
	}
	return symbol{"", "?." + expr.Sel.Name}, true
}

// method finds a struct's own method, or that of a struct embedded in it, and where it stands.
func (e *evaluator) method(of *object, name string) (*function, string) {
	types := [][2]string{{of.pkg, of.typ}}
	for i := 0; i < len(types); i++ {
		pkg, typ := types[i][0], types[i][1]
		if declared := e.sources.lookup(pkg, typ+"."+name); declared != nil && declared.fn != nil {
			bound := &scope{file: declared.file, vars: map[string]value{}}
			if names := declared.fn.Recv.List[0].Names; len(names) > 0 {
				bound.vars[names[0].Name] = of
			}
			return &function{name, declared.fn.Type, declared.fn.Body, bound}, declared.source
		}
		declared := e.sources.lookup(pkg, typ)
		if declared == nil {
			continue
		}
		if structure, ok := declared.typ.(*ast.StructType); ok {
			for _, field := range structure.Fields.List {
				if len(field.Names) == 0 {
					embeddedPkg, embedded := typeName(field.Type, &scope{file: declared.file})
					types = append(types, [2]string{embeddedPkg, embedded})
				}
			}
		}
	}
	return nil, ""
}

func (e *evaluator) element(expr *ast.IndexExpr, at *scope) value {
	switch of := e.eval(expr.X, at).(type) {
	case *dict:
		if key, ok := text(e.eval(expr.Index, at)); ok {
			return of.entries[key]
		}
	case *list:
		if i, ok := e.eval(expr.Index, at).(int64); ok && 0 <= i && int(i) < len(of.items) {
			return of.items[i]
		}
	case *function, symbol: // a generic function with its type
		return of
	}
	return unknown{}
}

// text returns a string, also if it is one of the provider's constants for attribute names.
func text(v value) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case symbol:
		if name, ok := strings.CutPrefix(v.name, "names.Attr"); ok {
			return snakeCase(name), true
		}
	}
	return "", false
}

// composite evaluates a literal of the given type: its own, or the one that the literal around it implies.
func (e *evaluator) composite(lit *ast.CompositeLit, typ ast.Expr, at *scope) value {
	if pointer, ok := typ.(*ast.StarExpr); ok {
		typ = pointer.X
	}
	typ, in := e.underlying(typ, at)
	switch typ := typ.(type) {
	case *ast.MapType:
		made := &dict{map[string]value{}}
		for _, each := range lit.Elts {
			pair, ok := each.(*ast.KeyValueExpr)
			if !ok {
				continue
			}
			if key, ok := text(e.eval(pair.Key, at)); ok {
				made.entries[key] = e.item(pair.Value, typ.Value, at, in)
			}
		}
		return made
	case *ast.ArrayType:
		made := &list{}
		for _, each := range lit.Elts {
			if pair, ok := each.(*ast.KeyValueExpr); ok {
				each = pair.Value
			}
			made.items = append(made.items, e.item(each, typ.Elt, at, in))
		}
		return made
	}
	made := &object{fields: map[string]value{}}
	made.pkg, made.typ = typeName(typ, in)
	var unnamed []value
	for _, each := range lit.Elts {
		pair, ok := each.(*ast.KeyValueExpr)
		if !ok {
			unnamed = append(unnamed, e.eval(each, at))
			continue
		}
		name, ok := pair.Key.(*ast.Ident)
		if !ok {
			continue
		}
		if behaviour[name.Name] {
			made.fields[name.Name] = unread{pair.Value, at}
		} else {
			made.fields[name.Name] = e.eval(pair.Value, at)
		}
	}
	if len(unnamed) > 0 { // a slice type from outside the checkout
		return &list{unnamed}
	}
	return made
}

func (e *evaluator) item(expr, typ ast.Expr, at, in *scope) value {
	if lit, ok := expr.(*ast.CompositeLit); ok && lit.Type == nil {
		if in == at {
			return e.composite(lit, typ, at)
		}
		return e.compositeOf(lit, typ, at, in)
	}
	return e.eval(expr, at)
}

// compositeOf evaluates a literal whose implied type was named in another file.
func (e *evaluator) compositeOf(lit *ast.CompositeLit, typ ast.Expr, at, in *scope) value {
	mixed := &scope{file: &file{pkg: in.file.pkg, imports: maps.Clone(at.file.imports)}, vars: map[string]value{}, parent: at}
	maps.Copy(mixed.file.imports, in.file.imports)
	return e.composite(lit, typ, mixed)
}

// underlying follows the names of map and slice types that the checkout declares.
func (e *evaluator) underlying(typ ast.Expr, at *scope) (ast.Expr, *scope) {
	pkg, name := typeName(typ, at)
	if declared := e.sources.lookup(pkg, name); declared != nil {
		switch declared.typ.(type) {
		case *ast.MapType, *ast.ArrayType:
			return declared.typ, &scope{file: declared.file, vars: map[string]value{}}
		}
	}
	return typ, at
}

// typeName gives the package and the name that an expression refers to.
func typeName(expr ast.Expr, at *scope) (pkg, name string) {
	switch expr := expr.(type) {
	case *ast.Ident:
		return at.file.pkg, expr.Name
	case *ast.StarExpr:
		return typeName(expr.X, at)
	case *ast.IndexExpr:
		return typeName(expr.X, at)
	case *ast.SelectorExpr:
		if ident, ok := expr.X.(*ast.Ident); ok {
			return at.file.imports[ident.Name], expr.Sel.Name
		}
	}
	return "", ""
}

func (e *evaluator) call(expr *ast.CallExpr, at *scope) []value {
	switch fun := expr.Fun.(type) {
	case *ast.ArrayType, *ast.MapType, *ast.FuncType, *ast.InterfaceType: // a conversion
		return []value{e.eval(expr.Args[0], at)}
	case *ast.Ident:
		if _, local := at.find(fun.Name); !local {
			if result, ok := e.builtin(fun.Name, expr, at); ok {
				return []value{result}
			}
		}
	}
	var callee value
	if selected, ok := expr.Fun.(*ast.SelectorExpr); ok {
		callee, _ = e.selector(selected, at)
	} else {
		callee = e.eval(expr.Fun, at)
	}
	var args []value
	for i, arg := range expr.Args {
		evaluated := e.eval(arg, at)
		if spread, ok := evaluated.(*list); ok && expr.Ellipsis.IsValid() && i == len(expr.Args)-1 {
			args = append(args, spread.items...)
		} else {
			args = append(args, evaluated)
		}
	}
	switch callee := callee.(type) {
	case *function:
		if strings.Contains(callee.name, "RequiresReplace") { // its name is the fact
			return []value{&invocation{callee.name, args}}
		}
		return e.invoke(callee, args)
	case symbol:
		return []value{external(callee.name, args)}
	}
	return []value{unknown{}}
}

func (e *evaluator) builtin(name string, expr *ast.CallExpr, at *scope) (value, bool) {
	switch name {
	case "make":
		if typ, _ := e.underlying(expr.Args[0], at); typ != nil {
			if _, isMap := typ.(*ast.MapType); isMap {
				return &dict{map[string]value{}}, true
			}
		}
		return &list{}, true
	case "append":
		base, _ := e.eval(expr.Args[0], at).(*list)
		made := &list{}
		if base != nil {
			made.items = append(made.items, base.items...)
		}
		for i, arg := range expr.Args[1:] {
			evaluated := e.eval(arg, at)
			if spread, ok := evaluated.(*list); ok && expr.Ellipsis.IsValid() && i == len(expr.Args)-2 {
				made.items = append(made.items, spread.items...)
			} else {
				made.items = append(made.items, evaluated)
			}
		}
		return made, true
	case "delete":
		if from, ok := e.eval(expr.Args[0], at).(*dict); ok {
			if key, ok := text(e.eval(expr.Args[1], at)); ok {
				delete(from.entries, key)
			}
		}
		return nil, true
	case "len":
		switch of := e.eval(expr.Args[0], at).(type) {
		case *list:
			return int64(len(of.items)), true
		case *dict:
			return int64(len(of.entries)), true
		}
		return unknown{}, true
	case "string", "int", "int64", "float64":
		return e.eval(expr.Args[0], at), true
	case "new", "copy", "panic", "min", "max":
		return unknown{}, true
	}
	return nil, false
}

// external knows the few library functions that put schemas together.
func external(name string, args []value) value {
	switch name {
	case "sync.OnceValue", "sync.OnceFunc":
		return args[0]
	case "maps.Clone":
		if of, ok := args[0].(*dict); ok {
			return &dict{maps.Clone(of.entries)}
		}
	case "maps.Copy":
		if to, ok := args[0].(*dict); ok {
			if from, ok := args[1].(*dict); ok {
				maps.Copy(to.entries, from.entries)
			}
		}
		return nil
	case "slices.Concat":
		made := &list{}
		for _, each := range args {
			if part, ok := each.(*list); ok {
				made.items = append(made.items, part.items...)
			}
		}
		return made
	case "fmt.Sprintf":
		return sprintf(args)
	}
	return &invocation{name, args}
}

func sprintf(args []value) value {
	format, ok := args[0].(string)
	if !ok {
		return unknown{}
	}
	plain := make([]any, 0, len(args)-1)
	for _, arg := range args[1:] {
		switch arg := arg.(type) {
		case int64, bool:
			plain = append(plain, arg)
		default:
			known, ok := text(arg)
			if !ok {
				return unknown{}
			}
			plain = append(plain, known)
		}
	}
	return fmt.Sprintf(format, plain...)
}

// invoke runs a function of the checkout.
func (e *evaluator) invoke(fn *function, args []value) []value {
	if e.depth >= deepest || fn.body == nil {
		return []value{unknown{}}
	}
	e.depth++
	defer func() { e.depth-- }()
	at := fn.scope.inner()
	i := 0
	for _, field := range fn.typ.Params.List {
		_, variadic := field.Type.(*ast.Ellipsis)
		for _, name := range field.Names {
			switch {
			case variadic:
				at.vars[name.Name] = &list{slices.Clone(args[min(i, len(args)):])}
			case i < len(args):
				at.vars[name.Name] = args[i]
			default:
				at.vars[name.Name] = unknown{}
			}
			i++
		}
		if len(field.Names) == 0 {
			i++
		}
	}
	var named []string
	if fn.typ.Results != nil {
		for _, field := range fn.typ.Results.List {
			for _, name := range field.Names {
				at.vars[name.Name] = nil
				named = append(named, name.Name)
			}
		}
	}
	results, flow := e.block(fn.body.List, at)
	if flow == returned && len(results) == 0 || flow == next {
		for _, name := range named {
			results = append(results, at.vars[name])
		}
	}
	if len(results) == 0 {
		results = []value{unknown{}}
	}
	return results
}

type flow int

const (
	next flow = iota
	returned
	broke
	continued
)

func (e *evaluator) block(statements []ast.Stmt, at *scope) ([]value, flow) {
	for _, statement := range statements {
		if results, how := e.exec(statement, at); how != next {
			return results, how
		}
	}
	return nil, next
}

func (e *evaluator) exec(statement ast.Stmt, at *scope) ([]value, flow) {
	switch statement := statement.(type) {
	case *ast.ReturnStmt:
		return e.results(statement.Results, at), returned
	case *ast.AssignStmt:
		e.assign(statement, at)
	case *ast.ExprStmt:
		e.eval(statement.X, at)
	case *ast.DeclStmt:
		e.declare(statement, at)
	case *ast.BlockStmt:
		return e.block(statement.List, at.inner())
	case *ast.IfStmt:
		inside := at.inner()
		if statement.Init != nil {
			e.exec(statement.Init, inside)
		}
		switch e.eval(statement.Cond, inside) {
		case true:
			return e.block(statement.Body.List, inside.inner())
		case false:
			if statement.Else != nil {
				return e.exec(statement.Else, inside)
			}
		}
	case *ast.RangeStmt:
		return e.loop(statement, at)
	case *ast.SwitchStmt:
		return e.choose(statement, at)
	case *ast.BranchStmt:
		switch statement.Tok {
		case token.BREAK:
			return nil, broke
		case token.CONTINUE:
			return nil, continued
		}
	}
	return nil, next
}

func (e *evaluator) results(exprs []ast.Expr, at *scope) []value {
	if len(exprs) == 1 {
		if call, ok := exprs[0].(*ast.CallExpr); ok {
			return e.call(call, at)
		}
	}
	var results []value
	for _, expr := range exprs {
		results = append(results, e.eval(expr, at))
	}
	return results
}

func (e *evaluator) declare(statement *ast.DeclStmt, at *scope) {
	decl, ok := statement.Decl.(*ast.GenDecl)
	if !ok {
		return
	}
	for _, spec := range decl.Specs {
		spec, ok := spec.(*ast.ValueSpec)
		if !ok {
			continue
		}
		for i, name := range spec.Names {
			if i < len(spec.Values) {
				at.vars[name.Name] = e.eval(spec.Values[i], at)
			} else {
				at.vars[name.Name] = nil
			}
		}
	}
}

func (e *evaluator) assign(statement *ast.AssignStmt, at *scope) {
	values := e.results(statement.Rhs, at)
	for i, left := range statement.Lhs {
		var assigned value = unknown{}
		if i < len(values) {
			assigned = values[i]
		}
		switch left := left.(type) {
		case *ast.Ident:
			owner, known := at.find(left.Name)
			if statement.Tok == token.DEFINE || !known {
				owner = at
			}
			if statement.Tok == token.ADD_ASSIGN {
				assigned = unknown{}
			}
			owner.vars[left.Name] = assigned
		case *ast.IndexExpr:
			if into, ok := e.eval(left.X, at).(*dict); ok {
				if key, ok := text(e.eval(left.Index, at)); ok {
					into.entries[key] = assigned
				}
			}
		case *ast.SelectorExpr:
			if into, ok := e.eval(left.X, at).(*object); ok {
				into.fields[left.Sel.Name] = assigned
			}
		}
	}
}

func (e *evaluator) loop(statement *ast.RangeStmt, at *scope) ([]value, flow) {
	type pair struct{ key, value value }
	var pairs []pair
	switch over := e.eval(statement.X, at).(type) {
	case *list:
		for i, item := range over.items {
			pairs = append(pairs, pair{int64(i), item})
		}
	case *dict:
		for _, key := range slices.Sorted(maps.Keys(over.entries)) {
			pairs = append(pairs, pair{key, over.entries[key]})
		}
	}
	for _, each := range pairs {
		inside := at.inner()
		if name, ok := statement.Key.(*ast.Ident); ok {
			inside.vars[name.Name] = each.key
		}
		if name, ok := statement.Value.(*ast.Ident); ok {
			inside.vars[name.Name] = each.value
		}
		switch results, how := e.block(statement.Body.List, inside); how {
		case returned:
			return results, how
		case broke:
			return nil, next
		}
	}
	return nil, next
}

func (e *evaluator) choose(statement *ast.SwitchStmt, at *scope) ([]value, flow) {
	if statement.Tag == nil {
		return nil, next
	}
	tag := e.eval(statement.Tag, at)
	var otherwise *ast.CaseClause
	for _, each := range statement.Body.List {
		clause := each.(*ast.CaseClause)
		if clause.List == nil {
			otherwise = clause
		}
		for _, expr := range clause.List {
			switch candidate := e.eval(expr, at).(type) {
			case string, int64, bool:
				if candidate == tag {
					return e.block(clause.Body, at.inner())
				}
			}
		}
	}
	if _, known := tag.(unknown); !known && otherwise != nil {
		return e.block(otherwise.Body, at.inner())
	}
	return nil, next
}
