"""AWS::IAM::OIDCProvider, a resource type that stock moto does not know."""

from moto.cloudformation import parsing
from moto.core.common_models import CloudFormationModel
from moto.iam.models import iam_backends
from moto.utilities.utils import get_partition


def tag_map(tags):
    """Tags as moto keeps them with a provider: by lower-case key."""
    return {tag["Key"].lower(): tag for tag in tags}


class OIDCProvider(CloudFormationModel):
    """A provider as a stack's resource; the provider itself is IAM's.

    moto finds this class among the direct subclasses of CloudFormationModel.
    """

    def __init__(self, provider):
        self.provider = provider

    @staticmethod
    def cloudformation_type():
        return "AWS::IAM::OIDCProvider"

    @staticmethod
    def cloudformation_name_type():
        return ""  # it is known by its URL

    @property
    def physical_resource_id(self):
        return self.provider.arn

    @classmethod
    def has_cfn_attr(cls, attr):
        return attr == "Arn"

    def get_cfn_attribute(self, attribute_name):
        if attribute_name == "Arn":
            return self.provider.arn
        raise parsing.UnformattedGetAttTemplateException()

    @classmethod
    def create_from_cloudformation_json(
        cls, resource_name, cloudformation_json, account_id, region_name, **kwargs
    ):
        properties = cloudformation_json["Properties"]
        iam = iam_backends[account_id][get_partition(region_name)]
        return cls(
            iam.create_open_id_connect_provider(
                url=properties["Url"],
                thumbprint_list=properties.get("ThumbprintList", []),
                client_id_list=properties.get("ClientIdList", []),
                tags=properties.get("Tags", []),
            )
        )

    @classmethod
    def update_from_cloudformation_json(
        cls, original_resource, new_resource_name, cloudformation_json, account_id, region_name
    ):
        properties = cloudformation_json["Properties"]
        provider = original_resource.provider
        provider.client_id_list = properties.get("ClientIdList", [])
        provider.thumbprint_list = properties.get("ThumbprintList", [])
        provider.tags = tag_map(properties.get("Tags", []))
        return original_resource

    @classmethod
    def delete_from_cloudformation_json(
        cls, resource_name, cloudformation_json, account_id, region_name
    ):
        iam = iam_backends[account_id][get_partition(region_name)]
        iam.delete_open_id_connect_provider(resource_name)


def install():
    # moto may have listed its resource types before this class existed.
    for cached in (parsing.get_model_list, parsing.get_model_map, parsing.get_name_type_map):
        cached.cache_clear()
