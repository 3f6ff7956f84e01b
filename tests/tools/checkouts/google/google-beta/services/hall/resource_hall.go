package hall

import (
	"context"

	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/customdiff"
	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"
	"github.com/hashicorp/terraform-provider-google-beta/google-beta/registry"
	"github.com/hashicorp/terraform-provider-google-beta/google-beta/schemas"
	"github.com/hashicorp/terraform-provider-google-beta/google-beta/tpgresource"
)

const usual = "OAK"

func init() {
	registry.Schema{
		Name:   "google_hall",
		Type:   registry.SchemaTypeResource,
		Schema: ResourceHall(),
	}.Register()
	registry.Schema{
		Name:   "google_hall",
		Type:   registry.SchemaTypeDataSource,
		Schema: DataSourceHall(),
	}.Register()
}

func ResourceHall() *schema.Resource {
	made := &schema.Resource{
		Create: create,
		CustomizeDiff: customdiff.All(
			customdiff.ForceNewIfChange("door.0.width", narrower),
			moved,
		),
		Schema: schemas.Merge(schemas.Base, map[string]*schema.Schema{
			"name":  {Type: schema.TypeString, Required: true, ForceNew: true},
			"floor": {Type: schema.TypeString, Optional: true, Default: usual},
			"key": {
				Type:          schema.TypeString,
				Optional:      true,
				Sensitive:     true,
				ConflictsWith: []string{"code"},
			},
			"code": {Type: schema.TypeString, Optional: true, WriteOnly: true},
			"door": {
				Type:     schema.TypeList,
				Optional: true,
				MaxItems: 1,
				Elem: &schema.Resource{
					Schema: map[string]*schema.Schema{"width": {Type: schema.TypeInt, Optional: true}},
				},
			},
			"rules":  schemas.Rules(2),
			"lights": {Type: schema.TypeList, Computed: true, Elem: &schema.Schema{Type: schema.TypeString}},
		}),
	}
	made.Schema["windows"] = &schema.Schema{Type: schema.TypeBool, Optional: true}
	made.Schema["windows"].ForceNew = true
	return made
}

func narrower(_ context.Context, old, new, _ any) bool { return new.(int) < old.(int) }

func moved(_ context.Context, d *schema.ResourceDiff, _ any) error {
	for _, name := range names {
		if err := d.ForceNew(name); err != nil {
			return err
		}
	}
	return nil
}

func create(d *schema.ResourceData, config any) error {
	url, err := tpgresource.ReplaceVars(d, config, "https://example.com/{{project}}")
	if err != nil {
		return err
	}
	post(url)
	id, err := tpgresource.ReplaceVars(d, config, "projects/{{project}}/halls/{{name}}")
	if err != nil {
		return err
	}
	d.SetId(id)
	return nil
}
