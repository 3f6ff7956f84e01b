module covenant/tools/provider_facts/schemas

go 1.23
