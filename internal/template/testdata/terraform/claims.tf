# Lets Forgecroft run Terraform in this AWS account without access keys: the same provider, roles and
# policies as fcoidc's CloudFormation template makes, version 1, trust mode Claims.
#
# Who may assume a role stands in its assume_role_policy. The plan role holds ReadOnlyAccess unless the
# attachment below says otherwise; that reads data too. The apply role may do everything in
# allowed_regions. IAM counts as us-east-1 (us-gov-west-1 in GovCloud, cn-north-1 in China): without that
# Region the apply role cannot manage IAM, this trust included; with it, it can give itself any permission,
# unless permissions_boundary_arn names a policy that restricts IAM.

terraform {
  required_version = ">= 1.2"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
  }
}

variable "org_id" {
  description = "UUID of the organization in Forgecroft, from Settings, Organization."
  type        = string
  default     = "1f2e3d4c-aaaa-4bbb-8ccc-ddddeeeeffff"

  validation {
    condition     = can(regex("^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$", var.org_id))
    error_message = "The org_id must be a UUID in lower case: AWS compares it with the token letter by letter."
  }
}

variable "allowed_regions" {
  description = "Regions in which apply may work."
  type        = list(string)
  default     = ["us-east-1", "us-west-2"]

  validation {
    condition     = length(var.allowed_regions) > 0 && alltrue([for r in var.allowed_regions : can(regex("^[a-z]{2,4}(-[a-z]+){1,3}-[0-9]{1,2}$", r))])
    error_message = "The allowed_regions must be Region codes, such as us-east-1, and at least one."
  }
}

variable "plan_role_name" {
  description = "Name of the role that plan runs assume."
  type        = string
  default     = "forgecroft-runner-plan"
}

variable "apply_role_name" {
  description = "Name of the role that apply runs assume."
  type        = string
  default     = "forgecroft-runner-apply"
}

variable "max_session_duration" {
  description = "Longest session that a run can ask for, in seconds, 3600 to 43200."
  type        = number
  default     = 3600
}

variable "permissions_boundary_arn" {
  description = "Managed policy that both roles can never exceed, or null."
  type        = string
  default     = null
}

resource "aws_iam_openid_connect_provider" "forgecroft" {
  url            = "https://api.forgecroft.com"
  client_id_list = ["sts.amazonaws.com"]
  # AWS looks at it only if it does not trust the issuer's certificate authority.
  thumbprint_list = ["ffffffffffffffffffffffffffffffffffffffff"]

  tags = {
    "forgecroft:managed-by" = "terraform"
  }

  # Other roles may have come to trust the provider, and an account can hold only one for an issuer.
  # To destroy the rest, take it out of the state first:
  # terraform state rm aws_iam_openid_connect_provider.forgecroft
  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_iam_role" "plan" {
  name                 = var.plan_role_name
  description          = "Forgecroft assumes this role to plan. Read-only."
  max_session_duration = var.max_session_duration
  permissions_boundary = var.permissions_boundary_arn

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect = "Allow"
      Principal = {
        Federated = aws_iam_openid_connect_provider.forgecroft.arn
      }
      Action = "sts:AssumeRoleWithWebIdentity"
      Condition = {
        StringEquals = {
          "api.forgecroft.com:aud"    = "sts.amazonaws.com"
          "api.forgecroft.com:org_id" = var.org_id
          "api.forgecroft.com:phase"  = "plan"
        }
      }
    }]
  })

  tags = {
    "forgecroft:managed-by" = "terraform"
  }
}

data "aws_partition" "current" {
}

resource "aws_iam_role_policy_attachment" "plan" {
  role       = aws_iam_role.plan.name
  policy_arn = "arn:${data.aws_partition.current.partition}:iam::aws:policy/ReadOnlyAccess"
}

resource "aws_iam_role" "apply" {
  name                 = var.apply_role_name
  description          = "Forgecroft assumes this role to apply. May do everything in the allowed Regions."
  max_session_duration = var.max_session_duration
  permissions_boundary = var.permissions_boundary_arn

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect = "Allow"
      Principal = {
        Federated = aws_iam_openid_connect_provider.forgecroft.arn
      }
      Action = "sts:AssumeRoleWithWebIdentity"
      Condition = {
        StringEquals = {
          "api.forgecroft.com:aud"    = "sts.amazonaws.com"
          "api.forgecroft.com:org_id" = var.org_id
          "api.forgecroft.com:phase"  = "apply"
        }
      }
    }]
  })

  tags = {
    "forgecroft:managed-by" = "terraform"
  }
}

resource "aws_iam_role_policy" "apply" {
  name = "everything-in-allowed-regions"
  role = aws_iam_role.apply.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "*"
      Resource = "*"
      Condition = {
        StringEquals = {
          "aws:RequestedRegion" = var.allowed_regions
        }
      }
    }]
  })
}

output "plan_role_arn" {
  description = "Paste into Forgecroft (Settings, Credentials, New, \"AWS - OIDC\") as PlanRoleArn."
  value       = aws_iam_role.plan.arn
}

output "apply_role_arn" {
  description = "Paste into Forgecroft (Settings, Credentials, New, \"AWS - OIDC\") as ApplyRoleArn."
  value       = aws_iam_role.apply.arn
}

output "oidc_provider_arn" {
  description = "The OpenID Connect provider that both roles trust."
  value       = aws_iam_openid_connect_provider.forgecroft.arn
}
