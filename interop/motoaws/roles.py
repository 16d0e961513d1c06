"""AWS::IAM::Role as CloudFormation makes, changes and deletes it.

Stock moto ignores ManagedPolicyArns, keeps inline policies as Python text, and
answers an update by changing the description only.
"""

import functools
import json

from moto.iam.aws_managed_policies import aws_managed_policies_data
from moto.iam.models import AWSManagedPolicy, Role, _serialize_version_datetime, iam_backends
from moto.utilities.utils import get_partition

DEFAULT_SESSION_SECONDS = 3600


def document(policy):
    """A policy document as the JSON text that IAM would store."""
    return policy if isinstance(policy, str) else json.dumps(policy, default=_serialize_version_datetime)


@functools.cache
def aws_managed_policies():
    """What AWS's managed policies hold, by ARN without its partition."""
    policies = json.loads(aws_managed_policies_data)
    return {f"iam::aws:policy{data['Path']}{name}": (name, data) for name, data in policies.items()}


def attach(iam, role, arn):
    """Attach a managed policy; one of AWS's own comes into being when it is first named.

    Loading all of them, as moto can, costs 1.3 s in every account.
    """
    known = aws_managed_policies().get(arn.split(":", 2)[2])
    if arn not in iam.managed_policies and known:
        name, data = known
        policy = AWSManagedPolicy.from_data(name, iam.account_id, iam.region_name, data)
        iam.managed_policies[policy.arn] = policy
    iam.attach_role_policy(arn, role.name)


def apply(iam, role, properties):
    """Give the role the policies and settings of the template, and no others."""
    role.assume_role_policy_document = document(properties["AssumeRolePolicyDocument"])
    role.policies = {p["PolicyName"]: document(p["PolicyDocument"]) for p in properties.get("Policies", [])}
    wanted = properties.get("ManagedPolicyArns", [])
    for arn in list(role.managed_policies):
        if arn not in wanted:
            iam.detach_role_policy(arn, role.name)
    for arn in wanted:
        if arn not in role.managed_policies:
            attach(iam, role, arn)
    role.description = properties.get("Description", "")
    role.max_session_duration = properties.get("MaxSessionDuration", DEFAULT_SESSION_SECONDS)
    role.permissions_boundary_arn = properties.get("PermissionsBoundary")
    role.tags = properties.get("Tags", [])


def install():
    create = Role.create_from_cloudformation_json.__func__
    delete = Role.delete_from_cloudformation_json.__func__

    def create_role(cls, resource_name, cloudformation_json, account_id, region_name, **kwargs):
        role = create(cls, resource_name, cloudformation_json, account_id, region_name, **kwargs)
        apply(iam_backends[account_id][get_partition(region_name)], role, cloudformation_json["Properties"])
        return role

    def update_role(cls, original_resource, new_resource_name, cloudformation_json, account_id, region_name):
        iam = iam_backends[account_id][get_partition(region_name)]
        apply(iam, original_resource, cloudformation_json["Properties"])
        return original_resource

    def delete_role(cls, resource_name, cloudformation_json, account_id, region_name):
        iam = iam_backends[account_id][get_partition(region_name)]
        for arn in list(iam.get_role(resource_name).managed_policies):
            iam.detach_role_policy(arn, resource_name)
        delete(cls, resource_name, cloudformation_json, account_id, region_name)

    Role.create_from_cloudformation_json = classmethod(create_role)
    Role.update_from_cloudformation_json = classmethod(update_role)
    Role.delete_from_cloudformation_json = classmethod(delete_role)
