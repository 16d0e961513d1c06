# What another configuration reads of the trust that is already there.

terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

data "aws_iam_role" "plan" {
  name = "forgecroft-runner-plan"
}

data "aws_iam_role" "apply" {
  name = "forgecroft-runner-apply"
}

data "aws_iam_openid_connect_provider" "forgecroft" {
  url = "https://api.forgecroft.com"
}

output "plan_role_arn" {
  value = data.aws_iam_role.plan.arn
}

output "apply_role_arn" {
  value = data.aws_iam_role.apply.arn
}

output "provider_audiences" {
  value = data.aws_iam_openid_connect_provider.forgecroft.client_id_list
}
