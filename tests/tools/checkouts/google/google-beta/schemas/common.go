package schemas

import "github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"

type Properties map[string]*schema.Schema

var Base = Properties{
	"project": {Type: schema.TypeString, Optional: true, Computed: true, ForceNew: true},
}

func Merge(parts ...map[string]*schema.Schema) map[string]*schema.Schema {
	merged := make(map[string]*schema.Schema)
	for _, part := range parts {
		for name, each := range part {
			merged[name] = each
		}
	}
	return merged
}

func Rules(depth int) *schema.Schema {
	inner := map[string]*schema.Schema{"port": {Type: schema.TypeInt, Required: true, ForceNew: true}}
	if depth > 1 {
		inner["rules"] = Rules(depth - 1)
	}
	return &schema.Schema{Type: schema.TypeSet, Optional: true, Elem: &schema.Resource{Schema: inner}}
}
