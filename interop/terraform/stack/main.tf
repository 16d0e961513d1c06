# The template as one stack, the way a team does it that keeps everything in Terraform.

terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

variable "org_id" {
  type = string
}

variable "allowed_regions" {
  type    = list(string)
  default = ["us-east-1", "us-west-2"]
}

resource "aws_cloudformation_stack" "runner" {
  name          = "forgecroft-runner-oidc"
  template_body = file("${path.module}/template.yaml")
  capabilities  = ["CAPABILITY_NAMED_IAM"]

  parameters = {
    OrgId          = var.org_id
    AllowedRegions = join(",", var.allowed_regions)
  }
}

output "plan_role_arn" {
  value = aws_cloudformation_stack.runner.outputs["PlanRoleArn"]
}
