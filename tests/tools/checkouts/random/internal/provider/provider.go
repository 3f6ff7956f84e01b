package provider

func (p *randomProvider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{NewDie}
}

func NewDie() resource.Resource { return &die{} }

type die struct{}

func (d *die) Metadata(_ context.Context, in resource.MetadataRequest, out *resource.MetadataResponse) {
	out.TypeName = in.ProviderTypeName + "_die"
}

func (d *die) Schema(_ context.Context, _ resource.SchemaRequest, out *resource.SchemaResponse) {
	out.Schema = schema.Schema{
		Attributes: map[string]schema.Attribute{"result": schema.Int64Attribute{Computed: true, Sensitive: true}},
	}
}
