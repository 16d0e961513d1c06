package regions

// partitions in the order of [All].
var partitions = []Partition{
	{ID: "aws", GlobalRegion: "us-east-1", DNSSuffix: "amazonaws.com"},
	{ID: "aws-us-gov", GlobalRegion: "us-gov-west-1", DNSSuffix: "amazonaws.com"},
	{ID: "aws-cn", GlobalRegion: "cn-north-1", DNSSuffix: "amazonaws.com.cn"},
	{ID: "aws-eusc", GlobalRegion: "eusc-de-east-1", DNSSuffix: "amazonaws.eu"},
	{ID: "aws-iso", GlobalRegion: "us-iso-east-1", DNSSuffix: "c2s.ic.gov"},
	{ID: "aws-iso-b", GlobalRegion: "us-isob-east-1", DNSSuffix: "sc2s.sgov.gov"},
	{ID: "aws-iso-e", GlobalRegion: "eu-isoe-west-1", DNSSuffix: "cloud.adc-e.uk"},
	{ID: "aws-iso-f", GlobalRegion: "us-isof-south-1", DNSSuffix: "csp.hci.ic.gov"},
}

// table in the order of [All]. The name of sa-east-1 has the accent that AWS's pages give it.
var table = []Region{
	{ID: "af-south-1", Name: "Africa (Cape Town)", Partition: "aws", OptIn: true},
	{ID: "ap-east-1", Name: "Asia Pacific (Hong Kong)", Partition: "aws", OptIn: true},
	{ID: "ap-east-2", Name: "Asia Pacific (Taipei)", Partition: "aws", OptIn: true},
	{ID: "ap-northeast-1", Name: "Asia Pacific (Tokyo)", Partition: "aws"},
	{ID: "ap-northeast-2", Name: "Asia Pacific (Seoul)", Partition: "aws"},
	{ID: "ap-northeast-3", Name: "Asia Pacific (Osaka)", Partition: "aws"},
	{ID: "ap-south-1", Name: "Asia Pacific (Mumbai)", Partition: "aws"},
	{ID: "ap-south-2", Name: "Asia Pacific (Hyderabad)", Partition: "aws", OptIn: true},
	{ID: "ap-southeast-1", Name: "Asia Pacific (Singapore)", Partition: "aws"},
	{ID: "ap-southeast-2", Name: "Asia Pacific (Sydney)", Partition: "aws"},
	{ID: "ap-southeast-3", Name: "Asia Pacific (Jakarta)", Partition: "aws", OptIn: true},
	{ID: "ap-southeast-4", Name: "Asia Pacific (Melbourne)", Partition: "aws", OptIn: true},
	{ID: "ap-southeast-5", Name: "Asia Pacific (Malaysia)", Partition: "aws", OptIn: true},
	{ID: "ap-southeast-6", Name: "Asia Pacific (New Zealand)", Partition: "aws", OptIn: true},
	{ID: "ap-southeast-7", Name: "Asia Pacific (Thailand)", Partition: "aws", OptIn: true},
	{ID: "ca-central-1", Name: "Canada (Central)", Partition: "aws"},
	{ID: "ca-west-1", Name: "Canada West (Calgary)", Partition: "aws", OptIn: true},
	{ID: "eu-central-1", Name: "Europe (Frankfurt)", Partition: "aws"},
	{ID: "eu-central-2", Name: "Europe (Zurich)", Partition: "aws", OptIn: true},
	{ID: "eu-north-1", Name: "Europe (Stockholm)", Partition: "aws"},
	{ID: "eu-south-1", Name: "Europe (Milan)", Partition: "aws", OptIn: true},
	{ID: "eu-south-2", Name: "Europe (Spain)", Partition: "aws", OptIn: true},
	{ID: "eu-west-1", Name: "Europe (Ireland)", Partition: "aws"},
	{ID: "eu-west-2", Name: "Europe (London)", Partition: "aws"},
	{ID: "eu-west-3", Name: "Europe (Paris)", Partition: "aws"},
	{ID: "il-central-1", Name: "Israel (Tel Aviv)", Partition: "aws", OptIn: true},
	{ID: "me-central-1", Name: "Middle East (UAE)", Partition: "aws", OptIn: true},
	{ID: "me-south-1", Name: "Middle East (Bahrain)", Partition: "aws", OptIn: true},
	{ID: "mx-central-1", Name: "Mexico (Central)", Partition: "aws", OptIn: true},
	{ID: "sa-east-1", Name: "South America (São Paulo)", Partition: "aws"},
	{ID: "us-east-1", Name: "US East (N. Virginia)", Partition: "aws"},
	{ID: "us-east-2", Name: "US East (Ohio)", Partition: "aws"},
	{ID: "us-west-1", Name: "US West (N. California)", Partition: "aws"},
	{ID: "us-west-2", Name: "US West (Oregon)", Partition: "aws"},

	{ID: "us-gov-east-1", Name: "AWS GovCloud (US-East)", Partition: "aws-us-gov"},
	{ID: "us-gov-west-1", Name: "AWS GovCloud (US-West)", Partition: "aws-us-gov"},

	{ID: "cn-north-1", Name: "China (Beijing)", Partition: "aws-cn"},
	{ID: "cn-northwest-1", Name: "China (Ningxia)", Partition: "aws-cn"},

	{ID: "eusc-de-east-1", Name: "AWS European Sovereign Cloud (Germany)", Partition: "aws-eusc"},

	{ID: "us-iso-east-1", Name: "US ISO East", Partition: "aws-iso"},
	{ID: "us-iso-west-1", Name: "US ISO West", Partition: "aws-iso"},
	{ID: "us-isob-east-1", Name: "US ISOB East (Ohio)", Partition: "aws-iso-b"},
	{ID: "us-isob-west-1", Name: "US ISOB West", Partition: "aws-iso-b"},
	{ID: "eu-isoe-west-1", Name: "EU ISOE West", Partition: "aws-iso-e"},
	{ID: "us-isof-east-1", Name: "US ISOF East", Partition: "aws-iso-f"},
	{ID: "us-isof-south-1", Name: "US ISOF South", Partition: "aws-iso-f"},
}
