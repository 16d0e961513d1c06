"""List parameters, and AWS::NoValue among the elements of a list."""

from moto.cloudformation import parsing
from moto.cloudformation.models import Stack


def is_list(parameter_type):
    return parameter_type == "CommaDelimitedList" or parameter_type.startswith("List<")


def as_text(value):
    """A parameter's value as CloudFormation shows it, and takes it again."""
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


def install():
    load = parsing.ResourceMap.load_parameters

    # Stock moto splits a given list but not the default of one.
    def load_parameters(self):
        load(self)
        for name, parameter in self._template.get("Parameters", {}).items():
            value = self.resolved_parameters[name]
            if is_list(parameter["Type"]) and isinstance(value, str):
                self.resolved_parameters[name] = value.split(",")
        self._parsed_resources.update(self.resolved_parameters)

    # Stock moto shows a list as "['a', 'b']", and hands that to a request that
    # says UsePreviousValue.
    def stack_parameters(self):
        return {name: as_text(value) for name, value in self.resource_map.resolved_parameters.items()}

    def parameter_list(self):
        hidden = self.resource_map.no_echo_parameter_keys
        return [
            {"ParameterKey": name, "ParameterValue": "****" if name in hidden else value}
            for name, value in self.stack_parameters.items()
        ]

    clean = parsing.clean_json

    # Stock moto leaves None in the place of an omitted element. It calls itself
    # by its global name, hence at every depth this wrapper.
    def clean_json(resource_json, resources_map):
        cleaned = clean(resource_json, resources_map)
        if isinstance(resource_json, list):
            return [value for value in cleaned if value is not None]
        return cleaned

    parsing.ResourceMap.load_parameters = load_parameters
    parsing.clean_json = clean_json
    Stack.stack_parameters = property(stack_parameters)
    Stack.parameter_list = property(parameter_list)
