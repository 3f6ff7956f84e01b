// Schemas reads the resource schemas of a Terraform provider out of its source, without building or running it, and
// prints them as JSON: resource type -> what was read.
//
//	go run . google CHECKOUT   a checkout of terraform-provider-google-beta
//	go run . aws CHECKOUT      a checkout of an index of terraform-provider-aws (index/<package>/func.<Name>.goindex)
//	go run . random CHECKOUT   a checkout of terraform-provider-random
package main

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
)

const (
	googleModule = "github.com/hashicorp/terraform-provider-google-beta"
	awsModule    = "github.com/hashicorp/terraform-provider-aws"
	randomModule = "github.com/terraform-providers/terraform-provider-random"
)

var readers = map[string]func(root string) (resources map[string]*resource, missed []string){
	"google": readGoogle, "aws": readAWS, "random": readRandom,
}

func main() {
	if len(os.Args) != 3 || readers[os.Args[1]] == nil {
		fmt.Fprintln(os.Stderr, "usage: schemas aws|google|random CHECKOUT")
		os.Exit(2)
	}
	resources, missed := readers[os.Args[1]](os.Args[2])
	if len(resources) == 0 {
		fmt.Fprintf(os.Stderr, "no resources found in %s: is it the right checkout?\n", os.Args[2])
		os.Exit(1)
	}
	slices.Sort(missed)
	for _, name := range missed {
		fmt.Fprintln(os.Stderr, "not understood:", name)
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetIndent("", " ")
	if err := encoder.Encode(resources); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// readGoogle reads what the packages under google-beta/services register when they are loaded.
func readGoogle(root string) (resources map[string]*resource, missed []string) {
	checkout := newTree(root, googleModule)
	e := newEvaluator(checkout)
	resources = map[string]*resource{}
	services := "google-beta/services"
	for _, service := range folders(path.Join(root, services)) {
		pkg := path.Join(googleModule, services, service)
		checkout.load(pkg)
		for _, declared := range checkout.inits[pkg] {
			at := &scope{file: declared.file, vars: map[string]value{}}
			ast.Inspect(declared.fn.Body, func(node ast.Node) bool {
				lit, ok := node.(*ast.CompositeLit)
				if !ok {
					return true
				}
				registered, ok := e.eval(lit, at).(*object)
				if !ok || packageName(registered.pkg) != "registry" {
					return true
				}
				name, _ := registered.fields["Name"].(string)
				var read *resource
				switch registered.typ {
				case "FrameworkResource":
					if factory, ok := registered.fields["Func"].(*function); ok {
						read = e.frameworkResource(e.invoke(factory, nil)[0])
					}
				case "Schema":
					kind, _ := registered.fields["Type"].(symbol)
					if kind.name != "registry.SchemaTypeResource" && kind.name != "registry.SchemaTypeIAMResource" {
						return false
					}
					read = e.sdkResource(registered.fields["Schema"])
				default:
					return false
				}
				if read == nil {
					missed = append(missed, name)
					return false
				}
				read.Source = declared.source
				resources[name] = read
				return false
			})
		}
	}
	return resources, missed
}

// readAWS reads what each package under internal/service says that it offers.
func readAWS(root string) (resources map[string]*resource, missed []string) {
	e := newEvaluator(newIndex(root, awsModule))
	resources = map[string]*resource{}
	for _, service := range folders(path.Join(root, "index/internal/service")) {
		pkg := path.Join(awsModule, "internal/service", service)
		for _, method := range []string{"SDKResources", "FrameworkResources"} {
			for _, item := range e.offered(pkg, method) {
				name, _ := item.fields["TypeName"].(string)
				factory, ok := item.fields["Factory"].(*function)
				if !ok {
					missed = append(missed, name)
					continue
				}
				made := e.invoke(factory, []value{unknown{}})[0]
				var read *resource
				if method == "SDKResources" {
					if read = e.sdkResource(made); read != nil {
						read.Source = path.Join("internal/service", service) + " " + factory.name
					}
				} else {
					read = e.frameworkResource(made)
				}
				if read == nil {
					missed = append(missed, name)
					continue
				}
				if regional(item.fields["Region"]) {
					read.addRegion()
				}
				resources[name] = read
			}
		}
	}
	return resources, missed
}

// readRandom reads what the provider's one package lists in Resources.
func readRandom(root string) (resources map[string]*resource, missed []string) {
	checkout := newTree(root, randomModule)
	e := newEvaluator(checkout)
	resources = map[string]*resource{}
	pkg := path.Join(randomModule, "internal/provider")
	provider := &object{pkg: pkg, typ: "randomProvider", fields: map[string]value{}}
	list, _ := e.method(provider, "Resources")
	if list == nil {
		return nil, nil
	}
	for _, item := range items(e.invoke(list, []value{unknown{}})[0]) {
		factory, ok := item.(*function)
		if !ok {
			continue
		}
		made, _ := e.invoke(factory, nil)[0].(*object)
		read := e.frameworkResource(made)
		name, ok := e.typeNameOf(made)
		if read == nil || !ok {
			missed = append(missed, factory.name)
			continue
		}
		resources["random"+name] = read
	}
	return resources, missed
}

// typeNameOf returns what a resource's Metadata appends to the provider's name.
func (e *evaluator) typeNameOf(of *object) (string, bool) {
	describe, _ := e.method(of, "Metadata")
	if describe == nil {
		return "", false
	}
	response := &object{fields: map[string]value{}}
	request := &object{fields: map[string]value{"ProviderTypeName": ""}}
	e.invoke(describe, []value{unknown{}, request, response})
	return text(response.fields["TypeName"])
}

func (e *evaluator) offered(pkg, method string) []*object {
	declared := e.sources.lookup(pkg, "servicePackage."+method)
	if declared == nil {
		return nil
	}
	at := &scope{file: declared.file, vars: map[string]value{}}
	results := e.invoke(&function{method, declared.fn.Type, declared.fn.Body, at}, []value{unknown{}})
	var offered []*object
	for _, item := range items(results[0]) {
		if of, ok := item.(*object); ok {
			offered = append(offered, of)
		}
	}
	return offered
}

// regional says whether the provider adds its `region` property to a resource.
func regional(region value) bool {
	handle, ok := region.(*invocation)
	if !ok || len(handle.args) != 1 {
		return false
	}
	settings, ok := handle.args[0].(*object)
	return ok && settings.fields["IsOverrideEnabled"] == true
}

// addRegion adds the property that provider/sdkv2 and provider/framework inject, and whose change replaces the resource.
func (r *resource) addRegion() {
	if _, own := r.Attributes["region"]; !own {
		r.Attributes["region"] = &attribute{Type: "string", Optional: true, Computed: true, ForceNew: true, Whole: true}
	}
}

var (
	hump    = regexp.MustCompile(`([a-z0-9])([A-Z])`)
	acronym = regexp.MustCompile(`([A-Z]+)([A-Z][a-z])`)
	plurals = strings.NewReplacer("VPCID", "VpcId", "IDs", "Ids", "ARNs", "Arns", "CloudWatch", "Cloudwatch")
)

// snakeCase turns the name of a constant, VPCSecurityGroupIDs, into the name it stands for, vpc_security_group_ids.
func snakeCase(name string) string {
	name = hump.ReplaceAllString(plurals.Replace(name), "${1}_$2")
	return strings.ToLower(acronym.ReplaceAllString(name, "${1}_$2"))
}
